#include "openstack/retry.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

namespace tidepool::openstack {
namespace {
constexpr std::chrono::seconds kCap{300};
}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, Time now) {
  long seconds = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, seconds);
  if (parsed.ec == std::errc::result_out_of_range && value.front() != '-') return kCap;
  if (parsed.ec == std::errc() && parsed.ptr == end) {
    if (seconds < 0) return std::nullopt;
    return std::min(std::chrono::seconds(seconds), kCap);
  }
  std::tm tm{};
  const std::string copy(value);
  // IMF-fixdate; strptime's names are English in the C locale, which we never leave.
  const char* rest = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &tm);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  const Time then = from_millis(static_cast<std::int64_t>(::timegm(&tm)) * 1000);
  const auto left = std::chrono::ceil<std::chrono::seconds>(then - now);
  return std::clamp(left, std::chrono::seconds(0), kCap);
}

bool worth_repeating(const Error& error) {
  if (error.kind == ErrorKind::unreachable || error.kind == ErrorKind::throttled) return true;
  // Broken off without an answer: only requests that may be repeated come here.
  if (error.kind == ErrorKind::server_error && error.http_status == 0) return true;
  return error.http_status >= 502 && error.http_status <= 504;
}

std::optional<Millis> RetryPolicy::wait(const Error& error, int made, double dice) const {
  if (made >= attempts || !worth_repeating(error)) return std::nullopt;
  Millis pause = std::min(longest, base * (1 << std::min(made - 1, 16)));
  pause = pause / 2 + std::chrono::duration_cast<Millis>(pause / 2 * dice);
  if (error.retry_after) {
    if (*error.retry_after > patience) return std::nullopt;
    pause = std::max<Millis>(pause, *error.retry_after);
  }
  return pause;
}

}  // namespace tidepool::openstack
