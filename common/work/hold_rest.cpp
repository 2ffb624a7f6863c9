// held: somebody may cancel its jobs, resume them, wake or kill its servers, release it; time
// passes.
#include <fmt/format.h>
#include <algorithm>

#include "work/hold_notes.hpp"
#include "work/holds.hpp"

namespace tidepool {

// Which server's memory is gone, and how; empty: none is known to be.
std::string Holds::memory_lost(const HoldRecord& h) {
  for (const auto& n : h.nodes) {
    const Seen seen = look_at(n.node);
    if (!seen.fresh) continue;
    if (seen.server == nullptr) {
      // Two listings must say so: one may have been taken while Nova moved its pages.
      const auto first = missing_since_.try_emplace(n.node, inventory_->began()).first->second;
      look_wanted_ = true;
      if (first == inventory_->began()) continue;
    } else {
      missing_since_.erase(n.node);
    }
    const bool begun = n.hibernate_begun != Time{};
    const bool snapshot = !n.image_id.empty();
    if (node::memory_gone(h.mode(), seen.observed, begun) ||
        (!keeps_memory(h.mode()) && !snapshot &&
         (seen.observed == node::Observed::none || seen.observed == node::Observed::error)))
      return fmt::format("server {} of node {} is {}{}", n.server_id, n.node,
                         seen.server == nullptr ? "gone" : node::to_string(seen.observed),
                         seen.server != nullptr && !seen.server->fault.empty()
                             ? ": " + seen.server->fault
                             : std::string());
  }
  return {};
}

Task<Result<void>> Holds::rest(const Those& those) {
  for (auto* h : those) {
    const std::string lost = memory_lost(*h);
    node::Resting now_is;
    now_is.mode = h->mode();
    now_is.wanted = h->wanted;
    now_is.memory_lost = !lost.empty();
    now_is.awake = std::any_of(h->nodes.begin(), h->nodes.end(), [&](const HoldNode& n) {
      const Seen seen = look_at(n.node);
      return seen.fresh && seen.observed == node::Observed::active;
    });
    now_is.too_long = h->max_held && now() - h->held_since >= *h->max_held;
    now_is.jobs = facts_.stands(*h);
    Result<void> done;
    switch (node::next_turn(now_is)) {
      case node::Turn::stay:
        break;
      case node::Turn::suspend_again: {
        event(*h, LogLevel::warning, "suspended again", "somebody has resumed a job of it");
        std::vector<std::int64_t> ids;
        for (std::size_t i = 0; i < now_is.jobs.size(); ++i)
          if (now_is.jobs[i] == node::JobStands::running) ids.push_back(h->jobs[i].id);
        done = co_await s_.controller.suspend(std::move(ids));
        if (!done && done.error().kind != ErrorKind::unreachable)
          done = failed_try(*h, done.error());
        break;
      }
      case node::Turn::leave_again:
        event(*h, LogLevel::warning, "put away again", "somebody has woken a server of it");
        done = advance(*h, HoldStep::leaving);
        break;
      case node::Turn::come_back:
        event(*h, LogLevel::info, "released", "by " + h->want_by);
        done = advance(*h, HoldStep::returning);
        break;
      case node::Turn::requeue: {
        const std::string why = lost.empty() ? fmt::format("held for {}, which is max_held",
                                                           rough_duration(*h->max_held))
                                             : "lost: " + lost;
        done = co_await turn_back(*h, why, HoldStep::requeueing);
        break;
      }
      case node::Turn::discard:
        // One that slurmctld has requeued by itself waits held (it was suspended): requeueing lets
        // it go on.
        done = co_await turn_back(*h, how_ended(*h), HoldStep::requeueing);
        break;
    }
    if (!done) co_return done;
  }
  co_return Result<void>{};
}

}  // namespace tidepool
