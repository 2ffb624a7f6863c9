// A Nova server as tidepool sees it, and the request that makes one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace tidepool::openstack {

// Metadata keys that tie a server to its cluster, node and lease.
inline constexpr const char* kMetaCluster = "tidepool-cluster";
inline constexpr const char* kMetaNode = "tidepool-node";
inline constexpr const char* kMetaLease = "tidepool-lease";
inline constexpr const char* kMetaPool = "tidepool-pool";

struct Server {
  std::string id, name;
  std::string status;      // "ACTIVE", "BUILD", "ERROR", "SHUTOFF", …
  std::string vm_state;    // OS-EXT-STS:vm_state
  std::string task_state;  // OS-EXT-STS:task_state; empty: none
  int power_state = 0;     // OS-EXT-STS:power_state
  std::map<std::string, std::string> metadata;
  std::vector<std::string> addresses;  // fixed IPv4 ones first
  std::string fault;                   // message; empty: none
  int fault_code = 0;
  bool locked = false;
  Time created;
  Time launched;                            // epoch: not yet
  std::string meta(const char* key) const;  // "" when absent
};

struct ServerRequest {
  std::string name, flavor_id, image_id, network_id;
  std::string fixed_ip;  // empty: the network chooses
  std::string port_id;   // instead of network_id and fixed_ip
  std::map<std::string, std::string> metadata;
  std::string user_data;  // plain text; base64 is made here; at most 65535 encoded
  std::string key_name, availability_zone;
  std::vector<std::string> security_groups;
  bool config_drive = false;
};

}  // namespace tidepool::openstack
