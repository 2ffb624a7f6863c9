// The servers of one listing, sorted by node: which is the node's own, which are one too many.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "node/observed.hpp"
#include "openstack/server.hpp"
#include "store/node_record.hpp"

namespace tidepool {

class Inventory {
 public:
  // `began`: when the listing was asked for; what happened after it is not in it.
  Inventory(const std::string& cluster, std::vector<openstack::Server> servers, Time began);

  Time began() const { return began_; }

  struct View {
    const openstack::Server* own = nullptr;  // nullptr: none
    node::Observed observed = node::Observed::none;
    std::vector<const openstack::Server*> duplicates;  // same lease, not the own one
    std::vector<const openstack::Server*> strays;      // same node, another lease
  };
  View view(const NodeRecord& record) const;

  // Every server that carries our cluster's metadata, by node name.
  const std::multimap<std::string, const openstack::Server*>& by_node() const { return by_node_; }

 private:
  std::vector<openstack::Server> servers_;
  std::multimap<std::string, const openstack::Server*> by_node_;
  std::map<std::string, const openstack::Server*> by_id_;
  Time began_;
};

}  // namespace tidepool
