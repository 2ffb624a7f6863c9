// Wall-clock time as the store keeps it, and durations as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidepool {

using Millis = std::chrono::milliseconds;
// Milliseconds since the epoch, UTC. What the store keeps and what crosses processes.
using Time = std::chrono::time_point<std::chrono::system_clock, Millis>;

Time now();
std::int64_t to_millis(Time time);
Time from_millis(std::int64_t ms);

// "2026-11-25T20:09:00Z"
std::string format_time(Time time);
// Reads ISO 8601 in UTC as OpenStack writes it: "2026-11-25T20:09:00Z", with or without
// fractions of a second, with or without the Z.
Result<Time> parse_time(std::string_view text);

// "250ms", "30s", "10m", "24h", "7d"; a bare number is seconds. Negative and overflowing values
// are errors.
Result<Millis> parse_duration(std::string_view text);
// The shortest of those forms that is exact: 90s, 2m, 24h.
std::string format_duration(Millis duration);
// For people, about two digits: "45 s", "12 min", "3 h", "2 d".
std::string rough_duration(Millis duration);

}  // namespace tidepool
