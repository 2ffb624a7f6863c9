#include "http/traffic.hpp"

#include <algorithm>
#include <cmath>

namespace tidepool::sim {

Millis Traffic::latency() {
  const std::lock_guard lock(mutex_);
  return latency_;
}

void Traffic::set_latency(Millis latency) {
  const std::lock_guard lock(mutex_);
  latency_ = latency;
}

void Traffic::set_rate(double per_second) {
  const std::lock_guard lock(mutex_);
  rate_ = per_second;
  tokens_ = std::max(1.0, per_second);
  filled_ = Steady::now();
}

double Traffic::rate() {
  const std::lock_guard lock(mutex_);
  return rate_;
}

std::optional<int> Traffic::throttle() {
  const std::lock_guard lock(mutex_);
  if (rate_ <= 0) return std::nullopt;
  const auto now = Steady::now();
  const double passed = std::chrono::duration<double>(now - filled_).count();
  tokens_ = std::min(std::max(1.0, rate_), tokens_ + passed * rate_);
  filled_ = now;
  if (tokens_ >= 1) {
    tokens_ -= 1;
    return std::nullopt;
  }
  return std::max(1, static_cast<int>(std::ceil((1 - tokens_) / rate_)));
}

std::string Traffic::outage() {
  const std::lock_guard lock(mutex_);
  if (outage_end_ && Steady::now() >= *outage_end_) {
    outage_.clear();
    outage_end_.reset();
  }
  return outage_;
}

void Traffic::set_outage(const std::string& mode, std::optional<Millis> time) {
  const std::lock_guard lock(mutex_);
  outage_ = mode;
  outage_end_.reset();
  if (time) outage_end_ = Steady::now() + *time;
}

}  // namespace tidepool::sim
