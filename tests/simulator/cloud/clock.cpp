#include "cloud/clock.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace tidepool::sim {
namespace {

std::string print(WallTime t, const char* suffix) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return std::string(text) + suffix;
}

}  // namespace

std::string iso_seconds(WallTime t) {
  return print(t, "Z");
}
std::string iso_database(WallTime t) {
  return print(t, ".000000");
}
std::string iso_keystone(WallTime t) {
  return print(t, ".000000Z");
}

std::optional<WallTime> parse_iso(const std::string& text) {
  std::tm utc{};
  char separator = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
                  &separator, &utc.tm_hour, &utc.tm_min, &utc.tm_sec) != 7 ||
      (separator != 'T' && separator != ' '))
    return std::nullopt;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return std::chrono::system_clock::from_time_t(timegm(&utc));
}

std::optional<Millis> parse_duration(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(number >= 0) || number > 1e9) return std::nullopt;
  const std::string unit = end;
  double factor = 0;
  if (unit.empty() || unit == "s")
    factor = 1000;
  else if (unit == "ms")
    factor = 1;
  else if (unit == "m")
    factor = 60000;
  else
    return std::nullopt;
  return Millis(static_cast<long long>(number * factor + 0.5));
}

}  // namespace tidepool::sim
