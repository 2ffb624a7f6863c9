#include "cloud/scheduler.hpp"

#include <utility>

namespace tidepool::sim {

Scheduler::Scheduler() : thread_([this] { loop(); }) {}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::after(Millis delay, std::function<void()> run) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  waiting_.emplace(Key{std::chrono::steady_clock::now() + delay, next_++}, std::move(run));
  changed_.notify_one();
}

void Scheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Scheduler::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = waiting_.begin();
    if (first->first.first > std::chrono::steady_clock::now()) {
      const auto due = first->first.first;
      changed_.wait_until(lock, due);
      continue;
    }
    const auto run = std::move(first->second);
    waiting_.erase(first);
    lock.unlock();
    run();
    lock.lock();
  }
  waiting_.clear();
}

}  // namespace tidepool::sim
