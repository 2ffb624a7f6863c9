#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tidepool::sim {

// Sleeping that ends at once when the program stops.
class Pause {
 public:
  void sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return stopping_; });
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
};

}  // namespace tidepool::sim
