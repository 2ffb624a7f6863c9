// Which address a probe's server gets: never one that a node may need meanwhile. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/pool_file.hpp"
#include "openstack/network.hpp"

namespace tidepool {

// True when the file pairs nodes with addresses of one of the network's subnets: then Neutron's own
// choice could be a node's.
bool has_nodes_in(const PoolFile& pools, const openstack::NetworkInfo& network);

// Addresses of the network that belong to no node, no port and no gateway, those first that Neutron
// itself would choose from; at most `most`.
std::vector<std::string> free_addresses(const PoolFile& pools,
                                        const openstack::NetworkInfo& network,
                                        const std::vector<openstack::Port>& ports,
                                        std::size_t most);

// The node that an address belongs to; empty: none.
std::string node_of_address(const PoolFile& pools, const std::string& address);

}  // namespace tidepool
