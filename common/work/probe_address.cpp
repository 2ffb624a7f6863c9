#include "work/probe_address.hpp"

#include <algorithm>
#include <set>

namespace tidepool {
namespace {

std::vector<Cidr> subnets_of(const openstack::NetworkInfo& network) {
  std::vector<Cidr> all;
  for (const auto& subnet : network.subnets)
    if (auto cidr = Cidr::parse(subnet.cidr)) all.push_back(*cidr);
  return all;
}

// From the end: people count nodes from the start.
void take(Ipv4 first, Ipv4 last, const std::set<std::string>& used, std::size_t most,
          std::vector<std::string>& into) {
  for (auto v = last.value(); into.size() < most && v >= first.value(); --v) {
    const std::string address = Ipv4(v).str();
    if (!used.contains(address) && std::find(into.begin(), into.end(), address) == into.end())
      into.push_back(address);
    if (v == 0) break;
  }
}

}  // namespace

bool has_nodes_in(const PoolFile& pools, const openstack::NetworkInfo& network) {
  const auto subnets = subnets_of(network);
  for (const auto& pool : pools.pools)
    for (const auto& node : pool.nodes)
      for (const auto& subnet : subnets)
        if (node.address && subnet.contains(*node.address)) return true;
  return false;
}

std::vector<std::string> free_addresses(const PoolFile& pools,
                                        const openstack::NetworkInfo& network,
                                        const std::vector<openstack::Port>& ports,
                                        std::size_t most) {
  std::set<std::string> used;
  for (const auto& pool : pools.pools)
    for (const auto& node : pool.nodes)
      if (node.address) used.insert(node.address->str());
  for (const auto& port : ports) used.insert(port.addresses.begin(), port.addresses.end());
  for (const auto& subnet : network.subnets) used.insert(subnet.gateway_ip);
  std::vector<std::string> free;
  for (const auto& subnet : network.subnets)
    for (const auto& [start, end] : subnet.ranges) {
      const auto first = Ipv4::parse(start), last = Ipv4::parse(end);
      if (first && last) take(*first, *last, used, most, free);
    }
  for (const auto& cidr : subnets_of(network)) {
    if (cidr.prefix() > 30) continue;
    take(Ipv4(cidr.network().value() + 1), Ipv4(cidr.broadcast().value() - 1), used, most, free);
  }
  return free;
}

std::string node_of_address(const PoolFile& pools, const std::string& address) {
  for (const auto& pool : pools.pools)
    for (const auto& node : pool.nodes)
      if (node.address && node.address->str() == address) return node.name;
  return "";
}

}  // namespace tidepool
