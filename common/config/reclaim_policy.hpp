// reclaim: of the pool file: which jobs are opportunistic, what of the cloud's quota stays free,
// and how jobs step aside and come back. docs/pool-file.md describes every key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/hold_mode.hpp"

namespace tidepool {

// Room in the cloud.
struct Amount {
  std::int64_t instances = 0;
  std::int64_t cores = 0;
  std::int64_t ram_mib = 0;
  bool operator==(const Amount&) const = default;

  bool none() const { return instances <= 0 && cores <= 0 && ram_mib <= 0; }
  // Is it at least `other`, in each of the three?
  bool covers(const Amount& other) const {
    return instances >= other.instances && cores >= other.cores && ram_mib >= other.ram_mib;
  }
  Amount& operator+=(const Amount& o) {
    instances += o.instances, cores += o.cores, ram_mib += o.ram_mib;
    return *this;
  }
  Amount& operator-=(const Amount& o) {
    instances -= o.instances, cores -= o.cores, ram_mib -= o.ram_mib;
    return *this;
  }
};
inline Amount operator+(Amount a, const Amount& b) {
  return a += b;
}
inline Amount operator-(Amount a, const Amount& b) {
  return a -= b;
}
// Stands for "no limit"; sums of a few of them do not overflow.
inline constexpr std::int64_t kPlenty = std::int64_t{1} << 50;
// "6 instances, 24 cores, 48 GiB"; zeros are left out; "nothing".
std::string to_string(const Amount& amount);

// One of headroom:'s values: 64, 256G, or 10% of the quota's limit.
struct Share {
  std::int64_t absolute = 0;
  int per_cent = 0;  // 0..100; then `absolute` is 0
  bool operator==(const Share&) const = default;
};

struct Headroom {  // all zero: none
  Share instances, cores, ram_mib;
  bool given() const { return !(*this == Headroom{}); }
  bool operator==(const Headroom&) const = default;
};

// What must stay free of a quota with these limits (kPlenty: unlimited, of which nothing need be
// kept free in per cent). Per cents are rounded up.
Amount kept_free(const Headroom& headroom, const Amount& limits);

// Which book must show the freed room. Weakest first: what frees placement's frees the
// hypervisor's too.
enum class Book {
  hypervisor,  // its real CPU and memory: every mode but pause frees both
  placement,   // the scheduler's room: what others need to start a server there
  quota        // the project's: what we need to start one ourselves
};
std::string_view to_string(Book book);
std::optional<Book> book_of(std::string_view word);

// Opportunistic jobs. A job belongs to the first class that it matches; an empty list matches all,
// but not all three are empty.
struct OpportunisticClass {
  std::string name;
  std::vector<std::string> partitions, qos, accounts;
  int priority = 0;                // higher: steps aside later
  std::vector<HoldMode> modes;     // first choice first; empty: the job's and the pool's
  Millis min_run{600'000};         // since it started or came back, before it steps aside (again)
  int max_holds = 0;               // for reclaims, per job; then it is left alone; 0: no limit
  bool may_requeue = false;        // its work may be lost when no mode frees what is needed
  std::optional<Millis> max_held;  // nullopt: the pool's
  int line = 0;                    // for messages
};

// A time of the week, local time. "22:00-06:00", "Mon-Fri 08:00-18:00", "Sat,Sun 00:00-24:00".
struct QuietHours {
  unsigned days = 127;                 // bit 0: Monday; the day on which it begins
  int from_minute = 0, to_minute = 0;  // of the day, 0..1440; to <= from: until the next day's
  bool operator==(const QuietHours&) const = default;
};
bool is_quiet(const std::vector<QuietHours>& hours, Time at);
Result<QuietHours> parse_quiet_hours(std::string_view text);
std::string to_string(const QuietHours& hours);  // as parse_quiet_hours() reads it

// MiB of "256G", "512M" or "2T"; nullopt: no such size, or none at all.
std::optional<std::int64_t> mebibytes_of(std::string_view text);
// "64", "10%"; with `ram`: "256G", "10%"
std::string to_string(const Share& share, bool ram);

struct ReclaimSection {                     // reclaim:
  std::vector<OpportunisticClass> classes;  // opportunistic:
  Headroom headroom;
  Millis poll{60'000};     // between two looks at the quota while nothing is under way
  Millis settle{120'000};  // how long room must have been there before jobs come back to it
  Millis keep{900'000};    // how long reclaimed room is kept for whoever asked from outside
  // In these hours no job steps aside for headroom, and none comes back. People, drop folder and
  // Slurm's own jobs get their room at any time.
  std::vector<QuietHours> quiet_hours;
  // Where others ask for room without any rights of ours: a file in it is a request. Empty: none.
  std::filesystem::path drop_folder;
  bool for_jobs = true;  // when a node of a normal job finds no room
  bool given = false;
  int line = 0;  // for messages
};

// nullptr: not opportunistic.
const OpportunisticClass* class_of(const ReclaimSection& reclaim, std::string_view partition,
                                   std::string_view qos, std::string_view account);

}  // namespace tidepool
