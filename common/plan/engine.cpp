#include "plan/engine.hpp"

#include <algorithm>

namespace tidepool::plan {
namespace {

constexpr Millis kStuck = std::chrono::hours(24 * 30);  // nothing happened for so long

double cores_ms(double cores, Millis time) {
  return cores * static_cast<double>(time.count());
}
double hours(double core_ms) {
  return core_ms / 3'600'000;
}

}  // namespace

std::string_view to_string(Happens what) {
  switch (what) {
    case Happens::started:
      return "started";
    case Happens::held:
      return "held";
    case Happens::returned:
      return "returned";
    case Happens::requeued:
      return "requeued";
    case Happens::ended:
      return "ended";
  }
  return "ended";
}

Engine::Engine(const Trace& trace, const Model& model, Way way, Watcher watcher)
    : trace_(trace), model_(model), way_(way), watcher_(std::move(watcher)) {
  headroom_ = kept_free(model.reclaim.headroom, model.room);
  prepare();
}

std::size_t Engine::pool_of(const TraceJob& job, const OpportunisticClass* of) const {
  const auto partition = trace_.name(job.partition);
  for (std::size_t p = 0; p < model_.pools.size(); ++p)
    if (!partition.empty() && model_.pools[p].partition == partition) return p;
  // A partition of which the pool file knows nothing: the first pool of its kind.
  for (std::size_t p = 0; p < model_.pools.size(); ++p)
    if (pools_[p].lends == (of != nullptr)) return p;
  return 0;
}

void Engine::prepare() {
  pools_.resize(model_.pools.size());
  for (const auto& c : model_.reclaim.classes) may_lose_ |= c.may_requeue;
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    pools_[p].free = model_.pools[p].nodes;
    for (const auto& c : model_.reclaim.classes)
      pools_[p].lends |=
          c.partitions.empty() || std::find(c.partitions.begin(), c.partitions.end(),
                                            model_.pools[p].partition) != c.partitions.end();
  }
  jobs_.resize(trace_.jobs.size());
  place_.resize(trace_.jobs.size());
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const TraceJob& t = trace_.jobs[i];
    Job& job = jobs_[i];
    job.trace = &t;
    job.of = class_of(model_.reclaim, trace_.name(t.partition), trace_.name(t.qos),
                      trace_.name(t.account));
    job.pool = pool_of(t, job.of);
    const PlanPool& pool = model_.pools[job.pool];
    const auto per_node = static_cast<int>(std::max<std::int64_t>(pool.node.cores, 1));
    job.nodes = std::max(t.nodes, t.cores / per_node + (t.cores % per_node != 0 ? 1 : 0));
    const Amount most = job.of == nullptr ? model_.room : model_.room - headroom_;
    if (job.nodes > pool.nodes || !most.covers(size(job, job.nodes))) {
      job.state = State::ended;
      ++out_.too_large;
      continue;
    }
    ++open_;
    ++(job.of == nullptr ? out_.normal : out_.opportunistic).jobs;
  }
}

Amount Engine::size(const Job& job, std::int64_t nodes) const {
  const Amount& one = model_.pools[job.pool].node;
  return {one.instances * nodes, one.cores * nodes, one.ram_mib * nodes};
}

void Engine::after(Millis time, std::uint32_t job, What what) {
  events_.push({now_ + time, order_++, job, jobs_[job].turn, what});
}

void Engine::wake(Time at) {
  wakes_.insert(at);
}

void Engine::take(const Amount& amount) {
  used_ += amount;
  auto& most = out_.most_used;
  most = {std::max(most.instances, used_.instances), std::max(most.cores, used_.cores),
          std::max(most.ram_mib, used_.ram_mib)};
}

void Engine::give(const Amount& amount) {
  used_ -= amount;
}

void Engine::advance(Time to) {
  const auto passed = to - now_;
  booked_ms_ += cores_ms(static_cast<double>(used_.cores), passed);
  if (moving_ > 0) moving_ms_ += static_cast<double>(passed.count());
  now_ = to;
}

void Engine::handle(const Event& event) {
  if (event.what == What::idle_gone) {
    const auto& one = model_.pools[event.job].node;
    const Amount gone{one.instances * event.turn, one.cores * event.turn, one.ram_mib * event.turn};
    pools_[event.job].free += static_cast<int>(event.turn);
    coming_ -= gone;
    give(gone);
    --moving_;
    return;
  }
  if (event.turn != jobs_[event.job].turn) return;
  last_progress_ = now_;
  switch (event.what) {
    case What::started:
      --moving_;
      return start(event.job);
    case What::ended:
      return end(event.job);
    case What::away:
      return away(event.job);
    case What::back:
      return back(event.job);
    case What::held_too_long:
      return held_too_long(event.job);
    case What::idle_gone:
      return;
  }
}

bool Engine::step() {
  if (open_ == 0) return false;
  std::optional<Time> at;
  const auto soonest = [&](Time t) { at = at ? std::min(*at, t) : t; };
  if (!events_.empty()) soonest(events_.top().at);
  while (next_ < jobs_.size() && jobs_[next_].state == State::ended) ++next_;
  if (next_ < jobs_.size()) soonest(jobs_[next_].trace->submit);
  const bool only_wakes = !at;
  if (!wakes_.empty()) soonest(*wakes_.begin());
  if (!at || (only_wakes && *at - last_progress_ > kStuck)) return false;
  advance(std::max(*at, now_));
  while (!events_.empty() && events_.top().at <= now_) {
    const Event event = events_.top();
    events_.pop();
    handle(event);
  }
  while (next_ < jobs_.size() && jobs_[next_].trace->submit <= now_) {
    if (jobs_[next_].state == State::unsubmitted) submit(static_cast<std::uint32_t>(next_));
    ++next_;
  }
  wakes_.erase(wakes_.begin(), wakes_.upper_bound(now_));
  round();
  return true;
}

Figures Engine::run() {
  if (!jobs_.empty()) out_.begin = jobs_.front().trace->submit;
  now_ = last_progress_ = out_.begin;
  out_.end = out_.begin;
  while (step()) {
  }
  return finish();
}

Figures Engine::finish() {
  out_.way = way_;
  out_.stuck = open_;
  JobFigures* kinds[] = {&out_.normal, &out_.opportunistic};
  for (std::size_t k = 0; k < 2; ++k) {
    kinds[k]->done_core_hours = hours(done_ms_[k]);
    kinds[k]->lost_core_hours = hours(lost_ms_[k]);
    kinds[k]->wait = spread_of(std::move(waits_[k]));
    kinds[k]->stretch = spread_of(std::move(stretches_[k]));
  }
  out_.ran_core_hours = hours(ran_ms_);
  out_.booked_core_hours = hours(booked_ms_);
  std::int64_t cores = 0;
  for (const auto& pool : model_.pools) cores += pool.node.cores * pool.nodes;
  cores = std::min(cores, model_.room.cores);
  const double all = cores_ms(static_cast<double>(cores), out_.end - out_.begin);
  if (all > 0) out_.goodput = (done_ms_[0] + done_ms_[1]) / all;
  for (const auto& job : jobs_) out_.most_holds = std::max(out_.most_holds, job.holds);
  if (out_.opportunistic.jobs > 0)
    out_.holds_per_job =
        static_cast<double>(out_.holds) / static_cast<double>(out_.opportunistic.jobs);
  out_.held = spread_of(std::move(held_));
  const auto polls = [](double ms, Millis poll) {
    return poll.count() <= 0 ? 0
                             : static_cast<std::int64_t>(ms / static_cast<double>(poll.count()));
  };
  out_.listings += polls(moving_ms_, model_.poll_moving);
  if (model_.reclaim.headroom.given() && way_ != Way::none)
    out_.listings +=
        polls(static_cast<double>((out_.end - out_.begin).count()), model_.reclaim.poll);
  return std::move(out_);
}

}  // namespace tidepool::plan
