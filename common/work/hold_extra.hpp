// A hold in the Extra of its nodes, in slurmctld's state: what is left of it when the store is
// lost.
//   tidepool-hold id=3 jobs=12,13 addr=10.1.2.3 mode=suspend server=UUID boot=1764500000
//   slurmd=1764500001 reclaim=5
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/hold_record.hpp"

namespace tidepool {

// What one node's Extra says.
struct HoldExtra {
  std::int64_t id = 0;
  std::vector<std::int64_t> jobs;
  HoldMode mode = HoldMode::suspend;
  std::int64_t reclaim = 0;  // the request for which it stepped aside; 0: none
  HoldNode node;  // address, server_id, boot_time_s, slurmd_start_s; the name is not in it
};

std::string format_extra(const HoldRecord& hold, const HoldNode& node);
// nullopt: no hold's, or not to be read.
std::optional<HoldExtra> parse_extra(std::string_view text);
// Is it this hold's?
bool is_extra_of(std::string_view text, std::int64_t hold_id);

}  // namespace tidepool
