#include <algorithm>

#include "api/api.hpp"

// Neutron's ports.
namespace tidepool::sim {
namespace {

json view(const Call& call, const Port& port) {
  const Network& network = call.cloud.networks.at(port.network_id);
  json one = {
      {"id", port.id},
      {"name", port.name},
      {"network_id", port.network_id},
      {"tenant_id", port.project_id},
      {"project_id", port.project_id},
      {"mac_address", port.mac},
      {"admin_state_up", true},
      {"status", port.status},
      {"device_id", port.device_id},
      {"device_owner", port.device_owner},
      {"fixed_ips", {{{"subnet_id", network.subnet_id}, {"ip_address", print_ipv4(port.address)}}}},
      {"allowed_address_pairs", json::array()},
      {"extra_dhcp_opts", json::array()},
      {"security_groups", json::array()},
      {"description", port.description},
      {"binding:vnic_type", "normal"},
      {"port_security_enabled", false},
      {"tags", json::array()},
      {"created_at", iso_seconds(port.created)},
      {"updated_at", iso_seconds(port.updated)},
      {"revision_number", port.revision}};
  if (call.token.admin()) {
    one["binding:host_id"] = port.host;
    one["binding:vif_type"] = port.host.empty() ? "unbound" : "ovs";
  }
  return one;
}

// A member sees the ports of its project and, on its own networks, those of others.
bool visible(const Call& call, const Port& port) {
  return call.token.admin() || port.project_id == call.token.project_id ||
         call.cloud.networks.at(port.network_id).project_id == call.token.project_id;
}

// "fixed_ips=ip_address=10.20.7.7", "fixed_ips=ip_address_substr=10.20", "fixed_ips=subnet_id=..";
// several must all hold, except that of several whole addresses one is enough.
bool addresses_fit(const Call& call, const Port& port) {
  const auto [first, last] = call.params.equal_range("fixed_ips");
  bool some_address = false, address_fits = false;
  for (auto at = first; at != last; ++at) {
    const auto equals = at->second.find('=');
    const std::string key = at->second.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : at->second.substr(equals + 1);
    const std::string address = print_ipv4(port.address);
    if (key == "ip_address") {
      some_address = true;
      address_fits = address_fits || address == value;
    }
    if (key == "ip_address_substr" && address.find(value) == std::string::npos) return false;
    if (key == "subnet_id" && call.cloud.networks.at(port.network_id).subnet_id != value)
      return false;
  }
  return !some_address || address_fits;
}

bool fits(const Call& call, const json& one) {
  for (const char* key : {"id", "name", "network_id", "device_id", "device_owner", "status",
                          "mac_address", "project_id", "tenant_id"}) {
    const auto [first, last] = call.params.equal_range(key);
    if (first == last) continue;
    if (std::none_of(first, last, [&](const auto& given) { return one.at(key) == given.second; }))
      return false;
  }
  return true;
}

// "fields=id&fields=name"
json chosen_fields(const Call& call, const json& one) {
  const auto [first, last] = call.params.equal_range("fields");
  if (first == last) return one;
  json less = json::object();
  for (auto at = first; at != last; ++at) {
    if (one.contains(at->second)) less[at->second] = one.at(at->second);
  }
  return less;
}

Reply list_ports(Call& call) {
  std::vector<const Port*> found;
  for (const auto& [id, port] : call.cloud.ports) {
    if (visible(call, port) && addresses_fit(call, port)) found.push_back(&port);
  }
  std::sort(found.begin(), found.end(),
            [](const Port* a, const Port* b) { return a->address < b->address; });
  json all = json::array();
  for (const Port* port : found) {
    const json one = view(call, *port);
    if (fits(call, one)) all.push_back(chosen_fields(call, one));
  }
  return reply(200, {{"ports", all}});
}

Reply not_found(const std::string& id) {
  return neutron_error(404, "PortNotFound", "Port " + id + " could not be found.");
}

Reply show_port(Call& call) {
  const auto found = call.cloud.ports.find(call.args[0]);
  if (found == call.cloud.ports.end() || !visible(call, found->second))
    return not_found(call.args[0]);
  return reply(200, {{"port", view(call, found->second)}});
}

// The address that the request asks for, or one of neutron's choosing; or the refusal.
std::optional<Reply> choose_address(Call& call, const Network& network, const json& given,
                                    std::uint32_t& address) {
  std::optional<std::uint32_t> wanted;
  for (const json& entry : given.value("fixed_ips", json::array())) {
    if (!entry.contains("ip_address")) continue;
    const auto text = entry.at("ip_address").get<std::string>();
    wanted = parse_ipv4(text);
    if (!wanted)
      return neutron_error(
          400, "HTTPBadRequest",
          "Invalid input for fixed_ips. Reason: '" + text + "' is not a valid IP address.");
  }
  if (!wanted) {
    const auto free = call.cloud.free_address(network);
    if (!free)
      return neutron_error(409, "IpAddressGenerationFailure",
                           "No more IP addresses available on network " + network.id + ".");
    address = *free;
    return std::nullopt;
  }
  if (!call.cloud.may_choose_address(network, call.token.project_id, call.token.admin()))
    return neutron_error(403, "PolicyNotAuthorized",
                         "(rule:create_port and (rule:create_port:fixed_ips and "
                         "(rule:create_port:fixed_ips:ip_address))) is disallowed by policy");
  if (!network.block.usable(*wanted))
    return neutron_error(400, "InvalidIpForNetwork",
                         "IP address " + print_ipv4(*wanted) +
                             " is not a valid IP for any of the subnets on the specified network.");
  if (call.cloud.port_at(network.id, *wanted))
    return neutron_error(
        409, "IpAddressAlreadyAllocated",
        "IP address " + print_ipv4(*wanted) + " already allocated in subnet " + network.subnet_id);
  address = *wanted;
  return std::nullopt;
}

void take_changes(Port& port, const json& given) {
  if (given.contains("name")) port.name = given.at("name").get<std::string>();
  if (given.contains("description")) port.description = given.at("description").get<std::string>();
  if (given.contains("device_id")) port.device_id = given.at("device_id").get<std::string>();
  if (given.contains("device_owner"))
    port.device_owner = given.at("device_owner").get<std::string>();
}

Reply create_port(Call& call) {
  const json given = call.body.at("port");
  const std::string network_id = given.value("network_id", "");
  const auto network = call.cloud.networks.find(network_id);
  if (network == call.cloud.networks.end() || !call.cloud.sees(network->second, call.token))
    return neutron_error(404, "NetworkNotFound", "Network " + network_id + " could not be found.");
  std::uint32_t address = 0;
  if (auto refused = choose_address(call, network->second, given, address)) return *refused;
  Port& port = call.cloud.add_port(network->second, address, call.token.project_id);
  take_changes(port, given);
  return reply(201, {{"port", view(call, port)}});
}

Reply change_port(Call& call) {
  const auto found = call.cloud.ports.find(call.args[0]);
  if (found == call.cloud.ports.end() || !visible(call, found->second))
    return not_found(call.args[0]);
  take_changes(found->second, call.body.at("port"));
  found->second.updated = wall_now();
  ++found->second.revision;
  return reply(200, {{"port", view(call, found->second)}});
}

// Neutron lets a bound port go; its server then has one interface less.
Reply remove_port(Call& call) {
  const auto found = call.cloud.ports.find(call.args[0]);
  if (found == call.cloud.ports.end() || !visible(call, found->second))
    return not_found(call.args[0]);
  const auto server = call.cloud.servers.find(found->second.device_id);
  if (server != call.cloud.servers.end()) std::erase(server->second->ports, call.args[0]);
  call.cloud.remove_port(call.args[0]);
  return reply(204);
}

}  // namespace

void add_neutron_ports(Router& router) {
  const auto add = [&](const char* method, const std::string& path, Handler handler) {
    router.add(Service::kNetwork, method, "/networking/v2.0/ports" + path, std::move(handler));
  };
  add("GET", "", list_ports);
  add("POST", "", create_port);
  add("GET", "/{id}", show_port);
  add("PUT", "/{id}", change_port);
  add("DELETE", "/{id}", remove_port);
}

}  // namespace tidepool::sim
