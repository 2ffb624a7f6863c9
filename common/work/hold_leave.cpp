// leaving: each server is put away in the hold's mode.
#include <fmt/format.h>

#include "base/fault_point.hpp"
#include "work/hold_cloud.hpp"
#include "work/hold_notes.hpp"
#include "work/holds.hpp"

namespace tidepool {
namespace {

using openstack::ServerAction;

// An action that Nova takes, and whose server is where it was afterwards: as often as this.
constexpr int kMostTries = 3;
// 409 while no task is seen: as often as this.
constexpr int kMostConflicts = 8;

std::optional<ServerAction> action_of(node::Leave leave) {
  switch (leave) {
    case node::Leave::pause:
      return ServerAction::pause;
    case node::Leave::unpause:
      return ServerAction::unpause;
    case node::Leave::suspend:
      return ServerAction::suspend;
    case node::Leave::resume:
      return ServerAction::resume;
    case node::Leave::stop:
      return ServerAction::stop;
    case node::Leave::shelve:
      return ServerAction::shelve;
    case node::Leave::unshelve:
      return ServerAction::unshelve;
    default:
      return std::nullopt;
  }
}

bool is_refusal(const Error& error) {
  return error.kind == ErrorKind::forbidden || error.kind == ErrorKind::bad_request ||
         error.kind == ErrorKind::quota || error.kind == ErrorKind::invalid;
}

std::string image_name(const HoldRecord& h, const HoldNode& n) {
  return fmt::format("tidepool-hold-{}-{}-{}", h.id, n.node, n.server_id.substr(0, 8));
}

}  // namespace

node::SavedImage Holds::image_of(const HoldNode& n) const {
  if (n.image_id.empty()) return node::SavedImage::none;
  const auto it = image_status_.find(n.image_id);
  return it != image_status_.end() && it->second == "active" ? node::SavedImage::ready
                                                             : node::SavedImage::saving;
}

// An image whose saving a request has begun goes into the record, before anything else is done.
Result<void> Holds::take_image(HoldRecord& h, HoldNode& n) {
  const auto it = images_.find(n.node);
  if (it == images_.end()) return {};
  n.image_id = it->second;
  images_.erase(it);
  return s_.store.save_hold(h);
}

// Why the server cannot leave in this mode, after a request has failed or came to nothing; empty:
// nothing speaks against trying (again).
std::string Holds::refusal_of(HoldNode& n, const Seen& seen) {
  if (const auto error = take_failure(n.node)) {
    if (is_refusal(*error)) return error->message;
    if (seen.fresh && seen.server != nullptr && seen.server->locked)
      return fmt::format("server {} is locked", seen.server->id);
    if (error->kind == ErrorKind::conflict && tries_[n.node] >= kMostConflicts)
      return error->message;
    if (error->kind != ErrorKind::conflict)
      log_error(LogLevel::warning, "will try again", *error, {{"node", n.node}});
    // Not taken by Nova: does not count as one that came to nothing.
    if (error->kind != ErrorKind::conflict && tries_[n.node] > 1) --tries_[n.node];
    return {};
  }
  if (tries_[n.node] >= kMostTries)
    return fmt::format("the cloud has taken it {} times, and server {} is {} again", tries_[n.node],
                       n.server_id, node::to_string(seen.observed));
  return {};
}

// Why a server that is in the middle of something is not waited for any longer; empty: it is.
std::string Holds::hanging(const HoldRecord& h, HoldNode& n, const Seen& seen) {
  const Pool* pool = s_.pools.find(n.node).pool;
  const HoldSection rules = pool != nullptr ? pool->hold : HoldSection{};
  if (h.mode() == HoldMode::hibernate && n.hibernate_begun != Time{} &&
      seen.observed == node::Observed::active) {
    if (now() - n.hibernate_begun < rules.hibernate_timeout) return {};
    n.hibernate_begun = {};
    n.hibernated = false;
    return fmt::format("the guest was told to hibernate and runs on after {}",
                       rough_duration(rules.hibernate_timeout));
  }
  if (now() - h.step_since < rules.action_timeout) return {};
  n.given_up = true;
  return fmt::format("server {} hangs in {} for {}", n.server_id,
                     seen.server != nullptr && !seen.server->task_state.empty()
                         ? seen.server->task_state
                         : "a request",
                     rough_duration(rules.action_timeout));
}

Task<Result<void>> Holds::mode_refused(HoldRecord& h, std::string why, bool hangs) {
  const auto next = node::after_refusal(h.modes, h.mode_index, hangs);
  const std::string tried(to_string(h.mode()));
  event(h, LogLevel::warning, "mode refused", fmt::format("{}: {}", tried, why));
  if (next.mode_index == h.mode_index)
    co_return co_await turn_back(h, fmt::format("refused: {}: {}", tried, why), way_back(h));
  h.mode_index = next.mode_index;
  for (auto& n : h.nodes) {
    n.hibernate_begun = {};
    n.hibernated = false;
  }
  if (next.step == HoldStep::requeueing)
    co_return co_await turn_back(h, fmt::format("requeued: {}: {}", tried, why), next.step);
  // Extra tells the mode to whoever has lost the store.
  if (auto marked = co_await mark_nodes(h);
      !marked && marked.error().kind == ErrorKind::unreachable)
    co_return marked;
  const bool begins_anew = h.step == HoldStep::halting && !redirected(h);
  co_return advance(h, begins_anew ? HoldStep::halting : next.step);
}

Task<Result<bool>> Holds::leave_node(HoldRecord& h, HoldNode& n) {
  if (auto taken = take_image(h, n); !taken) co_return tl::unexpected(taken.error());
  const Seen seen = look_at(n.node);
  if (!seen.fresh) {
    // A request that does not end is a server that hangs, too.
    const std::string hangs = hanging(h, n, seen);
    if (hangs.empty() || h.mode() == HoldMode::hibernate) co_return false;
    if (auto done = co_await mode_refused(h, hangs, true); !done)
      co_return tl::unexpected(done.error());
    co_return false;
  }
  const auto image = image_of(n);
  const auto move = node::leave({h.mode(), seen.observed, n.hibernate_begun != Time{}, image});
  if (move == node::Leave::away) co_return true;
  if (image == node::SavedImage::saving && seen.observed != node::Observed::busy) {
    launch(n.node, [](Holds& self, std::string id) -> Task<Result<void>> {
      auto status = co_await hold_image_status(self.s_, id);
      if (!status) co_return tl::unexpected(status.error());
      self.image_status_[id] = *status;
      co_return Result<void>{};
    }(*this, n.image_id));
    co_return false;
  }
  if (move == node::Leave::lost) {
    const std::string what =
        fmt::format("server {} is {}{}{}", n.server_id, node::to_string(seen.observed),
                    seen.server != nullptr && !seen.server->fault.empty() ? ": " : "",
                    seen.server != nullptr ? seen.server->fault : std::string());
    if (auto done = co_await turn_back(h, "lost: " + what, HoldStep::requeueing); !done)
      co_return tl::unexpected(done.error());
    co_return false;
  }
  if (move == node::Leave::wait) {
    const std::string hangs = hanging(h, n, seen);
    if (hangs.empty()) co_return false;
    if (auto done = co_await mode_refused(h, hangs, n.given_up); !done)
      co_return tl::unexpected(done.error());
    co_return false;
  }
  const std::string why = refusal_of(n, seen);
  if (!why.empty()) {
    if (auto done = co_await mode_refused(h, why, false); !done)
      co_return tl::unexpected(done.error());
    co_return false;
  }
  if (const std::string hangs = hanging(h, n, seen); !hangs.empty()) {
    if (auto done = co_await mode_refused(h, hangs, true); !done)
      co_return tl::unexpected(done.error());
    co_return false;
  }
  if (!may_try(n.node)) co_return false;
  count_try(n.node);
  if (const auto action = action_of(move)) {
    launch(n.node, [](Surroundings& s, std::string id, ServerAction what) -> Task<Result<void>> {
      auto done = co_await hold_act(s, id, what);
      fault_point("holds.leaving.server");
      co_return done;
    }(s_, seen.server->id, *action));
  } else if (move == node::Leave::hibernate) {
    n.hibernate_begun = now();
    if (auto saved = s_.store.save_hold(h); !saved) co_return tl::unexpected(saved.error());
    launch(n.node,
           [](Surroundings& s, std::string name, std::string address,
              std::string id) -> Task<Result<void>> {
             auto done = co_await hold_hibernate(s, name, address, id);
             fault_point("holds.leaving.hibernated");
             co_return done;
           }(s_, n.node, n.address, seen.server->id));
  } else if (move == node::Leave::save) {
    launch(
        n.node,
        [](Holds& self, std::string name, std::string id, std::string named) -> Task<Result<void>> {
          auto made = co_await hold_save(self.s_, id, named);
          if (!made) co_return tl::unexpected(made.error());
          self.images_[name] = *made;
          co_return Result<void>{};
        }(*this, n.node, seen.server->id, image_name(h, n)));
  } else if (move == node::Leave::remove) {
    launch(n.node, actions_.remove(n.node, seen.server->id));
  }
  co_return false;
}

// As for_request(), with the one who asked.
std::string Holds::for_whom(const HoldRecord& h) const {
  if (h.reclaim == 0) return {};
  const auto request = s_.store.reclaim(h.reclaim);
  if (!request || !*request) return for_request(h);
  return fmt::format("; stepped aside for request {} ({} {}), returns when there is room",
                     h.reclaim, to_string((*request)->kind), (*request)->by);
}

Task<Result<void>> Holds::leave(const Those& those) {
  for (auto* h : those) {
    hurry_ = true;
    if (released(*h)) {
      if (auto done = advance(*h, HoldStep::returning); !done) co_return done;
      continue;
    }
    if (!has_jobs(*h)) {
      if (auto done = co_await turn_back(*h, how_ended(*h), HoldStep::discarding); !done)
        co_return done;
      continue;
    }
    std::size_t away = 0;
    for (auto& n : h->nodes) {
      // A guest that has refused to hibernate is no server that hangs.
      if (const auto it = failures_.find(n.node); it != failures_.end() &&
                                                  n.hibernate_begun != Time{} &&
                                                  h->mode() == HoldMode::hibernate) {
        const std::string why = it->second.message;
        const bool refused = it->second.kind != ErrorKind::conflict;
        failures_.erase(it);
        n.hibernate_begun = {};
        if (auto saved = s_.store.save_hold(*h); !saved) co_return saved;
        if (refused) {
          if (auto done = co_await mode_refused(*h, why, false); !done) co_return done;
          break;
        }
      }
      auto gone = co_await leave_node(*h, n);
      if (!gone) co_return tl::unexpected(gone.error());
      if (h->step != HoldStep::leaving) break;
      if (*gone) ++away;
    }
    if (h->step != HoldStep::leaving || away < h->nodes.size()) continue;
    if (h->held_since == Time{}) {
      h->held_since = now();
      event(*h, LogLevel::info, "held",
            fmt::format("mode {}, {} after it was asked for", to_string(h->mode()),
                        rough_duration(now() - h->want_since)));
      co_await tell_jobs(*h, fmt::format("held since {}, mode {}{}", format_time(now()),
                                         to_string(h->mode()), for_whom(*h)));
    }
    if (auto done = advance(*h, HoldStep::held); !done) co_return done;
  }
  co_return Result<void>{};
}

}  // namespace tidepool
