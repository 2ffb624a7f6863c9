#include "work/orphans.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace tidepool {

std::vector<Orphan> Orphans::find(const Inventory& inventory,
                                  const std::vector<NodeRecord>& records) {
  std::map<std::string, const NodeRecord*> by_name;
  for (const auto& r : records) by_name[r.name] = &r;
  std::vector<Orphan> orphans;
  for (const auto& [node, server] : inventory.by_node()) {
    const std::string lease = server->meta(openstack::kMetaLease);
    const auto it = by_name.find(node);
    const NodeRecord* record = it == by_name.end() ? nullptr : it->second;
    // Duplicates of a lease are the worker's business: it removes them at once.
    if (record != nullptr && record->leased() && record->lease_id == lease) continue;
    if (node::observe(*server) == node::Observed::deleting) continue;
    Orphan o;
    o.server_id = server->id;
    o.name = server->name;
    o.node = node;
    o.lease_id = lease;
    o.status = server->status;
    o.created = server->created;
    if (record == nullptr)
      o.why = "the store does not know the node";
    else if (record->leased())
      o.why = fmt::format("the node's lease belongs to {}", record->server_id.empty()
                                                                ? "another request"
                                                                : "server " + record->server_id);
    else
      o.why = "the node has no lease";
    orphans.push_back(std::move(o));
  }
  return orphans;
}

Task<Result<void>> Orphans::judge(std::vector<Orphan>& orphans,
                                  const std::vector<NodeRecord>& records, Millis grace) {
  std::set<std::string> leased;
  for (const auto& r : records)
    if (r.leased()) leased.insert(r.name);
  std::vector<std::string> doubtful;
  for (const auto& o : orphans)
    if (now() - o.created >= grace && !leased.contains(o.node)) doubtful.push_back(o.node);
  std::set<std::string> unused;
  if (!doubtful.empty()) {
    auto answer = co_await slurm_.unused(doubtful);
    if (!answer) co_return tl::unexpected(answer.error());
    unused = std::move(*answer);
  }
  for (auto& o : orphans)
    o.due = now() - o.created >= grace && (leased.contains(o.node) || unused.contains(o.node));
  co_return Result<void>{};
}

Task<Result<std::vector<std::string>>> Orphans::remove_due(const std::vector<Orphan>& orphans) {
  std::vector<std::string> gone;
  for (const auto& o : orphans) {
    if (!o.due) continue;
    auto permit = co_await s_.limiter.acquire();
    const auto began = std::chrono::steady_clock::now();
    auto deleted = co_await s_.cloud.compute().delete_server(o.server_id);
    permit.done(began, deleted ? nullptr : &deleted.error());
    if (!deleted) co_return tl::unexpected(deleted.error());
    note(s_.store, LogLevel::warning,
         {o.node, "orphan deleted", o.name + ": " + o.why, o.server_id, ""});
    gone.push_back(o.server_id);
  }
  co_return gone;
}

Task<Result<int>> Orphans::sweep(const Inventory& inventory, const std::vector<NodeRecord>& records,
                                 Millis grace) {
  auto orphans = find(inventory, records);
  if (orphans.empty()) co_return 0;
  for (const auto& o : orphans)
    if (reported_.insert(o.server_id).second)
      note(s_.store, LogLevel::warning,
           {o.node, "orphan",
            fmt::format("{}: {}; deleted after {}", o.name, o.why, rough_duration(grace)),
            o.server_id, ""});
  if (auto judged = co_await judge(orphans, records, grace); !judged)
    co_return tl::unexpected(judged.error());
  auto gone = co_await remove_due(orphans);
  if (!gone) co_return tl::unexpected(gone.error());
  co_return static_cast<int>(gone->size());
}

}  // namespace tidepool
