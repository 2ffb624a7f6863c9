// Jobs of the past (or invented ones) that `tidepool simulate` replays. Two formats are read: what
// `sacct -P` prints, with its head line, and SWF, the Standard Workload Format of the Parallel
// Workloads Archive. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/diagnostic.hpp"

namespace tidepool::plan {

struct TraceJob {
  std::int64_t id = 0;
  Time submit{};
  Millis run{0};                                      // how long it needs to run, undisturbed; > 0
  int cores = 0;                                      // > 0
  int nodes = 0;                                      // 0: not known; as many as its cores need
  std::uint32_t partition = 0, qos = 0, account = 0;  // Trace::names
};

struct Trace {
  std::vector<TraceJob> jobs;          // by time of submission, then id
  std::vector<std::string> names{""};  // no two equal; [0] is "not known"
  std::size_t never_ran = 0;           // cancelled before they started: left out

  std::string_view name(std::uint32_t index) const { return names[index]; }
};

inline constexpr std::size_t kLargestTrace = std::size_t{2} << 30;  // bytes
inline constexpr std::size_t kMostFaults = 20;                      // the others are only counted

// Reads either format; which one, the first line tells that is not empty: SWF begins with ';' or a
// number, sacct with its head. Every bad line is a fault in `faults` (the first kMostFaults; then
// one that counts the rest) and left out.
Trace read_trace(std::string_view text, const std::string& file, std::vector<Diagnostic>& faults);

// The readers of one format.
class TraceMaker {
 public:
  TraceMaker(const std::string& file, std::vector<Diagnostic>& faults)
      : file_(file), faults_(faults) {}
  std::uint32_t index(std::string_view name);
  void add(const TraceJob& job) { trace_.jobs.push_back(job); }
  void never_ran() { ++trace_.never_ran; }
  void fault(std::size_t line, const std::string& key, std::string what, std::string fix = {});
  Trace finish();  // sorts

 private:
  const std::string& file_;
  std::vector<Diagnostic>& faults_;
  Trace trace_;
  std::unordered_map<std::string, std::uint32_t> known_{{"", 0}};
  std::size_t count_ = 0;
};
void read_swf(std::string_view text, TraceMaker& into);
void read_sacct(std::string_view text, TraceMaker& into);

// Cuts the next line off `text`, without its end.
std::string_view next_line(std::string_view& text);

}  // namespace tidepool::plan
