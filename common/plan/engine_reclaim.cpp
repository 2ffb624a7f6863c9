// Room: who gets it, who steps aside for it, who comes back to it.
#include <algorithm>

#include "plan/engine.hpp"

namespace tidepool::plan {
namespace {

constexpr Millis kTryAgain{60'000};  // as much as not enough could step aside for
// Of those that are held, the first so many are offered to choose_returns(): more never come back
// at once.
constexpr std::size_t kOffered = 256;

Amount lacking(const Amount& need, const Amount& have) {
  const Amount left = need - have;
  return {std::max<std::int64_t>(left.instances, 0), std::max<std::int64_t>(left.cores, 0),
          std::max<std::int64_t>(left.ram_mib, 0)};
}

bool helps(const Amount& frees, const Amount& need) {
  return (need.instances > 0 && frees.instances > 0) || (need.cores > 0 && frees.cores > 0) ||
         (need.ram_mib > 0 && frees.ram_mib > 0);
}

// Frees some kind of what is needed of which `other` frees nothing.
bool helps_beyond(const Amount& frees, const Amount& other, const Amount& need) {
  return (need.instances > 0 && other.instances == 0 && frees.instances > 0) ||
         (need.cores > 0 && other.cores == 0 && frees.cores > 0) ||
         (need.ram_mib > 0 && other.ram_mib == 0 && frees.ram_mib > 0);
}

}  // namespace

void Engine::round() {
  put_idle_away();
  schedule(false);
  serve_requests();
  const Millis into = (now_ - out_.begin) % model_.reclaim.poll;
  polled_ = model_.reclaim.headroom.given() && into == Millis(0);
  if (way_ != Way::none) reclaim();
  come_back();
  schedule(true);
  // The headroom is undercut: the next poll will see it.
  if (way_ != Way::none && model_.reclaim.headroom.given() &&
      !lacking(headroom_, room() + coming_).none())
    wake(now_ - into + model_.reclaim.poll);
}

// In their order; one that must wait keeps its share of the room from those behind it.
void Engine::serve_requests() {
  Amount left = room();
  for (std::size_t i = 0; i < requests_.size();) {
    if (left.instances <= 0 || left.cores <= 0 || left.ram_mib <= 0) break;
    const auto index = requests_[i];
    const Job& job = jobs_[index];
    const Amount need = size(job, job.created);
    const bool fits = left.covers(need);
    left -= need;
    if (!fits) {
      ++i;
      continue;
    }
    requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(i));
    promised_ -= need;
    if (now_ > job.wanted) ++out_.requests;
    if (now_ - job.wanted > model_.late) ++out_.late;
    boot(index);
  }
}

// As the worker: request by request in their order, each with what those before it leave of the
// room that is there or on its way; the headroom last.
void Engine::reclaim() {
  const auto& policy = model_.reclaim;
  Amount there = room() + coming_;
  if (policy.for_jobs) {
    if (now_ >= try_again_) too_much_.reset();
    for (const auto index : requests_) {
      const Job& job = jobs_[index];
      const Amount need = size(job, job.created);
      const Amount missing = lacking(need, there);
      there = lacking(there, need);
      if (missing.none() || (too_much_ && missing.covers(*too_much_))) continue;
      const auto taken = make_room(missing, model_.all_or_nothing);
      there += lacking(taken, missing);  // what is beyond it
      if (taken.covers(missing)) continue;
      if (!too_much_) wake(try_again_ = now_ + kTryAgain);
      too_much_ = missing;
    }
  } else {
    there = lacking(there, promised_);
  }
  if (!polled_ || is_quiet(policy.quiet_hours, now_)) return;
  ++out_.listings;
  if (const Amount missing = lacking(headroom_, there); !missing.none()) make_room(missing, false);
}

// What steps aside for it frees so much. `whole_only`: all of it, or nobody.
Amount Engine::make_room(const Amount& need, bool whole_only) {
  choose(need, false, choice_);
  if (!choice_.victims.enough && way_ == Way::hold && may_lose_) {
    choose(need, true, whole_);
    if (whole_.victims.enough) std::swap(choice_, whole_);
  }
  ++out_.listings;  // of the quota
  const auto& victims = choice_.victims;
  if (!victims.enough && whole_only) return {};
  for (const auto i : victims.taken) {
    const auto& c = choice_.all[i];
    if (c.jobs.empty()) {
      const auto p = static_cast<std::size_t>(c.holds);
      pools_[p].idle.pop_front();
      remove_idle(p, 1);
    } else {
      step_aside(static_cast<std::uint32_t>(c.jobs[0]), choice_.modes[i]);
    }
  }
  return victims.frees;
}

const std::vector<HoldMode>& Engine::modes_of(const Job& job) const {
  return job.of->modes.empty() ? model_.pools[job.pool].modes : job.of->modes;
}

Amount Engine::freed(const Job& job, HoldMode mode) const {
  const Amount& one = model_.pools[job.pool].frees[static_cast<std::size_t>(mode)];
  return {one.instances * job.nodes, one.cores * job.nodes, one.ram_mib * job.nodes};
}

// The first of its modes that frees something of the need; nullopt: none does.
std::optional<HoldMode> Engine::mode_of(const Job& job, const Amount& need, bool whole) const {
  if (way_ == Way::kill) return HoldMode::requeue;
  std::optional<HoldMode> mode;
  for (const auto m : modes_of(job)) {
    if ((!keeps_memory(m) && !job.of->may_requeue) || !helps(freed(job, m), need)) continue;
    mode = m;
    break;
  }
  const bool lose = job.of->may_requeue && helps(freed(job, HoldMode::requeue), need);
  if (lose &&
      (!mode || (whole && helps_beyond(freed(job, HoldMode::requeue), freed(job, *mode), need))))
    return HoldMode::requeue;
  return mode;
}

void Engine::choose(const Amount& need, bool whole, Choice& into) {
  into.all.resize(std::max(into.all.size(), runs_.size()));
  into.modes.resize(runs_.size());
  std::size_t count = 0;
  for (const auto index : runs_) {
    const Job& job = jobs_[index];
    const auto mode = mode_of(job, need, whole);
    auto& c = into.all[count];
    into.modes[count++] = mode.value_or(HoldMode::requeue);
    c.jobs.assign(1, index);
    c.frees = mode ? freed(job, *mode) : Amount{};
    c.loses_work = mode && !keeps_memory(*mode);
    c.priority = job.of->priority;
    c.ran = now_ - job.since;
    c.at_stake = (job.done + c.ran).count() / 1000 * job.trace->cores;
    c.holds = job.holds;
    c.min_run = job.of->min_run;
    c.max_holds = job.of->max_holds;
  }
  count = idle_candidates(need, into, count);
  into.all.resize(count);
  into.victims = node::choose_victims(need, into.all);
}

// They are all alike: no more than could be needed. `holds` says of which pool one is.
std::size_t Engine::idle_candidates(const Amount& need, Choice& into, std::size_t count) {
  const auto enough = [](std::int64_t n, std::int64_t one) { return one > 0 ? n / one + 1 : 0; };
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    if (!pools_[p].lends) continue;
    const Amount& one = model_.pools[p].node;
    const auto most = std::max({enough(need.instances, one.instances),
                                enough(need.cores, one.cores), enough(need.ram_mib, one.ram_mib)});
    for (auto n = std::min(most, static_cast<std::int64_t>(pools_[p].idle.size())); n-- > 0;) {
      if (count == into.all.size()) into.all.emplace_back();
      auto& c = into.all[count++];
      c = node::Candidate{};
      c.frees = one;
      c.holds = static_cast<int>(p);
    }
  }
  return count;
}

void Engine::step_aside(std::uint32_t index, HoldMode mode) {
  Job& job = jobs_[index];
  stop_running(job);
  job.state = State::leaving;
  job.mode = mode;
  job.since = now_;
  ++job.holds;
  if (keeps_memory(mode)) ++out_.holds;
  coming_ += freed(job, mode);
  ++moving_;
  out_.api_calls += job.nodes * deeds(mode, false);
  after(model_.modes[static_cast<std::size_t>(mode)].hold, index, What::away);
  if (watcher_ && keeps_memory(mode)) watcher_(now_, Happens::held, *job.trace);
}

void Engine::away(std::uint32_t index) {
  Job& job = jobs_[index];
  const Amount frees = freed(job, job.mode);
  coming_ -= frees;
  --moving_;
  if (!keeps_memory(job.mode)) {
    give(size(job, job.nodes));  // its jobs are requeued, and the servers go
    return lose(index);
  }
  give(frees);
  job.state = State::held;
  ++job.turn;
  held_need_ += returning_takes(job);
  aside_.insert({job.since, job.of->priority, index});
  const auto longest = job.of->max_held ? job.of->max_held : model_.pools[job.pool].max_held;
  if (longest)
    after(std::max(*longest - (now_ - job.since), Millis(0)), index, What::held_too_long);
}

void Engine::held_too_long(std::uint32_t index) {
  Job& job = jobs_[index];
  aside_.erase({job.since, job.of->priority, index});
  held_need_ -= returning_takes(job);
  give(size(job, job.nodes) - freed(job, job.mode));
  out_.api_calls += job.nodes;
  held_.push_back(now_ - job.since);
  lose(index);
}

void Engine::come_back() {
  if (aside_.empty() || !requests_.empty()) {
    room_since_ = Time{};
    return;
  }
  const auto held_back = [&](const Aside& a) {
    return node::HeldBack{a.job, a.since, a.priority, returning_takes(jobs_[a.job]), Time{}};
  };
  const Amount left = room() - headroom_ - promised_;
  // The first in the line is all that room_since() looks at.
  room_since_ = node::room_since(room_since_, {held_back(*aside_.begin())}, left, now_);
  if (room_since_ == Time{}) return;
  const auto& policy = model_.reclaim;
  if (now_ - room_since_ < policy.settle) return wake(room_since_ + policy.settle);
  node::ReturnRoom given{left, room_since_, policy.settle, is_quiet(policy.quiet_hours, now_),
                         model_.most_returns - returning_};
  if (given.quiet) return wake(now_ + policy.poll);
  std::vector<node::HeldBack> held;
  for (const auto& a : aside_) {
    if (held.size() == kOffered) break;
    held.push_back(held_back(a));
  }
  for (const auto id : node::choose_returns(std::move(held), given, now_)) {
    const auto index = static_cast<std::uint32_t>(id);
    Job& job = jobs_[index];
    aside_.erase({job.since, job.of->priority, index});
    held_need_ -= returning_takes(job);
    take(returning_takes(job));
    job.state = State::returning;
    ++job.turn;
    ++moving_, ++returning_;
    out_.api_calls += job.nodes * deeds(job.mode, true);
    after(model_.modes[static_cast<std::size_t>(job.mode)].back, index, What::back);
  }
}

void Engine::back(std::uint32_t index) {
  Job& job = jobs_[index];
  --moving_, --returning_;
  ++out_.returns;
  held_.push_back(now_ - job.since);
  if (watcher_) watcher_(now_, Happens::returned, *job.trace);
  start(index);
}

// Requests to Nova for one node.
int Engine::deeds(HoldMode mode, bool back) const {
  switch (mode) {
    case HoldMode::hibernate:
      return back ? 1 : 2;  // stop, shelve; unshelve
    case HoldMode::snapshot:
      return back ? 1 : 2;  // image, delete; create
    default:
      return 1;
  }
}

}  // namespace tidepool::plan
