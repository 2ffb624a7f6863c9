// The way back: returning, rejoining, resuming, undraining.
#include <fmt/format.h>
#include <algorithm>

#include "base/connect.hpp"
#include "base/fault_point.hpp"
#include "node/table.hpp"
#include "work/hold_cloud.hpp"
#include "work/hold_extra.hpp"
#include "work/hold_notes.hpp"
#include "work/holds.hpp"

namespace tidepool {
namespace {

using openstack::ServerAction;

constexpr Millis kPortLimit{2'000};
constexpr Millis kAskAgain{3'000};  // for a registration that has not come
constexpr int kMostResumes = 20;
constexpr Millis kShortestPause{5'000};  // after a return that the cloud has refused; doubled
constexpr Millis kLongestPause{1'800'000};
constexpr Millis kReads{2'000};  // slurmd and its slurm.conf

std::optional<ServerAction> action_of(node::Back back) {
  switch (back) {
    case node::Back::unpause:
      return ServerAction::unpause;
    case node::Back::resume:
      return ServerAction::resume;
    case node::Back::start:
      return ServerAction::start;
    case node::Back::unshelve:
      return ServerAction::unshelve;
    default:
      return std::nullopt;
  }
}

// The same slurmd as before the hold? Its start time is a fact that a suspension does not move; the
// boot time tells when slurmd was restarted in a guest that went on.
bool same_boot(const HoldNode& n, const slurm::NodeInfo& info) {
  const auto near = [](std::int64_t a, std::int64_t b) { return std::abs(a - b) <= 5; };
  if (n.slurmd_start_s == 0 && n.boot_time_s == 0) return true;
  return near(n.slurmd_start_s, info.slurmd_start_s) || near(n.boot_time_s, info.boot_time_s);
}

}  // namespace

// Why the return is not tried any longer; empty: it is.
std::string Holds::late(const HoldRecord& h) const {
  Millis patience = HoldSection{}.return_timeout;
  for (const auto& n : h.nodes)
    if (const Pool* pool = s_.pools.find(n.node).pool; pool != nullptr)
      patience = std::min(patience, pool->hold.return_timeout);
  if (now() - h.step_since < patience) return {};
  return fmt::format("not back ({}) within {}: {}", to_string(h.step), rough_duration(patience),
                     h.last_error.empty() ? "no error is known" : h.last_error);
}

// One that stepped aside, and that the cloud does not take back yet: away again, for longer each
// time; it is nobody's wish that it comes back now. Those of its servers that are here already
// leave again. false: it does not come back by itself, or a person wants it now.
Result<bool> Holds::put_back(HoldRecord& h, const std::string& why) {
  if (!h.returns_by_itself()) return false;
  const Millis first = std::max(s_.pools.reclaim.settle, kShortestPause);
  const Millis pause = std::min(first * (1 << std::min(h.returns, 8)), kLongestPause);
  auto back = s_.store.put_back(h.id, now() + pause);
  if (!back || !*back) return back;
  event(h, LogLevel::warning, "cannot come back yet",
        fmt::format("{}; tried again in {}", why, rough_duration(pause)));
  forget_tries(h);
  auto fresh = s_.store.hold(h.id);
  if (!fresh) return tl::unexpected(fresh.error());
  if (*fresh) h = std::move(**fresh);
  moved_ = true;
  return true;
}

// Released while its guest was told to hibernate and is up yet: it may go down any moment. One that
// we have woken ourselves has been down.
bool Holds::may_still_hibernate(const HoldRecord& h, const HoldNode& n) const {
  if (n.hibernate_begun == Time{} || h.held_since != Time{} || tries_.contains(n.node))
    return false;
  const Pool* pool = s_.pools.find(n.node).pool;
  const Millis limit =
      pool != nullptr ? pool->hold.hibernate_timeout : HoldSection{}.hibernate_timeout;
  return now() - n.hibernate_begun < limit;
}

// A node without its job, which slurmctld has powered down meanwhile, must be asked for anew before
// its server boots: slurmctld waits for a boot that is younger than its request.
Task<Result<bool>> Holds::powered_up(HoldRecord& h) {
  if (keeps_memory(h.mode())) co_return true;
  std::vector<std::string> off;
  bool ready = true;
  for (const auto& n : h.nodes) {
    const auto* info = facts_.node(n.node);
    if (info == nullptr || info->has("POWERING_UP")) continue;
    // Asked for, but its power saving thread has not taken it up yet.
    if (info->has("POWERING_DOWN") || info->has("POWER_DOWN") || info->has("POWER_UP"))
      ready = false;
    else if (info->has("POWERED_DOWN"))
      off.push_back(n.node);
  }
  if (!off.empty()) {
    std::vector<std::string> settings(1, "State=POWER_UP");
    auto done = co_await s_.controller.update(std::move(off), std::move(settings));
    if (!done && done.error().kind == ErrorKind::unreachable)
      co_return tl::unexpected(done.error());
    if (done) moved_ = true;
    ready = false;
  }
  co_return ready;
}

Task<Result<bool>> Holds::come_back_node(HoldRecord& h, HoldNode& n) {
  if (auto taken = take_image(h, n); !taken) co_return tl::unexpected(taken.error());
  if (const auto error = take_failure(n.node)) {
    const bool busy = error->kind == ErrorKind::conflict;
    const bool no_room = error->kind == ErrorKind::quota || error->kind == ErrorKind::no_valid_host;
    if (no_room) {
      auto back = put_back(h, n.node + ": " + error->message);
      if (!back) co_return tl::unexpected(back.error());
      if (*back) co_return false;
    }
    if (!busy && h.last_error != error->message) {
      h.last_error = error->message;
      event(h, LogLevel::warning, "will try again", n.node + ": " + error->message);
      if (auto saved = s_.store.save_hold(h); !saved) co_return tl::unexpected(saved.error());
    }
  }
  const Seen seen = look_at(n.node);
  if (!seen.fresh) co_return answers_.contains(n.node) && !in_flight_.contains(n.node);
  auto record = s_.store.node(n.node);
  if (!record) co_return tl::unexpected(record.error());
  node::Returning r;
  r.observed = seen.observed;
  r.image = n.image_id.empty() ? node::SavedImage::none : node::SavedImage::ready;
  r.create_in_doubt = *record && (*record)->create_in_doubt() && inventory_ &&
                      inventory_->began() < (*record)->create_begun + node::kCreateSettle;
  r.given_up = n.given_up;
  auto move = node::come_back(r);
  if (move == node::Back::here && may_still_hibernate(h, n)) move = node::Back::wait;
  if (move == node::Back::here) {
    if (answers_.contains(n.node)) co_return true;
    if (!may_try(n.node)) co_return false;
    next_try_[n.node] = now() + Millis(500);
    launch(n.node, [](Holds& self, std::string name, std::string address) -> Task<Result<void>> {
      auto there = co_await can_connect(address, self.s_.pools.standin.port, kPortLimit);
      if (there) self.answers_.insert(name);
      // While a guest boots nobody answers; the hold's patience is the limit.
      co_return Result<void>{};
    }(*this, n.node, n.address));
    co_return false;
  }
  if (move == node::Back::wait) {
    if (seen.server != nullptr && !seen.server->task_state.empty()) {
      const std::string words =
          fmt::format("server {} is in {}", n.server_id, seen.server->task_state);
      if (now() - h.step_since > Millis(60'000) && h.last_error != words) {
        h.last_error = words;
        if (auto saved = s_.store.save_hold(h); !saved) co_return tl::unexpected(saved.error());
      }
    }
    co_return false;
  }
  if (move == node::Back::lost) {
    if (seen.server == nullptr) {
      const auto first = missing_since_.try_emplace(n.node, inventory_->began()).first->second;
      look_wanted_ = true;
      if (first == inventory_->began()) co_return false;
    }
    const std::string what = fmt::format(
        "lost: server {} is {}{}", n.server_id,
        seen.server == nullptr ? "gone" : node::to_string(seen.observed),
        seen.server != nullptr && !seen.server->fault.empty() ? ": " + seen.server->fault
                                                              : std::string());
    if (auto done = co_await turn_back(h, what, HoldStep::requeueing); !done)
      co_return tl::unexpected(done.error());
    co_return false;
  }
  if (!may_try(n.node)) co_return false;
  // Taken before, and yet it is where it was: the cloud has no room for it, say.
  if (tries_[n.node] > 0 && seen.server != nullptr) {
    const std::string words =
        fmt::format("{} came to nothing{}{}", to_string(move),
                    seen.server->fault.empty() ? "" : ": ", seen.server->fault);
    auto back = put_back(h, n.node + ": " + words);
    if (!back) co_return tl::unexpected(back.error());
    if (*back) co_return false;
    if (h.last_error.empty()) {
      h.last_error = words;
      event(h, LogLevel::warning, "will try again", n.node + ": " + words);
      if (auto saved = s_.store.save_hold(h); !saved) co_return tl::unexpected(saved.error());
    }
  }
  count_try(n.node);
  if (const auto action = action_of(move)) {
    launch(n.node, [](Surroundings& s, std::string id, ServerAction what) -> Task<Result<void>> {
      auto done = co_await hold_act(s, id, what);
      fault_point("holds.returning.server");
      co_return done;
    }(s_, seen.server->id, *action));
  } else if (move == node::Back::create) {
    launch(n.node, actions_.recreate(n.node, n.image_id));
  }
  co_return false;
}

Task<Result<void>> Holds::come_back(const Those& those) {
  for (auto* h : those) {
    hurry_ = true;
    if (!has_jobs(*h)) {
      if (auto done = co_await turn_back(*h, how_ended(*h), HoldStep::requeueing); !done)
        co_return done;
      continue;
    }
    if (const std::string why = late(*h); !why.empty()) {
      auto back = put_back(*h, why);
      if (!back) co_return tl::unexpected(back.error());
      if (*back) continue;
      if (auto done = co_await turn_back(*h, why, HoldStep::requeueing); !done) co_return done;
      continue;
    }
    auto up = co_await powered_up(*h);
    if (!up) co_return tl::unexpected(up.error());
    if (!*up) continue;
    std::size_t here = 0;
    for (auto& n : h->nodes) {
      auto back = co_await come_back_node(*h, n);
      if (!back) co_return tl::unexpected(back.error());
      if (h->step != HoldStep::returning) break;
      if (*back) ++here;
    }
    if (h->step != HoldStep::returning || here < h->nodes.size()) continue;
    if (auto done = advance(*h, HoldStep::rejoining); !done) co_return done;
  }
  co_return Result<void>{};
}

Task<Result<void>> Holds::rejoin(const Those& those) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (auto* h : those)
    for (const auto& n : h->nodes)
      if (const auto* info = facts_.node(n.node); info != nullptr && info->address != n.address)
        pairs.emplace_back(n.node, n.address);
  if (!pairs.empty()) {
    auto done = co_await s_.controller.set_addresses(std::move(pairs));
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (!done) {
      for (auto* h : those)
        if (auto failed = failed_try(*h, done.error()); !failed) co_return failed;
      co_return Result<void>{};
    }
  }
  // Only a registration after this says which slurmd it is that answers.
  std::vector<const HoldRecord*> ask;
  for (auto* h : those) {
    const bool first = !rejoined_.contains(h->id);
    const bool waits = std::any_of(h->nodes.begin(), h->nodes.end(), [&](const HoldNode& n) {
      const auto* info = facts_.node(n.node);
      return info != nullptr && (info->has("NOT_RESPONDING") || info->boot_time_s == 0);
    });
    if (!first && !(waits && now() - rejoined_[h->id] >= kAskAgain)) continue;
    rejoined_[h->id] = now();
    ask.push_back(h);
  }
  if (!ask.empty()) {
    if (auto done = co_await refresh(ask); !done) co_return done;
    moved_ = true;
  }
  for (auto* h : those) {
    hurry_ = true;
    if (std::find(ask.begin(), ask.end(), h) != ask.end()) continue;
    if (keeps_memory(h->mode()) && !has_jobs(*h)) {
      if (auto done = co_await turn_back(*h, how_ended(*h), HoldStep::requeueing); !done)
        co_return done;
      continue;
    }
    bool all = true;
    std::string lost;
    for (const auto& n : h->nodes) {
      const auto* info = facts_.node(n.node);
      if (info == nullptr) continue;  // not in slurm.conf any more
      if (info->has("NOT_RESPONDING") || info->boot_time_s == 0 || info->has("POWERING_UP"))
        all = false;
      else if (keeps_memory(h->mode()) && !same_boot(n, *info))
        lost = fmt::format("lost: the guest of node {} has booted afresh", n.node);
    }
    if (!lost.empty()) {
      if (auto done = co_await turn_back(*h, lost, HoldStep::requeueing); !done) co_return done;
      continue;
    }
    if (all) {
      rejoined_.erase(h->id);
      if (auto done = advance(*h, HoldStep::resuming); !done) co_return done;
      continue;
    }
    if (const std::string why = late(*h); !why.empty())
      if (auto done = co_await turn_back(*h, why, HoldStep::requeueing); !done) co_return done;
  }
  co_return Result<void>{};
}

// Nodes that were away when slurm.conf changed read it before their jobs go on. Not while
// rejoining: from 23.11 on slurmd starts anew for it, and would be taken for another boot.
Task<Result<bool>> Holds::conf_is_new(const Those& those) {
  auto behind = s_.store.behind_conf();
  if (!behind) co_return tl::unexpected(behind.error());
  std::vector<std::string> nodes;
  for (auto* h : those)
    for (const auto& n : h->nodes)
      if (std::find(behind->begin(), behind->end(), n.node) != behind->end())
        nodes.push_back(n.node);
  if (!nodes.empty()) {
    // Slurm knows no such request for some nodes only; to the others it says nothing new.
    if (auto done = co_await s_.controller.reconfigure(); !done)
      co_return tl::unexpected(done.error());
    if (auto done = s_.store.has_conf(nodes); !done) co_return tl::unexpected(done.error());
    for (const auto* h : those) event(*h, LogLevel::info, "slurm.conf brought up to date", "");
    reconfigured_ = now();
  }
  // slurmd reads it within a moment, but does not say when it has.
  co_return now() - reconfigured_ >= kReads;
}

Task<Result<void>> Holds::resume(const Those& those) {
  if (those.empty()) co_return Result<void>{};
  auto ready = co_await conf_is_new(those);
  if (!ready) co_return tl::unexpected(ready.error());
  if (!*ready) {
    hurry_ = true;
    co_return Result<void>{};
  }
  for (auto* h : those) {
    hurry_ = true;
    const auto all = facts_.stands(*h);
    std::vector<std::int64_t> stopped, waiting;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i] == node::JobStands::suspended) stopped.push_back(h->jobs[i].id);
      if (all[i] == node::JobStands::waits_held && !keeps_memory(h->mode()))
        waiting.push_back(h->jobs[i].id);
    }
    if (stopped.empty() && waiting.empty()) {
      if (auto done = advance(*h, HoldStep::undraining); !done) co_return done;
      continue;
    }
    auto done = co_await s_.controller.resume(std::move(stopped));
    if (done) done = co_await s_.controller.release(std::move(waiting));
    if (done || done.error().kind == ErrorKind::not_found) {
      moved_ = true;
      continue;
    }
    if (done.error().kind == ErrorKind::unreachable) co_return done;
    if (h->attempts >= kMostResumes) {
      const std::string why = "not resumed: " + done.error().message;
      if (auto turned = co_await turn_back(*h, why, HoldStep::requeueing); !turned)
        co_return turned;
      continue;
    }
    if (auto failed = failed_try(*h, done.error()); !failed) co_return failed;
  }
  co_return Result<void>{};
}

Task<Result<void>> Holds::undrain(const Those& those) {
  std::vector<std::string> plain;
  bool told = false;
  for (auto* h : those) {
    for (const auto& n : h->nodes) {
      const auto* info = facts_.node(n.node);
      if (info == nullptr || !is_extra_of(info->extra, h->id)) continue;
      told = true;
      if (!n.prior_drain) {
        plain.push_back(n.node);
        continue;
      }
      std::vector<std::string> name(1, n.node);
      std::vector<std::string> settings{"State=DRAIN", "Reason=" + n.prior_reason, "Extra="};
      auto done = co_await s_.controller.update(std::move(name), std::move(settings));
      if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
      if (!done)
        if (auto failed = failed_try(*h, done.error()); !failed) co_return failed;
    }
  }
  if (!plain.empty()) {
    std::vector<std::string> settings{"State=UNDRAIN", "Extra="};
    auto done = co_await s_.controller.update(std::move(plain), std::move(settings));
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (!done)
      for (auto* h : those)
        if (auto failed = failed_try(*h, done.error()); !failed) co_return failed;
  }
  if (told) moved_ = true;  // seen with the next pass
  for (auto* h : those) {
    const bool ours = std::any_of(h->nodes.begin(), h->nodes.end(), [&](const HoldNode& n) {
      const auto* info = facts_.node(n.node);
      return info != nullptr && is_extra_of(info->extra, h->id);
    });
    if (ours) continue;
    for (const auto& n : h->nodes)
      if (auto done = settle_want(n.node); !done) co_return done;
    drop_images(*h);
    if (h->outcome.empty() && keeps_memory(h->mode())) co_await tell_back(*h);
    if (auto done = end(*h); !done) co_return done;
  }
  co_return Result<void>{};
}

Task<void> Holds::tell_back(const HoldRecord& h) {
  if (h.held_since == Time{}) co_return;
  co_await tell_jobs(h, fmt::format("held from {} to {}, mode {}", format_time(h.held_since),
                                    format_time(now()), to_string(h.mode())));
}

}  // namespace tidepool
