#include "node/verdict.hpp"

#include <algorithm>

namespace tidepool::node {

Millis back_off(int attempts) {
  const int doublings = std::clamp(attempts - 1, 0, 5);
  return std::min(Millis(1000) * (1 << doublings), Millis(30'000));
}

Verdict judge(const Error& error, int attempts, Millis waited, Millis patience) {
  switch (error.kind) {
    case ErrorKind::quota:
    case ErrorKind::no_valid_host:
    case ErrorKind::bad_request:
    case ErrorKind::not_found:
    case ErrorKind::auth:
    case ErrorKind::forbidden:
      return {.give_up = true, .rest_pool = true};
    case ErrorKind::address_in_use:
      if (attempts >= kAddressTries) return {.give_up = true};
      return {.retry_in = back_off(attempts)};
    case ErrorKind::conflict:
      return {.retry_in = Millis(500)};
    case ErrorKind::invalid:
    case ErrorKind::internal:
      return {.give_up = true};
    case ErrorKind::throttled:
    case ErrorKind::server_error:
    case ErrorKind::timeout:
    case ErrorKind::unreachable:
    case ErrorKind::busy:
    case ErrorKind::io:
    case ErrorKind::disk_full:
      break;
  }
  if (waited >= patience) return {.give_up = true};
  Millis wait = back_off(attempts);
  if (error.retry_after) wait = std::max(wait, Millis(*error.retry_after));
  return {.retry_in = wait};
}

Millis rest_for(int step, const Policy& policy) {
  const int doublings = std::clamp(step, 0, 16);
  return std::min(policy.cool_off * (1 << doublings), policy.cool_off_max);
}

Patience patience_of(const Policy& policy, Millis resume_timeout) {
  Patience p;
  p.boot = policy.boot_timeout.count() > 0 ? policy.boot_timeout : resume_timeout;
  // Before slurmctld's own ResumeTimeout strikes, so that the Reason is ours and readable.
  p.give_up = policy.give_up_after.count() > 0 ? policy.give_up_after : resume_timeout * 8 / 10;
  return p;
}

}  // namespace tidepool::node
