#include "work/rebuild.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "work/hold_restore.hpp"
#include "work/inventory.hpp"
#include "work/journal.hpp"

namespace tidepool {
namespace {

// The server to believe when a node has several: one that runs, the newest.
bool better(const openstack::Server* a, const openstack::Server* b) {
  const bool ra = node::observe(*a) == node::Observed::active;
  const bool rb = node::observe(*b) == node::Observed::active;
  return ra != rb ? ra : a->created > b->created;
}

}  // namespace

Task<Result<RebuildReport>> rebuild(Surroundings& s, bool dry_run) {
  const Time began = now();
  auto servers = co_await s.cloud.compute().list_servers();
  if (!servers) co_return tl::unexpected(servers.error());
  const Inventory inventory(s.pools.cluster, std::move(*servers), began);
  RebuildReport report;
  // Held nodes first: their servers are put away, and wanted all the same.
  Result<std::vector<HoldRecord>> holds;
  if (dry_run)
    holds = co_await lost_holds(s);
  else
    holds = co_await restore_holds(s);
  // Without slurmctld the servers can be found again all the same; the worker looks for holds, too.
  if (!holds) log_error(LogLevel::warning, "holds cannot be looked for", holds.error());
  std::set<std::string> held;
  if (auto known = s.store.holds(); known && holds)
    holds->insert(holds->end(), known->begin(), known->end());
  if (holds)
    for (const auto& h : *holds)
      for (const auto& n : h.nodes) {
        held.insert(n.node);
        if (report.holds.empty() || report.holds.back() != h.id) report.holds.push_back(h.id);
      }
  std::sort(report.holds.begin(), report.holds.end());
  report.holds.erase(std::unique(report.holds.begin(), report.holds.end()), report.holds.end());
  const auto& all = inventory.by_node();
  for (auto it = all.begin(); it != all.end(); it = all.upper_bound(it->first)) {
    const std::string& name = it->first;
    std::vector<const openstack::Server*> candidates;
    for (auto c = it; c != all.end() && c->first == name; ++c)
      if (node::observe(*c->second) != node::Observed::deleting) candidates.push_back(c->second);
    if (candidates.empty()) continue;
    std::sort(candidates.begin(), candidates.end(), better);
    const auto leave = [&](const openstack::Server* server, std::string why) {
      report.left.push_back({server->id, name, std::move(why)});
    };
    const openstack::Server* chosen = candidates.front();
    for (std::size_t i = 1; i < candidates.size(); ++i)
      leave(candidates[i], "another server has the node's name; 'tidepool reconcile' removes it");
    const auto place = s.pools.find(name);
    if (place.pool == nullptr) {
      leave(chosen, "the node is in no pool of the pool file");
      continue;
    }
    auto known = s.store.node(name);
    if (!known) co_return tl::unexpected(known.error());
    if (*known && (*known)->leased()) {
      if ((*known)->lease_id == chosen->meta(openstack::kMetaLease))
        report.kept.push_back(name);
      else
        leave(chosen, "the store has another lease for the node");
      continue;
    }
    const std::string lease = chosen->meta(openstack::kMetaLease);
    if (lease.empty()) {
      leave(chosen, "its metadata has no lease id");
      continue;
    }
    const auto observed = node::observe(*chosen);
    if (!dry_run) {
      const bool parked = node::is_parked(observed) && !held.contains(name);
      const Wanted wanted = parked ? Wanted::absent : Wanted::present;
      const NodeKey key{name, place.pool->name};
      auto wants = s.store.want({key}, wanted, wanted == Wanted::present ? "rebuild" : "suspend");
      if (!wants) co_return tl::unexpected(wants.error());
      auto record = s.store.node(name);
      if (!record) co_return tl::unexpected(record.error());
      NodeRecord& r = **record;
      r.seen_seq = r.want_seq;
      r.lease_id = lease;
      r.lease_since = chosen->created;
      r.server_id = chosen->id;
      r.server_state = std::string(node::to_string(observed));
      if (place.node->address)
        r.address = place.node->address->str();
      else if (!chosen->addresses.empty())
        r.address = chosen->addresses.front();
      // Whether slurmd has registered the worker asks slurmctld, which knows.
      if (observed == node::Observed::active) r.active_since = now();
      if (auto saved = s.store.save(r); !saved) {
        if (saved.error().kind != ErrorKind::conflict) co_return tl::unexpected(saved.error());
        leave(chosen, "its lease or address belongs to another node already");
        continue;
      }
      note(s.store, LogLevel::info, {name, "lease restored", r.address, chosen->id, ""});
    }
    report.restored.push_back(name);
  }
  co_return report;
}

}  // namespace tidepool
