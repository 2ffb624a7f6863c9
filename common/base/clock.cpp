#include "base/clock.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <ctime>
#include <limits>
#include <utility>

namespace tidepool {
namespace {
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
}  // namespace

Time now() {
  return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
}
std::int64_t to_millis(Time time) {
  return time.time_since_epoch().count();
}
Time from_millis(std::int64_t ms) {
  return Time(Millis(ms));
}

std::string format_time(Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm tm{};
  ::gmtime_r(&seconds, &tm);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

Result<Time> parse_time(std::string_view text) {
  const std::string copy(text);
  std::tm tm{};
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
  if (rest == nullptr)
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a time like 2026-01-31T12:00:00Z", text));
  if (*rest == '.') {
    ++rest;
    while (*rest >= '0' && *rest <= '9') ++rest;
  }
  const std::string_view tail(rest);
  if (!tail.empty() && tail != "Z" && tail != "+00:00")
    return fail(ErrorKind::invalid, fmt::format("'{}' is not a time in UTC", text));
  return from_millis(static_cast<std::int64_t>(::timegm(&tm)) * 1000);
}

Result<Millis> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto bad = [&] {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a duration; write 250ms, 30s, 10m, 24h or 7d", text));
  };
  if (ec != std::errc() || number < 0) return bad();
  std::int64_t factor = unit.empty() ? 1000 : 0;
  for (const auto& [name, value] : kUnits)
    if (unit == name) factor = value;
  if (factor == 0 || number > std::numeric_limits<std::int64_t>::max() / factor) return bad();
  return Millis(number * factor);
}

std::string format_duration(Millis duration) {
  const std::int64_t ms = duration.count();
  if (ms == 0) return "0s";
  for (const auto& [name, value] : kUnits)
    if (ms % value == 0) return fmt::format("{}{}", ms / value, name);
  return fmt::format("{}ms", ms);
}

std::string rough_duration(Millis duration) {
  const double s = static_cast<double>(duration.count()) / 1000;
  if (s < 10) return fmt::format("{:.1f} s", s);
  if (s < 120) return fmt::format("{:.0f} s", s);
  if (s < 7200) return fmt::format("{:.0f} min", s / 60);
  if (s < 172'800) return fmt::format("{:.0f} h", s / 3600);
  return fmt::format("{:.0f} d", s / 86'400);
}

}  // namespace tidepool
