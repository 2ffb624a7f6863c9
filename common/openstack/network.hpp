// Neutron: networks, subnets, ports. https://docs.openstack.org/api-ref/network/v2/
#pragma once

#include <string>
#include <utility>
#include <vector>
#include "base/async.hpp"

#include "base/result.hpp"
#include "openstack/session.hpp"

namespace tidepool::openstack {

struct Subnet {
  std::string id, cidr, gateway_ip;
  int ip_version = 4;
  bool dhcp = false;
  // Where Neutron's own choices come from: first and last address of each range.
  std::vector<std::pair<std::string, std::string>> ranges;
};

struct NetworkInfo {
  std::string id, name, project_id;
  bool shared = false;
  std::vector<Subnet> subnets;
};

struct Port {
  std::string id, network_id, device_id, device_owner, status, project_id, name;
  std::vector<std::string> addresses;
};

class Network {
 public:
  explicit Network(Session& session) : session_(session) {}
  // By id or name; not_found; conflict when a name fits several (the message lists the ids).
  Task<Result<NetworkInfo>> find_network(std::string name_or_id);
  // All ports of the network that the project may see.
  Task<Result<std::vector<Port>>> list_ports(std::string network_id);

 private:
  Session& session_;
};

}  // namespace tidepool::openstack
