#pragma once
#include <chrono>
#include <optional>
#include <string>

// Time as the services print it, and durations as people write them.
namespace tidepool::sim {

using WallTime = std::chrono::system_clock::time_point;
using Millis = std::chrono::milliseconds;

inline WallTime wall_now() {
  return std::chrono::system_clock::now();
}

// "2026-11-22T16:12:01Z": nova's created/updated, neutron, glance.
std::string iso_seconds(WallTime t);
// "2026-11-22T16:12:01.000000": nova's launched_at and instance actions (no zone, always whole
// seconds, as its database column holds no fractions).
std::string iso_database(WallTime t);
// "2026-11-22T16:12:01.000000Z": keystone's issued_at and expires_at.
std::string iso_keystone(WallTime t);

// Reads nova's changes-since forms: "2026-11-22T16:12:01Z", with or without zone, space for T.
std::optional<WallTime> parse_iso(const std::string& text);

// "50ms", "2s", "1.5" (seconds), "3m". Nothing for anything else, or for a negative duration.
std::optional<Millis> parse_duration(const std::string& text);

}  // namespace tidepool::sim
