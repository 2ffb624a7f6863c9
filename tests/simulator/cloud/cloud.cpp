#include "cloud/cloud.hpp"

#include <algorithm>
#include <utility>

#include "cloud/ids.hpp"
#include "cloud/seed.hpp"

namespace tidepool::sim {
namespace {

std::string address_key(const std::string& network_id, std::uint32_t address) {
  return network_id + "/" + std::to_string(address);
}

// Deleted servers stay for changes-since, but not without end.
constexpr std::size_t kKeptGone = 5000;

}  // namespace

Cloud::Cloud(Settings given)
    : settings(std::move(given)), hooks(settings.hook, settings.hook_limit, settings.hook_timeout) {
  seed(*this);
}

Project* Cloud::project_by_name(const std::string& name) {
  for (auto& [id, project] : projects) {
    if (project.name == name) return &project;
  }
  return nullptr;
}

const Flavor* Cloud::flavor(const std::string& id) const {
  const auto found = std::find_if(flavors.begin(), flavors.end(),
                                  [&](const Flavor& flavor) { return flavor.id == id; });
  return found == flavors.end() ? nullptr : &*found;
}

ServerPtr Cloud::server(const std::string& id) const {
  const auto found = servers.find(id);
  return found == servers.end() || found->second->gone ? nullptr : found->second;
}

ServerPtr Cloud::add_server(Server server) {
  server.number = ++numbers_;
  auto added = std::make_shared<Server>(std::move(server));
  servers[added->id] = added;
  order.push_back(added);
  note_most(added->project_id);
  const auto gone = static_cast<std::size_t>(
      order.size() > kKeptGone
          ? std::count_if(order.begin(), order.end(), [](const auto& s) { return s->gone; })
          : 0);
  if (gone > kKeptGone) {
    for (const auto& s : order) {
      if (s->gone) servers.erase(s->id);
    }
    std::erase_if(order, [](const auto& s) { return s->gone; });
  }
  return added;
}

Host* Cloud::host(const std::string& name) {
  const auto found =
      std::find_if(hosts.begin(), hosts.end(), [&](const Host& h) { return h.name == name; });
  return found == hosts.end() ? nullptr : &*found;
}

Usage Cloud::usage(const std::string& project_id) const {
  Usage sum;
  for (const auto& s : order) {
    if (s->project_id != project_id) continue;
    const bool is_late = !late_host(*s).empty();
    if (s->vm_state == "deleted" && !is_late) continue;
    ++sum.instances;
    if (settings.count_from_placement && !s->allocated && !is_late) continue;
    sum.cores += s->flavor.vcpus;
    sum.ram += s->flavor.ram;
  }
  return sum;
}

Usage Cloud::allocations(const std::string& project_id) const {
  Usage sum;
  for (const auto& s : order) {
    if (s->project_id != project_id || (!s->allocated && late_host(*s).empty())) continue;
    ++sum.instances;
    sum.cores += s->flavor.vcpus;
    sum.ram += s->flavor.ram;
  }
  return sum;
}

Usage Cloud::host_usage(const std::string& name) const {
  Usage sum;
  for (const auto& s : order) {
    if ((s->host != name || !s->allocated) && late_host(*s) != name) continue;
    ++sum.instances;
    sum.cores += s->flavor.vcpus;
    sum.ram += s->flavor.ram;
  }
  return sum;
}

std::string Cloud::late_host(const Server& server) const {
  const auto now = std::chrono::steady_clock::now();
  for (const Late& l : late) {
    if (l.server.get() == &server && !server.allocated && now < l.until) return l.host;
  }
  return "";
}

void Cloud::take(Server& server, const std::string& name) {
  server.host = name;
  server.allocated = true;
  note_most(server.project_id);
}

void Cloud::give_back(Server& server) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(late, [&](const Late& l) {
    return (server.allocated && l.server.get() == &server) || l.until <= now;
  });
  if (server.allocated && lag.after > Millis(0) &&
      (std::regex_search(server.name, lag.server) || std::regex_search(server.id, lag.server)))
    late.push_back({servers.at(server.id), server.host, now + lag.after});
  server.host.clear();
  server.allocated = false;
}

void Cloud::note_most(const std::string& project_id) {
  const Usage used = usage(project_id);
  Usage& most_yet = most[project_id];
  most_yet.instances = std::max(most_yet.instances, used.instances);
  most_yet.cores = std::max(most_yet.cores, used.cores);
  most_yet.ram = std::max(most_yet.ram, used.ram);
}

bool Cloud::sees(const Network& network, const Token& token) const {
  return network.shared || network.project_id == token.project_id || token.admin();
}

bool Cloud::may_choose_address(const Network& network, const std::string& project,
                               bool admin) const {
  return admin || network.project_id == project;
}

Port* Cloud::port_at(const std::string& network_id, std::uint32_t address) {
  const auto found = by_address_.find(address_key(network_id, address));
  return found == by_address_.end() ? nullptr : &ports.at(found->second);
}

// Like neutron, which hands addresses out upwards and does not reuse one at once.
std::optional<std::uint32_t> Cloud::free_address(const Network& network) {
  std::uint32_t& next = next_address_.try_emplace(network.id, network.pool_first).first->second;
  for (std::uint32_t tried = network.pool_first; tried <= network.pool_last; ++tried) {
    if (next > network.pool_last) next = network.pool_first;
    const std::uint32_t address = next++;
    if (!port_at(network.id, address)) return address;
  }
  return std::nullopt;
}

Port& Cloud::add_port(const Network& network, std::uint32_t address,
                      const std::string& project_id) {
  Port port;
  port.id = uuid();
  port.network_id = network.id;
  port.project_id = project_id;
  port.mac = mac_address();
  port.address = address;
  port.created = port.updated = wall_now();
  by_address_[address_key(network.id, address)] = port.id;
  return ports.emplace(port.id, port).first->second;
}

void Cloud::remove_port(const std::string& id) {
  const auto found = ports.find(id);
  if (found == ports.end()) return;
  by_address_.erase(address_key(found->second.network_id, found->second.address));
  ports.erase(found);
}

}  // namespace tidepool::sim
