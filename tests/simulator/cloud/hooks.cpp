#include "cloud/hooks.hpp"

#include <signal.h>

#include <utility>

#include "cloud/spawn.hpp"

namespace tidepool::sim {

Hooks::Hooks(std::string program, int limit, Millis timeout)
    : program_(std::move(program)), timeout_(timeout) {
  for (int i = 0; enabled() && i < limit; ++i) threads_.emplace_back([this] { loop(); });
}

Hooks::~Hooks() {
  stop(Millis(0));
}

void Hooks::run(HookCall call, Done done) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  const std::string server = call.server_id;
  const auto [queue, idle] = queues_.try_emplace(server);
  queue->second.push_back({std::move(call), std::move(done)});
  ++unfinished_;
  if (idle) ready_.push_back(server);
  changed_.notify_one();
}

std::size_t Hooks::unfinished() {
  const std::lock_guard lock(mutex_);
  return unfinished_;
}

std::vector<HookRecord> Hooks::history() {
  const std::lock_guard lock(mutex_);
  return {history_.begin(), history_.end()};
}

// A server is in queues_ for as long as it has work; it is in ready_ only while no thread does it.
void Hooks::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
    if (stopping_) return;
    const std::string server = ready_.front();
    ready_.pop_front();
    Job job = std::move(queues_[server].front());
    queues_[server].pop_front();
    lock.unlock();

    HookRecord record;
    record.started = wall_now();
    const SpawnResult ended = spawn_and_wait(
        {program_, job.call.event, job.call.server_id, job.call.name, job.call.address},
        job.call.json, timeout_,
        [this](int group) {
          const std::lock_guard guard(mutex_);
          running_.insert(group);
        },
        [this](int group) {
          const std::lock_guard guard(mutex_);
          running_.erase(group);
        });
    record.finished = wall_now();
    record.result = {ended.status == 0, ended.status, ended.output};
    record.call = job.call;
    record.call.json.clear();
    job.done(record.result);

    lock.lock();
    record.number = ++count_;
    history_.push_back(std::move(record));
    if (history_.size() > 10000) history_.pop_front();
    --unfinished_;
    if (queues_[server].empty()) {
      queues_.erase(server);
    } else {
      ready_.push_back(server);
      changed_.notify_one();
    }
    changed_.notify_all();
  }
}

void Hooks::stop(Millis grace) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, grace, [this] { return running_.empty(); });
    for (const int group : running_) kill(-group, SIGKILL);
  }
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace tidepool::sim
