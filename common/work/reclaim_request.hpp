// A request for room in people's words: the options of `tidepool reclaim`, the keys of a drop file.
#pragma once

#include <string>
#include <string_view>

#include "config/reclaim_policy.hpp"
#include "store/reclaim_record.hpp"

namespace tidepool {

// How long room is looked for when nobody says: a request that cannot be met must not keep those
// who stepped aside away for good.
inline constexpr Millis kReclaimDeadline{600'000};

// Nothing needed yet; keep and deadline as when nobody says.
ReclaimRecord new_request(const ReclaimSection& rules, std::string by, Time at);

// One of cores, ram (64G), nodes, from (a partition), book, keep, deadline. invalid: no such key,
// or the value is none of its kind; the message names both.
Result<void> set_word(ReclaimRecord& request, std::string_view key, std::string_view value);

// invalid: nothing is asked for.
Result<void> check_request(const ReclaimRecord& request);

}  // namespace tidepool
