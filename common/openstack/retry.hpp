// When a request is sent again, and after how long.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tidepool::openstack {

// Retry-After: seconds or an HTTP date (RFC 9110), capped at 300 s; nullopt when it is neither.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, Time now);

// How often and how patiently. Pure: the caller sleeps.
struct RetryPolicy {
  int attempts = 4;       // the first one included
  Millis base{250};       // doubled each time
  Millis longest{5'000};  // of our own waits
  // A Retry-After beyond this is the caller's to wait for, who has other things to do.
  std::chrono::seconds patience{10};

  // The wait before attempt `made + 1` after `error`; nullopt: give up. `dice` in [0, 1) spreads
  // clients that failed together over the upper half of the wait.
  std::optional<Millis> wait(const Error& error, int made, double dice) const;
};

// Broken connections, 429 and 502-504: the service did not get to the request, or will soon be
// back. For requests that are safe to repeat.
bool worth_repeating(const Error& error);

}  // namespace tidepool::openstack
