// What people read about a hold outside of tidepool: node Reasons and jobs' admin_comments.
#pragma once

#include <string>
#include <string_view>

#include "store/hold_record.hpp"

namespace tidepool {

// "tidepool: hold 3 (suspend): job 12"; with an outcome: "tidepool: hold 3: <outcome>: job 12".
std::string hold_reason(const HoldRecord& hold);
// "; stepped aside for request 5, returns when there is room"; empty: not for one.
std::string for_request(const HoldRecord& hold);
// "jobs 12, 13"
std::string jobs_of(const HoldRecord& hold);
std::vector<std::string> nodes_of(const HoldRecord& hold);
std::vector<std::int64_t> job_ids(const HoldRecord& hold);

// A job's admin_comment with our note in front, in place of an earlier one; what others wrote
// stays.
// "[tidepool hold 3: held since 2026-11-30T12:00:00Z, mode suspend] <theirs>"
std::string with_hold_note(std::string_view admin_comment, std::int64_t hold_id,
                           std::string_view note);

}  // namespace tidepool
