// The way out, as far as slurmctld is concerned: planned, draining, halting, redirecting.
#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "work/hold_extra.hpp"
#include "work/hold_notes.hpp"
#include "work/holds.hpp"

namespace tidepool {
namespace {

// slurmd stops a job's processes with SIGTSTP, and two seconds later with SIGSTOP (its req.c).
constexpr Millis kStopTime{4'000};

bool any_of(const std::vector<node::JobStands>& all, node::JobStands one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

// What speaks against it before anything is touched; empty: nothing. "?": not known yet.
std::string Holds::trouble_before(const HoldRecord& h) const {
  for (const auto& n : h.nodes) {
    const auto* info = facts_.node(n.node);
    if (info == nullptr) return fmt::format("slurmctld does not know node {}", n.node);
    if (info->state == "DOWN" || info->has("POWERED_DOWN") || info->has("POWERING_DOWN"))
      return fmt::format("node {} is {} in slurmctld", n.node,
                         info->state == "DOWN" ? "DOWN" : "powered down");
    const Seen seen = look_at(n.node);
    if (!seen.fresh) return "?";
    if (seen.server == nullptr) return fmt::format("node {} has no server", n.node);
    if (seen.server->locked)
      return fmt::format("server {} of node {} is locked", seen.server->id, n.node);
    if (seen.observed != node::Observed::active)
      return fmt::format("server {} of node {} is {}, not ACTIVE", seen.server->id, n.node,
                         node::to_string(seen.observed));
  }
  if (h.modes.empty()) return "no mode is given";
  if (h.mode() != HoldMode::requeue && !standin_.answers()) return standin_.trouble();
  return {};
}

Task<Result<void>> Holds::plan(const Those& those) {
  for (auto* h : those) {
    fault_point("holds.planned.before");
    if (released(*h)) {
      if (auto done = co_await turn_back(*h, "released before it began", HoldStep::done); !done)
        co_return done;
      continue;
    }
    const std::string trouble = trouble_before(*h);
    if (trouble == "?") {
      look_wanted_ = true;
      continue;
    }
    if (!trouble.empty()) {
      if (auto done = co_await refuse(*h, trouble); !done) co_return done;
      continue;
    }
    for (auto& n : h->nodes) {
      const auto* info = facts_.node(n.node);
      if (n.boot_time_s == 0) n.boot_time_s = info->boot_time_s;
      if (n.slurmd_start_s == 0) n.slurmd_start_s = info->slurmd_start_s;
      if (n.server_id.empty()) n.server_id = look_at(n.node).server->id;
      if (n.address.empty()) n.address = info->address;
      if (!n.prior_drain && info->has("DRAIN")) {
        n.prior_drain = true;
        n.prior_reason = info->reason;
      }
    }
    event(*h, LogLevel::info, "begins", fmt::format("mode {}", to_string(h->mode())));
    if (auto done = advance(*h, HoldStep::draining); !done) co_return done;
  }
  co_return Result<void>{};
}

// Drained, with a Reason for people and an Extra from which the hold could be made again.
Task<Result<void>> Holds::mark_nodes(const HoldRecord& h) {
  for (const auto& n : h.nodes) {
    std::vector<std::string> name(1, n.node);
    std::vector<std::string> settings{"State=DRAIN", "Reason=" + hold_reason(h),
                                      "Extra=" + format_extra(h, n)};
    auto done = co_await s_.controller.update(std::move(name), std::move(settings));
    if (!done) co_return done;
  }
  co_return Result<void>{};
}

Task<Result<void>> Holds::drain(const Those& those) {
  for (auto* h : those) {
    if (released(*h)) {
      if (auto done = advance(*h, HoldStep::undraining); !done) co_return done;
      continue;
    }
    const bool drained = std::all_of(h->nodes.begin(), h->nodes.end(), [&](const HoldNode& n) {
      const auto* info = facts_.node(n.node);
      return info != nullptr && info->has("DRAIN") && is_extra_of(info->extra, h->id);
    });
    if (!drained) {
      auto marked = co_await mark_nodes(*h);
      if (marked) {
        moved_ = true;  // look at what is there now that nobody new can come
      } else {
        if (marked.error().kind == ErrorKind::unreachable) co_return marked;
        if (auto done = co_await refuse(*h, marked.error().message); !done) co_return done;
      }
      continue;
    }
    const auto others = facts_.strangers(*h);
    const bool only_leaving = std::all_of(
        others.begin(), others.end(), [](const auto* job) { return job->state == "COMPLETING"; });
    if (!others.empty() && only_leaving) {
      hurry_ = true;
      continue;
    }
    if (!others.empty()) {
      const std::string why = fmt::format("job {} runs on its nodes too", others.front()->id);
      if (auto done = co_await refuse(*h, why); !done) co_return done;
      continue;
    }
    const auto next = h->mode() == HoldMode::requeue ? HoldStep::requeueing : HoldStep::halting;
    if (next == HoldStep::requeueing) {
      if (auto done = co_await turn_back(*h, "requeued", next); !done) co_return done;
    } else if (auto done = advance(*h, next); !done) {
      co_return done;
    }
  }
  co_return Result<void>{};
}

Task<Result<void>> Holds::halt(const Those& those) {
  for (auto* h : those) {
    if (released(*h)) {
      if (auto done = advance(*h, way_back(*h)); !done) co_return done;
      continue;
    }
    Result<void> done;
    if (keeps_memory(h->mode()))
      done = co_await halt_keeping(*h);
    else
      done = co_await halt_losing(*h);
    if (!done) co_return done;
  }
  co_return Result<void>{};
}

Task<Result<void>> Holds::halt_keeping(HoldRecord& h) {
  if (!has_jobs(h)) co_return co_await turn_back(h, how_ended(h), HoldStep::undraining);
  const auto all = facts_.stands(h);
  hurry_ = true;
  if (any_of(all, node::JobStands::running)) {
    halted_since_.erase(h.id);
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i] == node::JobStands::running) ids.push_back(h.jobs[i].id);
    auto done = co_await s_.controller.suspend(std::move(ids));
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (!done && done.error().kind != ErrorKind::not_found)
      co_return co_await refuse(h, done.error().message);
    moved_ = true;
    co_return Result<void>{};
  }
  if (any_of(all, node::JobStands::starting) || any_of(all, node::JobStands::leaving))
    co_return Result<void>{};
  const Time since = halted_since_.try_emplace(h.id, now()).first->second;
  if (now() - since < kStopTime) co_return Result<void>{};
  halted_since_.erase(h.id);
  co_return advance(h, HoldStep::redirecting);
}

Task<Result<void>> Holds::halt_losing(HoldRecord& h) {
  const auto all = facts_.stands(h);
  hurry_ = true;
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] != node::JobStands::running && all[i] != node::JobStands::suspended) continue;
    const auto* info = facts_.job(h.jobs[i].id);
    // Before any of them is touched.
    if (!info->requeueable || info->batch_host.empty())
      co_return co_await mode_refused(h,
                                      fmt::format("{} loses memory, and job {} cannot be requeued",
                                                  to_string(h.mode()), h.jobs[i].id),
                                      false);
    ids.push_back(h.jobs[i].id);
  }
  if (!ids.empty()) {
    co_await tell_jobs(h, fmt::format("{} requeued and held: mode {} loses its memory",
                                      format_time(now()), to_string(h.mode())));
    auto done = co_await s_.controller.requeue(std::move(ids), true);
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (!done && done.error().kind != ErrorKind::not_found)
      co_return co_await refuse(h, done.error().message);
    moved_ = true;
    co_return Result<void>{};
  }
  if (any_of(all, node::JobStands::starting) || any_of(all, node::JobStands::leaving))
    co_return Result<void>{};
  if (!has_jobs(h)) co_return co_await turn_back(h, how_ended(h), HoldStep::discarding);
  co_return advance(h, HoldStep::redirecting);
}

Task<Result<void>> Holds::redirect(const Those& those) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (auto* h : those) {
    if (released(*h) || !standin_.answers()) continue;
    for (const auto& n : h->nodes)
      if (const auto* info = facts_.node(n.node);
          info != nullptr && info->address != standin_address())
        pairs.emplace_back(n.node, standin_address());
  }
  const bool told = !pairs.empty();
  if (told) {
    auto done = co_await s_.controller.set_addresses(std::move(pairs));
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (done) moved_ = true;
    // One node that slurmctld refuses spoils the update for all: each hold gets a try of its own.
    for (auto* h : those) {
      if (done || released(*h) || !standin_.answers()) break;
      std::vector<std::pair<std::string, std::string>> own;
      for (const auto& n : h->nodes) own.emplace_back(n.node, standin_address());
      auto one = co_await s_.controller.set_addresses(std::move(own));
      if (one) continue;
      if (one.error().kind == ErrorKind::unreachable) co_return one;
      if (auto refused = co_await refuse(*h, one.error().message); !refused) co_return refused;
    }
  }
  for (auto* h : those) {
    if (h->step != HoldStep::redirecting) continue;
    if (released(*h)) {
      if (auto done = advance(*h, HoldStep::rejoining); !done) co_return done;
      continue;
    }
    if (!standin_.answers()) {
      if (auto done = co_await refuse(*h, standin_.trouble()); !done) co_return done;
      continue;
    }
    if (told) continue;  // seen with the next pass
    if (auto done = advance(*h, HoldStep::leaving); !done) co_return done;
  }
  co_return Result<void>{};
}

}  // namespace tidepool
