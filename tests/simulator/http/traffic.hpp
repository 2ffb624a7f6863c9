#pragma once
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "cloud/clock.hpp"

// What holds for all API traffic: added latency, a rate limit, an outage. Thread-safe.
namespace tidepool::sim {

class Traffic {
 public:
  Millis latency();
  void set_latency(Millis latency);
  // Requests per second (a bucket that holds one second's worth); 0 is no limit.
  void set_rate(double per_second);
  double rate();
  // Takes one request out of the bucket. When it is empty: after how many whole seconds to retry.
  std::optional<int> throttle();
  // "" (none), "503", "reset" (connections are reset) or "refuse" (nobody listens).
  std::string outage();
  void set_outage(const std::string& mode, std::optional<Millis> time);

 private:
  using Steady = std::chrono::steady_clock;
  std::mutex mutex_;
  Millis latency_{0};
  double rate_ = 0, tokens_ = 0;
  Steady::time_point filled_;
  std::string outage_;
  std::optional<Steady::time_point> outage_end_;
};

}  // namespace tidepool::sim
