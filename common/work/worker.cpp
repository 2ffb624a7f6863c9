#include "work/worker.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "node/table.hpp"
#include "openstack/errors.hpp"
#include "work/hold_restore.hpp"
#include "work/probe_leftovers.hpp"

namespace tidepool {
namespace asio = boost::asio;
using node::Action;
using openstack::ServerAction;

Worker::Worker(Surroundings& s)
    : s_(s),
      ids_(s),
      failures_(s),
      actions_(s, failures_, ids_),
      slurm_(s, failures_, actions_),
      orphans_(s, slurm_),
      holds_(s, actions_),
      reclaims_(s, failures_),
      timer_(s.context) {
  holds_.on_answer = [this] { wake_holds(); };
}

void Worker::stop() {
  stopping_ = true;
  timer_.cancel();
}

void Worker::complain(const char* what, const Error& error) {
  // The same trouble each round is said once, and again after a minute.
  auto& [words, when] = complained_[what];
  if (words == error.message && now() - when < Millis(60'000)) return;
  words = error.message;
  when = now();
  log_error(LogLevel::error, what, error);
}

void Worker::launch(const std::string& node, Task<Result<void>> action) {
  in_flight_.insert(node);
  asio::co_spawn(s_.context, std::move(action),
                 [this, node](std::exception_ptr thrown, Result<void> result) {
                   if (thrown) {
                     try {
                       std::rethrow_exception(thrown);
                     } catch (const std::exception& e) {
                       result = fail(ErrorKind::internal, e.what());
                     }
                   }
                   // The API's part is done or in doubt, and the store says which; what failed here
                   // is the store itself, or a bug. Both are looked at again with the next round.
                   if (!result) complain("action", result.error());
                   in_flight_.erase(node);
                   touched_[node] = now();
                   // The next listing tells the outcome of all of them at once: do not ask for
                   // each.
                   if (!in_flight_.empty()) return;
                   look_soon_ = true;
                   timer_.cancel();
                 });
}

Result<bool> Worker::take_up(NodeRecord& record) {
  const bool was_up = record.wanted == Wanted::absent && record.active_since != Time{};
  if (record.want_by == "resume-fail" && !record.failure && was_up && !record.registered) {
    auto pool = s_.store.pool(record.pool);
    if (!pool) return tl::unexpected(pool.error());
    ++pool->boot_failures;
    if (auto saved = s_.store.save_pool(*pool); !saved) return tl::unexpected(saved.error());
    note(s_.store, LogLevel::warning,
         {record.name, "ResumeTimeout reached", "slurmd did not register", record.server_id, ""});
  }
  record.seen_seq = record.want_seq;
  record.failure.reset();
  record.tell = Tell::nothing;
  record.replaced = false;
  record.attempts = 0;
  record.next_try = {};
  record.last_error.clear();
  if (record.wanted == Wanted::present) {
    record.registered = false;
    record.active_since = {};
    slurm_.announce(record.name);
  }
  if (auto saved = s_.store.save(record); !saved) return tl::unexpected(saved.error());
  if (record.wanted == Wanted::absent) return true;
  auto rest = failures_.resting(record.pool);
  if (!rest) return tl::unexpected(rest.error());
  // A server that is there already (parked, say) may come back whatever the quota says.
  if (!*rest || record.leased()) return true;
  if (auto refused = failures_.refuse(record, **rest); !refused)
    return tl::unexpected(refused.error());
  return false;
}

void Worker::observe(NodeRecord& record, const Inventory::View& view) {
  const NodeRecord before = record;
  if (view.own == nullptr) {
    if (record.server_id.empty()) record.server_state.clear();
  } else if (!record.doomed()) {
    record.server_state = std::string(node::to_string(view.observed));
    if (view.observed != node::Observed::deleting) {
      record.server_id = view.own->id;
      record.create_begun = {};
    }
    if (record.address.empty() && !view.own->addresses.empty()) {
      record.address = view.own->addresses.front();
      slurm_.announce(record.name);
    }
    if (view.observed == node::Observed::active && record.active_since == Time{} &&
        record.wanted == Wanted::present) {
      record.active_since = now();
      // Nobody waits for the slurmd of a node made by hand.
      record.registered = !asked_by_slurm(record);
      note(s_.store, LogLevel::info,
           {record.name, "server active", record.address, view.own->id, ""});
    }
  }
  const bool same = before.server_state == record.server_state &&
                    before.server_id == record.server_id && before.address == record.address &&
                    before.create_begun == record.create_begun &&
                    before.active_since == record.active_since;
  if (same) return;
  if (auto saved = s_.store.save(record); !saved) complain("store", saved.error());
}

void Worker::removes(const std::string& node,
                     const std::vector<const openstack::Server*>& servers) {
  for (const auto* server : servers)
    note(s_.store, LogLevel::warning, {node, "duplicate server", "deleting it", server->id, ""});
  // One after the other: in_flight_ counts the node once.
  std::vector<std::string> ids;
  for (const auto* server : servers) ids.push_back(server->id);
  launch(
      node,
      [](Actions& actions, std::string name, std::vector<std::string> all) -> Task<Result<void>> {
        Result<void> last;
        for (auto& id : all)
          if (auto done = co_await actions.remove(name, id); !done) last = done;
        co_return last;
      }(actions_, node, std::move(ids)));
}

void Worker::decide(const Inventory& inventory, NodeRecord record) {
  // slurmctld asks for a node whose server it has used before and that never went (its suspend was
  // lost, or a person made it): it waits for a boot younger than its request
  // (waiting_for_node_boot() in its node_mgr.c), so that server would never do. Removed first, then
  // made anew.
  if (record.fresh_want() && record.wanted == Wanted::present && record.want_by == "resume" &&
      record.registered) {
    const auto view = inventory.view(record);
    if (view.own != nullptr && view.observed == node::Observed::active) {
      note(s_.store, LogLevel::warning,
           {record.name, "server replaced", "it booted before slurmctld asked for the node",
            view.own->id, ""});
      return launch(record.name, actions_.remove(record.name, view.own->id));
    }
  }
  if (record.fresh_want()) {
    auto taken = take_up(record);
    if (!taken) complain("store", taken.error());
    if (!taken || !*taken) return;
  }
  auto view = inventory.view(record);
  // A server of ours for this very node that no lease claims (a lost store): take it over rather
  // than make a second one. Its address must be the one that the pool file gives.
  if (!record.leased() && record.wanted == Wanted::present && !record.failure &&
      view.strays.size() == 1 && node::observe(*view.strays[0]) != node::Observed::deleting) {
    const auto* stray = view.strays[0];
    const auto place = s_.pools.find(record.name);
    const bool fits =
        place.node != nullptr &&
        (!place.node->address || std::find(stray->addresses.begin(), stray->addresses.end(),
                                           place.node->address->str()) != stray->addresses.end());
    if (fits && !stray->meta(openstack::kMetaLease).empty()) {
      record.lease_id = stray->meta(openstack::kMetaLease);
      record.address = place.node->address ? place.node->address->str() : std::string();
      record.lease_since = stray->created;
      record.server_id = stray->id;
      note(s_.store, LogLevel::warning,
           {record.name, "server taken over", "no lease claimed it", stray->id, ""});
      if (auto saved = s_.store.save(record); !saved) return complain("store", saved.error());
      view = inventory.view(record);
    }
  }
  observe(record, view);
  if (!view.duplicates.empty()) return removes(record.name, view.duplicates);

  const auto place = s_.pools.find(record.name);
  const OnSuspend on_suspend = place.pool != nullptr ? place.pool->on_suspend : OnSuspend::remove;
  const Action action =
      node::next(node::situation_of(record, view.observed, on_suspend, inventory.began()));
  if (now() < record.next_try) return;
  const std::string& name = record.name;
  const auto act = [&](ServerAction what) { launch(name, actions_.act(name, view.own->id, what)); };
  switch (action) {
    case Action::nothing:
    case Action::wait:
      break;
    case Action::create:
      create(record);
      break;
    case Action::unpause:
      act(ServerAction::unpause);
      break;
    case Action::resume:
      act(ServerAction::resume);
      break;
    case Action::start:
      act(ServerAction::start);
      break;
    case Action::unshelve:
      act(ServerAction::unshelve);
      break;
    case Action::put_away:
      act(on_suspend == OnSuspend::stop     ? ServerAction::stop
          : on_suspend == OnSuspend::shelve ? ServerAction::shelve
                                            : ServerAction::suspend);
      break;
    case Action::remove:
      launch(name, actions_.remove(name, view.own->id));
      break;
    case Action::release:
      if (auto done = actions_.release(record); !done) complain("store", done.error());
      break;
    case Action::failed:
      server_failed(record, *view.own);
      break;
    case Action::vanished: {
      Error error;
      error.kind = ErrorKind::server_error;
      error.message = fmt::format("server {} was deleted outside tidepool", record.server_id);
      record.server_id.clear();
      if (auto done = failures_.give_up(record, error, false); !done)
        complain("store", done.error());
      break;
    }
  }
}

bool Worker::settled(const NodeRecord& r) const {
  if (holds_.owns(r.name)) return true;  // whatever is wanted waits for the hold's end
  if (r.fresh_want() || r.failure || r.tell != Tell::nothing || in_flight_.contains(r.name))
    return false;
  if (r.wanted == Wanted::present)
    return r.active_since != Time{} && (r.registered || !asked_by_slurm(r));
  if (!r.leased()) return true;
  const auto place = s_.pools.find(r.name);
  if (place.pool == nullptr || place.pool->on_suspend == OnSuspend::remove ||
      r.want_by != "suspend")
    return false;
  // Parked: at rest in a state that costs nothing more to be in.
  return node::is_parked(r.server_state);
}

Result<bool> Worker::nothing_left() {
  if (auto read = holds_.load(); !read) return tl::unexpected(read.error());
  if (auto read = reclaims_.load(); !read) return tl::unexpected(read.error());
  if (holds_.any() || reclaims_.any()) return false;
  return all_settled();
}

Result<bool> Worker::all_settled() {
  auto records = s_.store.nodes();
  if (!records) return tl::unexpected(records.error());
  return std::all_of(records->begin(), records->end(), [&](const auto& r) { return settled(r); });
}

Task<void> Worker::look() {
  auto records = s_.store.nodes();
  if (!records) {
    complain("store", records.error());
    co_return;
  }
  const Time began = now();
  auto servers = co_await s_.cloud.compute().list_servers();
  // Wants may have come in meanwhile: decide on what is wanted now.
  records = s_.store.nodes();
  if (!records) {
    complain("store", records.error());
    co_return;
  }
  if (!servers) {
    list_failed(*records, servers.error());
    co_return;
  }
  list_failures_ = 0;
  complained_.erase(kCannotListCloud);
  const auto listed =
      std::make_shared<const Inventory>(s_.pools.cluster, std::move(*servers), began);
  const Inventory& inventory = *listed;
  if (auto read = holds_.load(); !read) complain("store", read.error());
  holds_.seen(listed);
  reclaims_.seen(listed);
  wake_holds();
  for (auto& record : *records) {
    if (holds_.owns(record.name)) {
      observe(record, inventory.view(record));
      continue;
    }
    if (in_flight_.contains(record.name)) continue;
    // The listing must be younger than what was last done to the node.
    if (const auto it = touched_.find(record.name); it != touched_.end() && it->second >= began)
      continue;
    decide(inventory, record);
  }
  if (auto swept = co_await orphans_.sweep(inventory, *records, s_.pools.policy.orphan_grace);
      !swept)
    complain("orphans", swept.error());
  if (auto swept = co_await sweep_killed_probe(s_); !swept) complain("probe", swept.error());
}

Task<void> Worker::pause(Millis longest) {
  // Woken by an action's end, by a hook's commit, or by time.
  auto before = s_.store.data_version();
  const Time end = now() + longest;
  while (!stopping_ && now() < end) {
    timer_.expires_after(std::min(Millis(200), std::max(Millis(1), end - now())));
    boost::system::error_code ec;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    if (rest_ && rest_()) co_return;
    auto version = s_.store.data_version();
    if (version && before && *version != *before) {
      look_soon_ = true;
      holds_next_ = reclaims_next_ = {};
      co_return;
    }
  }
}

Task<Result<void>> Worker::run(Options options) {
  bool idle_before = false;
  rest_ = options.rest;
  // What an earlier worker had still to tell died with it: say the addresses again.
  if (auto records = s_.store.nodes(); records)
    for (const auto& r : *records)
      if (r.wanted == Wanted::present && !r.failure && !r.registered && asked_by_slurm(r))
        slurm_.announce(r.name);
  // A lost store: slurmctld still knows which nodes are held.
  if (s_.pools.standin.given())
    if (auto restored = co_await restore_holds(s_); !restored)
      complain("lost holds", restored.error());
  while (true) {
    if (rest_ && rest_()) stopping_ = true;
    auto read = holds_.load();
    if (read) read = reclaims_.load();
    auto all = all_settled();
    if (!all || !read) {
      const Error trouble = all ? read.error() : all.error();
      complain("store", trouble);
      if (!options.stay && trouble.kind != ErrorKind::busy) co_return fail(trouble);
      co_await pause(Millis(2000));
      if (stopping_) co_return Result<void>{};
      continue;
    }
    const bool settled_all = *all && !slurm_.in_doubt();
    const bool idle = settled_all && !holds_.restless();
    const bool resting =
        in_flight_.empty() && !slurm_busy_ && !holds_busy_ && !holds_.at_work() && !reclaims_busy_;
    const bool kept = holds_.any() || reclaims_.any() || reclaims_.wants_round();
    // Not before slurmctld was asked once: a hook may have failed to write an intent down.
    if (settled_all && compared_ && resting && !kept && !options.stay) co_return Result<void>{};
    if (stopping_) {
      if (resting) co_return Result<void>{};
      timer_.expires_after(Millis(50));
      boost::system::error_code ec;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      continue;
    }
    slurm_.leave_alone(holds_.nodes());
    if (holds_.take_look_wanted()) look_soon_ = true;
    const Millis rhythm = idle && idle_before ? s_.pools.policy.poll_idle : s_.pools.policy.poll;
    if ((look_soon_ || now() >= look_next_) && now() >= list_not_before_) {
      look_soon_ = false;
      co_await look();
      look_next_ = now() + rhythm;
      list_not_before_ = std::max(list_not_before_, now() + Millis(300));
    }
    if (!slurm_busy_ && now() >= slurm_next_) {
      slurm_busy_ = true;
      const bool compare = now() >= compare_next_;
      asio::co_spawn(
          s_.context,
          [](SlurmSide& slurm, bool lost) -> Task<Result<void>> {
            if (auto done = co_await slurm.round(); !done) co_return done;
            if (lost) co_return co_await slurm.take_up_lost_intents();
            co_return Result<void>{};
          }(slurm_, compare),
          [this, compare](std::exception_ptr thrown, Result<void> result) {
            if (compare) {
              compared_ = true;
              const Millis rarely = s_.pools.policy.poll_idle;
              compare_next_ = now() + (slurm_.in_doubt() ? std::min(rarely, Millis(2000)) : rarely);
            }
            if (thrown) result = fail(ErrorKind::internal, "slurmctld round threw");
            if (!result) complain("slurmctld cannot be told", result.error());
            slurm_next_ = now() + (result ? Millis(500) : Millis(2000));
            slurm_busy_ = false;
            if (slurm_.take_changed()) look_soon_ = true;
            timer_.cancel();
          });
    }
    if (holds_.any() && !holds_busy_ && now() >= holds_next_) start_hold_round();
    if (reclaims_.take_woken()) reclaims_next_ = {};
    if (reclaims_wanted() && !reclaims_busy_ && now() >= reclaims_next_) start_reclaim_round();
    // While a node boots slurmctld is asked twice a second; listings keep their own rhythm.
    Millis longest =
        std::max(Millis(1), std::max(look_soon_ ? Time{} : look_next_, list_not_before_) - now());
    if (!idle && !slurm_busy_)
      longest = std::min(longest, std::max(Millis(1), slurm_next_ - now()));
    if (holds_.any() && !holds_busy_)
      longest = std::min(longest, std::max(Millis(1), holds_next_ - now()));
    if (reclaims_wanted() && !reclaims_busy_)
      longest = std::min(longest, std::max(Millis(1), reclaims_next_ - now()));
    co_await pause(longest);
    idle_before = idle;
  }
}

}  // namespace tidepool
