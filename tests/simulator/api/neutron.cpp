#include "api/api.hpp"

// Neutron's networks, subnets, quotas, extensions, security groups.
namespace tidepool::sim {
namespace {

json network_view(const Network& network) {
  return {{"id", network.id},
          {"name", network.name},
          {"tenant_id", network.project_id},
          {"project_id", network.project_id},
          {"admin_state_up", true},
          {"mtu", 1500},
          {"status", "ACTIVE"},
          {"subnets", {network.subnet_id}},
          {"shared", network.shared},
          {"availability_zone_hints", json::array()},
          {"availability_zones", json::array()},
          {"ipv4_address_scope", nullptr},
          {"ipv6_address_scope", nullptr},
          {"router:external", false},
          {"description", ""},
          {"port_security_enabled", false},
          {"tags", json::array()},
          {"created_at", iso_seconds(network.created)},
          {"updated_at", iso_seconds(network.created)},
          {"revision_number", 1}};
}

json subnet_view(const Network& network) {
  return {{"id", network.subnet_id},
          {"name", network.name},
          {"tenant_id", network.project_id},
          {"project_id", network.project_id},
          {"network_id", network.id},
          {"ip_version", 4},
          {"subnetpool_id", nullptr},
          {"enable_dhcp", false},
          {"ipv6_ra_mode", nullptr},
          {"ipv6_address_mode", nullptr},
          {"gateway_ip", nullptr},
          {"cidr", network.block.text()},
          {"allocation_pools",
           {{{"start", print_ipv4(network.pool_first)}, {"end", print_ipv4(network.pool_last)}}}},
          {"host_routes", json::array()},
          {"dns_nameservers", json::array()},
          {"description", ""},
          {"service_types", json::array()},
          {"tags", json::array()},
          {"created_at", iso_seconds(network.created)},
          {"updated_at", iso_seconds(network.created)},
          {"revision_number", 0}};
}

bool fits(const Call& call, const json& view) {
  for (const char* key : {"id", "name", "network_id", "tenant_id", "project_id", "cidr"}) {
    if (call.has(key) && view.contains(key) && view.at(key) != call.param(key)) return false;
  }
  for (const char* key : {"shared", "router:external"}) {
    if (!call.has(key) || !view.contains(key)) continue;
    const std::string wanted = call.param(key);
    if (view.at(key).get<bool>() != (wanted == "True" || wanted == "true" || wanted == "1"))
      return false;
  }
  return true;
}

Reply list(Call& call, const char* what, json (*view)(const Network&)) {
  json all = json::array();
  for (const auto& [id, network] : call.cloud.networks) {
    if (!call.cloud.sees(network, call.token)) continue;
    json one = view(network);
    if (fits(call, one)) all.push_back(one);
  }
  return reply(200, {{what, all}});
}

Reply show_network(Call& call) {
  const auto found = call.cloud.networks.find(call.args[0]);
  if (found == call.cloud.networks.end() || !call.cloud.sees(found->second, call.token))
    return neutron_error(404, "NetworkNotFound",
                         "Network " + call.args[0] + " could not be found.");
  return reply(200, {{"network", network_view(found->second)}});
}

Reply show_subnet(Call& call) {
  for (const auto& [id, network] : call.cloud.networks) {
    if (network.subnet_id == call.args[0] && call.cloud.sees(network, call.token))
      return reply(200, {{"subnet", subnet_view(network)}});
  }
  return neutron_error(404, "SubnetNotFound", "Subnet " + call.args[0] + " could not be found.");
}

long count_ports(const Call& call, const std::string& project) {
  long ports = 0;
  for (const auto& [id, port] : call.cloud.ports) ports += port.project_id == project;
  return ports;
}

// Nothing is limited here; only ports are counted.
Reply quota(Call& call, bool details) {
  json set = json::object();
  for (const char* key : {"network", "subnet", "subnetpool", "port", "router", "floatingip",
                          "security_group", "security_group_rule", "rbac_policy"}) {
    const long used = std::string(key) == "port" ? count_ports(call, call.args[0]) : 0;
    if (details)
      set[key] = {{"limit", -1}, {"used", used}, {"reserved", 0}};
    else
      set[key] = -1;
  }
  return reply(200, {{"quota", set}});
}

Reply extensions(Call&) {
  json all = json::array();
  for (const char* alias :
       {"quotas", "quota_details", "security-group", "port-security", "standard-attr-timestamp",
        "standard-attr-tag", "project-id", "ip-substring-filtering", "binding", "net-mtu"}) {
    all.push_back({{"alias", alias},
                   {"name", alias},
                   {"description", ""},
                   {"updated", "2016-01-01T00:00:00-00:00"},
                   {"links", json::array()}});
  }
  return reply(200, {{"extensions", all}});
}

Reply extension(Call& call) {
  const Reply all = extensions(call);
  for (const json& one : all.body.at("extensions")) {
    if (one.at("alias") == call.args[0]) return reply(200, {{"extension", one}});
  }
  return neutron_error(404, "ExtensionNotFound",
                       "Extension with alias " + call.args[0] + " does not exist");
}

json default_group(const Call& call) {
  const std::string& project = call.token.project_id;
  return {{"id", project.substr(0, 8) + "-0000-4000-8000-" + project.substr(8, 12)},
          {"name", "default"},
          {"description", "Default security group"},
          {"tenant_id", project},
          {"project_id", project},
          {"stateful", true},
          {"security_group_rules", json::array()},
          {"tags", json::array()},
          {"revision_number", 1}};
}

}  // namespace

void add_neutron(Router& router) {
  const auto add = [&](const char* path, Handler handler) {
    router.add(Service::kNetwork, "GET", std::string("/networking/v2.0") + path,
               std::move(handler));
  };
  add("/networks", [](Call& call) { return list(call, "networks", network_view); });
  add("/networks/{id}", show_network);
  add("/subnets", [](Call& call) { return list(call, "subnets", subnet_view); });
  add("/subnets/{id}", show_subnet);
  add("/quotas/{project}", [](Call& call) { return quota(call, false); });
  add("/quotas/{project}/default", [](Call& call) { return quota(call, false); });
  add("/quotas/{project}/details", [](Call& call) { return quota(call, true); });
  add("/quotas/{project}/details.json", [](Call& call) { return quota(call, true); });
  add("/extensions", extensions);
  add("/extensions/{alias}", extension);
  add("/security-groups", [](Call& call) {
    const json group = default_group(call);
    return reply(200,
                 {{"security_groups", fits(call, group) ? json::array({group}) : json::array()}});
  });
  add("/security-groups/{id}", [](Call& call) {
    const json group = default_group(call);
    return group.at("id") == call.args[0]
               ? reply(200, {{"security_group", group}})
               : neutron_error(404, "SecurityGroupNotFound",
                               "Security group " + call.args[0] + " does not exist");
  });
  for (const char* empty : {"floatingips", "routers"}) {
    add((std::string("/") + empty).c_str(), [empty](Call&) {
      return reply(200, {{empty, json::array()}});
    });
  }
}

}  // namespace tidepool::sim
