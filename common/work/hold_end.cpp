// Ends without its jobs on these nodes: they go back to the queue, the nodes back to Slurm, and the
// servers away.
#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "work/hold_extra.hpp"
#include "work/hold_notes.hpp"
#include "work/holds.hpp"
#include "work/journal.hpp"

namespace tidepool {
namespace {

// COMPLETING longer than this: nobody answers for the job's processes.
constexpr Millis kCompleting{60'000};

}  // namespace

// "job 12 is CANCELLED", for people.
std::string Holds::how_ended(const HoldRecord& h) const {
  std::string text;
  for (const auto& j : h.jobs) {
    const auto* info = facts_.job(j.id);
    text += fmt::format("{}job {} is {}", text.empty() ? "" : ", ", j.id,
                        info == nullptr ? "forgotten by slurmctld" : info->state);
  }
  return text;
}

Task<Result<void>> Holds::requeue(const Those& those) {
  for (auto* h : those) {
    hurry_ = true;
    const auto all = facts_.stands(*h);
    std::vector<std::int64_t> back, free;
    bool stuck = false, wait = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto* info = facts_.job(h->jobs[i].id);
      switch (all[i]) {
        case node::JobStands::running:
        case node::JobStands::suspended:
          if (info->requeueable && !info->batch_host.empty())
            back.push_back(info->id);
          else
            stuck = true;  // srun, salloc, --no-requeue
          break;
        case node::JobStands::leaving:
        case node::JobStands::starting:
          wait = true;
          break;
        case node::JobStands::waits_held:
          // slurmctld's own doing to a suspended job, or ours; not a person's.
          if (info->reason != "JobHeldUser" &&
              (info->reason != "job_requeued_in_held_state" || !keeps_memory(h->mode())))
            free.push_back(info->id);
          break;
        case node::JobStands::waiting:
        case node::JobStands::elsewhere:
        case node::JobStands::ended:
          break;
      }
    }
    // In a list of modes a job of a mode before may wait held already.
    if (wait && now() - h->step_since > kCompleting) stuck = true;
    Result<void> done;
    if (!back.empty()) done = co_await s_.controller.requeue(back, false);
    const bool refused = !done && done.error().kind != ErrorKind::unreachable &&
                         done.error().kind != ErrorKind::not_found;
    if (!done && !refused && done.error().kind == ErrorKind::unreachable) co_return done;
    if (stuck || refused) {
      // What cannot be requeued ends, and says why: as a node's failure.
      auto down = co_await s_.controller.set_down(nodes_of(*h), hold_reason(*h));
      if (!down && down.error().kind == ErrorKind::unreachable) co_return down;
      if (!down) {
        if (auto failed = failed_try(*h, down.error()); !failed) co_return failed;
        continue;
      }
    }
    if (!back.empty() || stuck || refused) {
      moved_ = h->attempts++ < 5;
      if (!moved_) h->next_try = now() + Millis(1000);
      continue;
    }
    if (wait) continue;
    if (!free.empty() && h->attempts < 10) {
      auto let_go = co_await s_.controller.release(free);
      if (!let_go && let_go.error().kind == ErrorKind::unreachable) co_return let_go;
      if (!let_go) {
        if (auto failed = failed_try(*h, let_go.error()); !failed) co_return failed;
        continue;
      }
      ++h->attempts;
      moved_ = true;
      continue;
    }
    if (auto next = advance(*h, HoldStep::discarding); !next) co_return next;
  }
  co_return Result<void>{};
}

// Deletes what the cloud has of the hold's nodes. True: nothing is left.
Task<Result<bool>> Holds::servers_gone(HoldRecord& h) {
  bool all = true;
  for (auto& n : h.nodes) {
    if (auto taken = take_image(h, n); !taken) co_return tl::unexpected(taken.error());
    auto record = s_.store.node(n.node);
    if (!record) co_return tl::unexpected(record.error());
    if (!*record) continue;
    // Not wanted any more, unless slurmctld has asked for it anew since.
    if ((*record)->wanted == Wanted::present && !(*record)->fresh_want()) {
      auto set =
          s_.store.want_if({n.node, (*record)->pool}, (*record)->want_seq, Wanted::absent, "hold");
      if (!set) co_return tl::unexpected(set.error());
    }
    const Seen seen = look_at(n.node);
    if (!seen.fresh) {
      all = false;
      continue;
    }
    if (seen.server == nullptr) continue;
    all = false;
    if (seen.observed == node::Observed::deleting || !may_try(n.node)) continue;
    count_try(n.node);
    launch(n.node, actions_.remove(n.node, seen.server->id));
  }
  co_return all;
}

// Best effort: an image that stays is named, and costs no more than its room.
void Holds::drop_images(HoldRecord& h) {
  for (const auto& n : h.nodes) {
    if (n.image_id.empty()) continue;
    boost::asio::co_spawn(
        s_.context,
        [](Surroundings& s, std::string node, std::string id) -> Task<void> {
          auto gone = co_await s.cloud.image().delete_image(id);
          if (!gone)
            note(s.store, LogLevel::warning,
                 {node, "image not deleted", id + ": " + gone.error().message, "", ""});
        }(s_, n.node, n.image_id),
        [](std::exception_ptr) {});
  }
}

// The node is Slurm's again, powered down: POWER_DOWN first, so that nobody uses it in between.
Task<Result<void>> Holds::give_back(HoldRecord& h) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<std::string> down, clean;
  for (const auto& n : h.nodes) {
    const auto* info = facts_.node(n.node);
    if (info == nullptr) continue;
    if (info->address == standin_address()) pairs.emplace_back(n.node, n.address);
    const bool off = info->has("POWER_DOWN") || info->has("POWERED_DOWN") ||
                     info->has("POWERING_DOWN") || info->has("POWERING_UP");
    if (!off)
      down.push_back(n.node);
    else if (is_extra_of(info->extra, h.id))
      clean.push_back(n.node);
  }
  const bool told = !pairs.empty() || !down.empty() || !clean.empty();
  if (!told) {
    drop_images(h);
    co_return end(h);
  }
  auto done = co_await s_.controller.set_addresses(std::move(pairs));
  if (done) done = co_await s_.controller.power_down(down);
  if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
  for (const auto& n : h.nodes) {
    if (!done || std::find(clean.begin(), clean.end(), n.node) == clean.end()) continue;
    std::vector<std::string> name(1, n.node);
    std::vector<std::string> settings{"State=UNDRAIN", "Extra="};
    if (n.prior_drain) {
      settings[0] = "State=DRAIN";
      settings.push_back("Reason=" + n.prior_reason);
    }
    done = co_await s_.controller.update(std::move(name), std::move(settings));
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
  }
  if (!done) {
    // Its server is gone; what slurmctld thinks of the node is for a person, in the end.
    if (h.attempts >= 10) {
      event(h, LogLevel::error, "node not given back", done.error().message);
      co_return end(h);
    }
    co_return failed_try(h, done.error());
  }
  moved_ = true;
  co_return Result<void>{};
}

Task<Result<void>> Holds::discard(const Those& those) {
  for (auto* h : those) {
    hurry_ = true;
    auto gone = co_await servers_gone(*h);
    if (!gone) co_return tl::unexpected(gone.error());
    if (!*gone) continue;
    if (auto done = co_await give_back(*h); !done) co_return done;
  }
  co_return Result<void>{};
}

}  // namespace tidepool
