// The scheduler: first in, first out, with room-filling behind the first that does not fit.
#include <algorithm>

#include "plan/engine.hpp"

namespace tidepool::plan {
namespace {

constexpr int kDepth = 100;                          // jobs looked at behind the first
constexpr Millis kPatience = std::chrono::hours(1);  // then nobody overtakes the first any more

std::size_t kind(const void* opportunistic_class) {
  return opportunistic_class == nullptr ? 0 : 1;
}
double core_ms(int cores, Millis time) {
  return static_cast<double>(cores) * static_cast<double>(time.count());
}

}  // namespace

void Engine::submit(std::uint32_t index) {
  last_progress_ = now_;
  enqueue(index);
}

void Engine::enqueue(std::uint32_t index) {
  Job& job = jobs_[index];
  job.state = State::pending;
  auto& pool = pools_[job.pool];
  (job.of == nullptr ? pool.normal : pool.opportunistic).emplace(job.trace->submit, index);
}

// What opportunistic servers may still take: not the headroom, nothing of what was promised to a
// request, nor what held jobs need to come back.
Amount Engine::for_opportunistic() const {
  return room() - headroom_ - promised_ - held_need_;
}

bool Engine::may_start(const Job& job, const PoolState& pool) const {
  if (job.nodes > pool.free) return false;
  if (job.of == nullptr) return true;  // Slurm knows nothing of the room
  const auto there = static_cast<std::int64_t>(pool.idle.size());
  const auto make = std::max<std::int64_t>(job.nodes - there, 0);
  return make == 0 || for_opportunistic().covers(size(job, make));
}

void Engine::schedule(bool opportunistic) {
  for (auto& pool : pools_)
    schedule_line(pool, opportunistic ? pool.opportunistic : pool.normal, opportunistic);
}

void Engine::schedule_line(PoolState& pool, Line& line, bool opportunistic) {
  bool first = true;
  int looked_at = 0;
  for (auto it = line.begin(); it != line.end() && pool.free > 0 && looked_at <= kDepth;) {
    if (opportunistic && pool.idle.empty()) {
      const Amount left = for_opportunistic();
      if (left.instances <= 0 || left.cores <= 0 || left.ram_mib <= 0) return;
    }
    const auto index = it->second;
    if (may_start(jobs_[index], pool)) {
      it = line.erase(it);
      allocate(index, pool);
      continue;
    }
    if (first && now_ - it->first > kPatience) return;
    first = false;
    ++looked_at;
    ++it;
  }
}

void Engine::allocate(std::uint32_t index, PoolState& pool) {
  Job& job = jobs_[index];
  pool.free -= job.nodes;
  const int there = std::min(job.nodes, static_cast<int>(pool.idle.size()));
  pool.idle.erase(pool.idle.end() - there, pool.idle.end());
  job.created = job.nodes - there;
  ++job.turn;
  if (job.created == 0) return start(index);
  job.wanted = now_;
  if (job.of != nullptr) return boot(index);
  job.state = State::waiting;
  promised_ += size(job, job.created);
  requests_.push_back(index);
}

void Engine::boot(std::uint32_t index) {
  Job& job = jobs_[index];
  take(size(job, job.created));
  job.state = State::booting;
  out_.api_calls += job.created;
  ++moving_;
  after(model_.boot, index, What::started);
}

void Engine::start(std::uint32_t index) {
  Job& job = jobs_[index];
  if (!job.ran) waits_[kind(job.of)].push_back(now_ - job.trace->submit);
  job.ran = true;
  job.state = State::running;
  job.since = now_;
  if (job.of != nullptr) {
    place_[index] = static_cast<std::uint32_t>(runs_.size());
    runs_.push_back(index);
  }
  ++job.turn;
  after(job.trace->run - job.done, index, What::ended);
  if (watcher_) watcher_(now_, Happens::started, *job.trace);
}

// Its work until now is put down; it is no candidate any more.
void Engine::stop_running(Job& job) {
  const auto ran = now_ - job.since;
  job.done += ran;
  ran_ms_ += core_ms(job.trace->cores, ran);
  ++job.turn;
  if (job.of == nullptr) return;
  const auto index = static_cast<std::uint32_t>(&job - jobs_.data());
  const auto last = runs_.back();
  runs_[place_[index]] = last;
  place_[last] = place_[index];
  runs_.pop_back();
}

void Engine::end(std::uint32_t index) {
  Job& job = jobs_[index];
  stop_running(job);
  job.state = State::ended;
  --open_;
  const auto k = kind(job.of);
  done_ms_[k] += core_ms(job.trace->cores, job.done);
  stretches_[k].push_back(now_ - job.trace->submit - job.trace->run);
  ++(k == 0 ? out_.normal : out_.opportunistic).ended;
  out_.end = now_;
  free_nodes(job, true);
  if (watcher_) watcher_(now_, Happens::ended, *job.trace);
}

void Engine::free_nodes(Job& job, bool with_servers) {
  auto& pool = pools_[job.pool];
  pool.free += job.nodes;
  if (!with_servers) return;
  pool.idle.insert(pool.idle.end(), static_cast<std::size_t>(job.nodes), now_);
  wake(now_ + model_.idle);
}

void Engine::remove_idle(std::size_t pool, int count) {
  const auto& one = model_.pools[pool].node;
  pools_[pool].free -= count;  // powering down: not for the next job
  coming_ += {one.instances * count, one.cores * count, one.ram_mib * count};
  out_.api_calls += count;
  ++moving_;
  events_.push({now_ + model_.remove, order_++, static_cast<std::uint32_t>(pool),
                static_cast<std::uint32_t>(count), What::idle_gone});
}

// SuspendTime is over.
void Engine::put_idle_away() {
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    auto& idle = pools_[p].idle;
    int count = 0;
    for (; !idle.empty() && idle.front() + model_.idle <= now_; ++count) idle.pop_front();
    if (count > 0) remove_idle(p, count);
  }
}

void Engine::lose(std::uint32_t index) {
  Job& job = jobs_[index];
  lost_ms_[kind(job.of)] += core_ms(job.trace->cores, job.done);
  job.done = Millis(0);
  ++job.turn;
  ++out_.requeues;
  free_nodes(job, false);
  enqueue(index);
  if (watcher_) watcher_(now_, Happens::requeued, *job.trace);
}

}  // namespace tidepool::plan
