#include "cloud/build.hpp"

#include <algorithm>

#include "cloud/step.hpp"

namespace tidepool::sim {
namespace {

std::string out_of_retries(const Server& server) {
  return "Exceeded maximum number of retries. Exhausted all hosts available for retrying build "
         "failures for instance " +
         server.id + ".";
}

std::string aborted(const Server& server, const std::string& why) {
  return "Build of instance " + server.id + " aborted: " + why;
}

void bind(Cloud& cloud, Server& server, Port& port, bool made_by_nova) {
  port.device_id = server.id;
  port.device_owner = "compute:" + (server.zone.empty() ? std::string("nova") : server.zone);
  port.host = server.host;
  port.made_by_nova = made_by_nova;
  port.updated = wall_now();
  ++port.revision;
  server.ports.push_back(port.id);
  (void)cloud;
}

// Takes one network interface's port. Returns the fault's message, or "".
std::string take_port(Cloud& cloud, Server& server, const Nic& nic) {
  if (!nic.port_id.empty()) {
    const auto port = cloud.ports.find(nic.port_id);
    // Its port may have gone, or gone to another server, since the request.
    if (port == cloud.ports.end() || !port->second.device_id.empty()) return out_of_retries(server);
    bind(cloud, server, port->second, false);
    return "";
  }
  const auto found = cloud.networks.find(nic.network_id);
  if (found == cloud.networks.end()) return out_of_retries(server);
  const Network& network = found->second;
  std::optional<std::uint32_t> address = nic.fixed_ip;
  if (address) {
    if (!network.block.usable(*address))
      return aborted(server, "Invalid input received: Fixed IP " + print_ipv4(*address) +
                                 " is not a valid ip address for network " + network.id + ".");
    if (!cloud.may_choose_address(network, server.project_id, server.by_admin) ||
        cloud.port_at(network.id, *address))
      return out_of_retries(server);
  } else {
    address = cloud.free_address(network);
    if (!address)
      return aborted(server, "No fixed IP addresses available for network: " + network.id);
  }
  bind(cloud, server, cloud.add_port(network, *address, server.project_id), true);
  return "";
}

void become_active(Cloud& cloud, Server& server) {
  server.vm_state = "active";
  server.task_state.clear();
  server.power_state = 1;
  server.launched = iso_database(wall_now());
  server.config_drive = server.config_drive == "True" ? "True" : "";
  for (const auto& id : server.ports) cloud.ports.at(id).status = "ACTIVE";
  if (!server.actions.empty()) server.actions.back().updated = wall_now();
  touch(server);
}

// A guest that did not come up is taken away before its address is given back.
void clean_up(Cloud& cloud, const ServerPtr& server, const std::string& why) {
  start_step(cloud, server,
             {"cleanup", server->hooked ? "destroy" : "", [why](Cloud& at, Server& failed) {
                release(at, failed);
                fail_server(at, failed, why);
              }});
}

void schedule(Cloud& cloud, const ServerPtr& server) {
  if (!place(cloud, *server)) {
    const bool any_up = std::any_of(cloud.hosts.begin(), cloud.hosts.end(),
                                    [](const Host& host) { return host.up; });
    fail_server(cloud, *server,
                any_up ? "No valid host was found. "
                       : "No valid host was found. There are not enough hosts available.");
    return;
  }
  for (const Nic& nic : server->nics) {
    const std::string problem = take_port(cloud, *server, nic);
    if (problem.empty()) continue;
    release(cloud, *server);
    fail_server(cloud, *server, problem);
    return;
  }
  server->task_state = "spawning";
  touch(*server);
  start_step(cloud, server,
             {"boot", "boot", become_active,
              [server](Cloud& at, Server&, const std::string& why) { clean_up(at, server, why); }});
}

}  // namespace

bool place(Cloud& cloud, Server& server) {
  Host* best = nullptr;
  long most = -1;
  for (Host& host : cloud.hosts) {
    const Usage used = cloud.host_usage(host.name);
    const long left = host.ram - used.ram;
    if (!host.up || used.cores + server.flavor.vcpus > host.cores || left < server.flavor.ram)
      continue;
    if (left > most) {  // nova's RAM weigher: spread
      most = left;
      best = &host;
    }
  }
  if (!best) return false;
  cloud.take(server, best->name);
  return true;
}

void release(Cloud& cloud, Server& server) {
  for (const auto& id : server.ports) {
    const auto found = cloud.ports.find(id);
    if (found == cloud.ports.end()) continue;
    if (found->second.made_by_nova) {
      cloud.remove_port(id);
      continue;
    }
    Port& port = found->second;
    port.device_id.clear();
    port.device_owner.clear();
    port.host.clear();
    port.status = "DOWN";
    port.updated = wall_now();
    ++port.revision;
  }
  server.ports.clear();
  cloud.give_back(server);
}

void start_build(Cloud& cloud, const ServerPtr& server) {
  if (cloud.time("schedule") == Millis(0)) {
    schedule(cloud, server);
    return;
  }
  start_step(cloud, server,
             {"schedule", "", [server](Cloud& at, Server&) { schedule(at, server); }});
}

}  // namespace tidepool::sim
