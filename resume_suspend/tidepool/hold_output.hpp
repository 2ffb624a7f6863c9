// Holds as `status`, `hold` and `release` print them, and waiting for them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "setup.hpp"

namespace tidepool {

// One object; times are ISO 8601 or null.
nlohmann::ordered_json hold_json(const PoolFile& pools, const HoldRecord& hold);

// A table; nothing at all when there is none.
void print_holds(const PoolFile& pools, const std::vector<HoldRecord>& holds);

// "hold 3 (job 12 of bob on osg-[001-002])"
std::string hold_in_words(const HoldRecord& hold);

enum class HoldGoal { held, back };

// Looks at the store until each hold is where it shall be, or has ended otherwise, or the time is
// over; shows how far they are meanwhile. Prints the end state: an array with `json`. The exit
// code.
int wait_for_holds(Setup& setup, const std::vector<std::int64_t>& ids, HoldGoal goal, int timeout_s,
                   bool json);

}  // namespace tidepool
