#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cloud/clock.hpp"
#include "cloud/ipv4.hpp"

// What the cloud holds. Plain data: every reader and writer holds Cloud::mutex (cloud.hpp).
namespace tidepool::sim {

struct Quota {
  // -1 is "no limit", as in nova.
  long instances = -1, cores = -1, ram = -1;
};

struct Project {
  std::string id, name;
  Quota quota;
};

struct User {
  std::string id, name, password;
  std::map<std::string, std::vector<std::string>> roles;  // project id -> role names
};

struct Credential {  // an application credential
  std::string id, name, secret, user_id, project_id;
  std::vector<std::string> roles;
  std::optional<WallTime> expires = std::nullopt;
};

struct Token {
  std::string text, user_id, project_id, method, audit_id;
  std::vector<std::string> roles;
  WallTime issued, expires;
  bool admin() const;
};

struct Flavor {
  std::string id, name;
  long vcpus = 1, ram = 512, disk = 1;  // ram in MiB, disk in GiB
  std::map<std::string, std::string> extra_specs;
};

struct Image {
  std::string id, name, owner, status = "active", visibility = "private";
  long size = 0, min_disk = 0, min_ram = 0;
  WallTime created, updated;
  std::map<std::string, std::string> properties;
};

struct Network {
  std::string id, name, project_id, subnet_id;
  bool shared = false;
  Block block;
  std::uint32_t pool_first = 0, pool_last = 0;  // where neutron itself picks addresses
  WallTime created;
};

struct Port {
  std::string id, name, network_id, project_id, mac, device_id, device_owner, host, description;
  std::uint32_t address = 0;
  std::string status = "DOWN";
  bool made_by_nova = false;  // such a port goes away with its server
  int revision = 1;
  WallTime created, updated;
};

struct Host {
  std::string id, name;
  long cores = 0, ram = 0, disk = 0;
  bool up = true;
};

struct Fault {
  int code = 500;
  std::string message;
  WallTime created;
};

// One entry of `networks` in a create request.
struct Nic {
  std::string network_id, port_id;
  std::optional<std::uint32_t> fixed_ip;
};

struct ActionRecord {  // os-instance-actions
  std::string action, request_id, event, result;
  WallTime start, updated;
  bool failed = false;
};

struct Server {
  std::string id, name, project_id, user_id, user_name;
  std::string vm_state = "building", task_state = "scheduling";  // "" is null
  int power_state = 0;                                           // 1 running, 3 paused, 4 shut down
  std::string flavor_id, image_id, host, zone, key_name, user_data, config_drive, hostname;
  std::string launched, terminated, locked_reason, reservation, snapshot_id, console;
  std::optional<std::string> description;
  std::string locked_by;  // "", "owner" or "admin"
  Flavor flavor;          // as it was when the server was made
  std::map<std::string, std::string> metadata;
  std::set<std::string> tags;
  std::optional<Fault> fault;
  std::vector<Nic> nics;
  std::vector<std::string> ports;
  std::vector<ActionRecord> actions;
  WallTime created, updated;
  std::uint64_t number = 0;  // order of creation
  std::uint64_t epoch = 0;   // raised to cancel what is still in flight for this server
  int launch_index = 0;
  bool by_admin = false;   // who asked for it: decides who may choose addresses
  bool allocated = false;  // placement holds its VCPU, MEMORY_MB, DISK_GB
  bool hooked = false;     // a boot hook was started, so that a destroy hook is owed
  bool gone = false;       // no longer shown to anybody but changes-since
};
using ServerPtr = std::shared_ptr<Server>;

// nova's `status`, derived from vm_state and task_state.
std::string status_of(const Server& server);

}  // namespace tidepool::sim
