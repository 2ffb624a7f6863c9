#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "cloud/clock.hpp"

// Runs functions later, one after another, on a thread of its own.
namespace tidepool::sim {

class Scheduler {
 public:
  Scheduler();
  ~Scheduler();
  // Of two functions due at the same time the one asked for first runs first. The function is
  // called without any lock held; it must not block for long.
  void after(Millis delay, std::function<void()> run);
  void stop();  // forgets what is waiting; returns once the function now running is done

 private:
  using Key = std::pair<std::chrono::steady_clock::time_point, std::uint64_t>;
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, std::function<void()>> waiting_;
  std::uint64_t next_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tidepool::sim
