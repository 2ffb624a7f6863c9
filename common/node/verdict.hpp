// What an error means for the node, its pool and its jobs. Pure; no I/O.
//
//   class                          | the node                         | its pool
//   -------------------------------+----------------------------------+---------------------------
//   quota, no_valid_host           | told to Slurm at once            | rests (cool-off, doubling)
//   bad_request, not_found, auth,  | told to Slurm at once            | rests
//   forbidden                      |                                  |
//   address_in_use                 | tried kAddressTries times, told  | –
//   throttled                      | again after Retry-After          | –
//   server_error, timeout,         | again with back-off until        | –
//   unreachable, busy, conflict    | give_up_after, then told         |
//   a server in ERROR, not quota   | replaced once, then told         | counts as a boot failure
//   boot that never registers      | told after boot_timeout          | counts as a boot failure
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/pool_file.hpp"

namespace tidepool::node {

struct Verdict {
  bool give_up = false;    // tell Slurm, remove what there is
  bool rest_pool = false;  // nobody else needs to run into the same wall
  Millis retry_in{0};      // when !give_up
};

inline constexpr int kAddressTries = 6;

// `attempts`: failures in a row including this one. `waited`: since the node was wanted.
// `patience`: how long a cloud that does not answer is asked again.
Verdict judge(const Error& error, int attempts, Millis waited, Millis patience);

// 1 s, 2 s, 4 s … 30 s. Jitter is the caller's.
Millis back_off(int attempts);

// The rest of a pool after its `step`th failure in a row (0: the first).
Millis rest_for(int step, const Policy& policy);

// The policy's times with slurm.conf's ResumeTimeout put in where the file says 0.
struct Patience {
  Millis boot;     // from ACTIVE to registered
  Millis give_up;  // from wanted to told, for a cloud that does not answer
};
Patience patience_of(const Policy& policy, Millis resume_timeout);

}  // namespace tidepool::node
