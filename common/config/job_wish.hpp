// JobWish: what a job's owner asks for when its node is to be held, as the job carries it.
//
// The job's admin_comment has it as one word, which job_submit_tidepool puts at its end and which
// every release of Slurm keeps and shows:
//
//   tidepool:hold-mode=suspend,requeue;max-held=86400s
//   tidepool:no-hold
//
// The word begins with "tidepool:" and ends at a blank or at the end. Its fields, separated by ";":
// hold-mode=MODE[,MODE...], max-held=SECONDSs, no-hold. Any other text around it is not ours and is
// kept. A note for people such as "tidepool: held since ..." is no wish: a blank follows the colon.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/hold_mode.hpp"

namespace tidepool {

using Seconds = std::chrono::seconds;

struct JobWish {
  std::vector<HoldMode> modes;      // first choice first; empty: the pool's
  std::optional<Seconds> max_held;  // nullopt: the pool's; the pool's limit holds all the same
  bool no_hold = false;             // the job must not be held at all

  bool empty() const { return modes.empty() && !max_held && !no_hold; }
  bool operator==(const JobWish&) const = default;
};

inline constexpr Seconds kLongestHeld{3650LL * 86'400};  // ten years

// The value of --max-held: a duration such as 90m or 24h, of whole seconds, at most kLongestHeld.
Result<Seconds> parse_max_held(std::string_view text);

// What two options together say wrongly (no_hold and another); empty: nothing.
std::string contradiction_in(const JobWish& wish);

struct ReadWish {
  JobWish wish;                     // what could be understood
  std::vector<std::string> faults;  // what could not, for the log
};

// Of any text. Without a wish in it: an empty wish and no faults. Of several the last one counts.
// What cannot be read is left out and named, so that a no-hold beside it still counts.
ReadWish read_job_wish(std::string_view admin_comment);

// The text with the wish at its end in place of any that it had; an empty wish only takes it out.
std::string with_job_wish(std::string_view admin_comment, const JobWish& wish);

// "tidepool:hold-mode=suspend;max-held=60s"; empty for an empty wish.
std::string format_job_wish(const JobWish& wish);

}  // namespace tidepool
