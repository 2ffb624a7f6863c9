#include "work/inventory.hpp"

#include <algorithm>

namespace tidepool {
namespace {

// Which of several servers with one lease is kept: the one that the store knows, then one that
// runs, then one that may still run, the oldest first so that every look picks the same.
int rank(const openstack::Server& server, const std::string& known_id) {
  const auto state = node::observe(server);
  if (state == node::Observed::deleting) return 4;
  if (state == node::Observed::error) return 3;
  if (server.id == known_id) return 0;
  return state == node::Observed::active ? 1 : 2;
}

}  // namespace

Inventory::Inventory(const std::string& cluster, std::vector<openstack::Server> servers, Time began)
    : servers_(std::move(servers)), began_(began) {
  for (const auto& server : servers_) {
    by_id_[server.id] = &server;
    if (server.meta(openstack::kMetaCluster) != cluster) continue;
    const std::string node = server.meta(openstack::kMetaNode);
    if (!node.empty()) by_node_.emplace(node, &server);
  }
}

Inventory::View Inventory::view(const NodeRecord& record) const {
  View view;
  std::vector<const openstack::Server*> own;
  const auto [from, to] = by_node_.equal_range(record.name);
  for (auto it = from; it != to; ++it) {
    if (record.leased() && it->second->meta(openstack::kMetaLease) == record.lease_id)
      own.push_back(it->second);
    else
      view.strays.push_back(it->second);
  }
  std::stable_sort(own.begin(), own.end(), [&](const auto* a, const auto* b) {
    const int ra = rank(*a, record.server_id), rb = rank(*b, record.server_id);
    return ra != rb ? ra < rb : a->created != b->created ? a->created < b->created : a->id < b->id;
  });
  if (own.empty()) {
    // A cell that is down lists its servers by id alone, without metadata (API guide, "Handling
    // Down Cells"): the server is there, nothing more is known.
    const auto it = record.server_id.empty() ? by_id_.end() : by_id_.find(record.server_id);
    if (it != by_id_.end() && it->second->metadata.empty()) {
      view.own = it->second;
      view.observed = node::Observed::busy;
    }
    return view;
  }
  view.own = own.front();
  view.observed = node::observe(*view.own);
  for (std::size_t i = 1; i < own.size(); ++i)
    if (node::observe(*own[i]) != node::Observed::deleting) view.duplicates.push_back(own[i]);
  return view;
}

}  // namespace tidepool
