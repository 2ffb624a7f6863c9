#include "api/nova_view.hpp"

#include "api/api.hpp"
#include "cloud/ids.hpp"

namespace tidepool::sim {
namespace {

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json bookmark(const Call& call, const std::string& kind, const std::string& id) {
  return {{"rel", "bookmark"}, {"href", base_url(call.cloud) + "/compute/" + kind + "/" + id}};
}

json addresses(const Call& call, const Server& server) {
  json all = json::object();
  for (const auto& id : server.ports) {
    const Port& port = call.cloud.ports.at(id);
    all[call.cloud.networks.at(port.network_id).name].push_back(
        {{"version", 4},
         {"addr", print_ipv4(port.address)},
         {"OS-EXT-IPS:type", "fixed"},
         {"OS-EXT-IPS-MAC:mac_addr", port.mac}});
  }
  return all;
}

json flavor_of(const Call& call, const Server& server) {
  const Flavor& flavor = server.flavor;
  if (call.minor < 47)
    return {{"id", server.flavor_id}, {"links", {bookmark(call, "flavors", server.flavor_id)}}};
  return {{"vcpus", flavor.vcpus},
          {"ram", flavor.ram},
          {"disk", flavor.disk},
          {"ephemeral", 0},
          {"swap", 0},
          {"original_name", flavor.name},
          {"extra_specs", flavor.extra_specs}};
}

json fault_of(const Call& call, const Fault& fault) {
  json body = {
      {"code", fault.code}, {"created", iso_seconds(fault.created)}, {"message", fault.message}};
  if (call.token.admin()) body["details"] = "Traceback (most recent call last):\n" + fault.message;
  return body;
}

void add_admin_view(const Call& call, const Server& server, json& view) {
  const std::string host = server.host;
  view["OS-EXT-SRV-ATTR:host"] = or_null(host);
  view["OS-EXT-SRV-ATTR:hypervisor_hostname"] = or_null(host);
  char name[32];
  std::snprintf(name, sizeof name, "instance-%08llx",
                static_cast<unsigned long long>(server.number));
  view["OS-EXT-SRV-ATTR:instance_name"] = name;
  if (call.minor >= 3) {
    view["OS-EXT-SRV-ATTR:reservation_id"] = server.reservation;
    view["OS-EXT-SRV-ATTR:launch_index"] = server.launch_index;
    view["OS-EXT-SRV-ATTR:hostname"] = server.hostname;
    view["OS-EXT-SRV-ATTR:kernel_id"] = "";
    view["OS-EXT-SRV-ATTR:ramdisk_id"] = "";
    view["OS-EXT-SRV-ATTR:root_device_name"] = "/dev/sda";
    view["OS-EXT-SRV-ATTR:user_data"] = or_null(server.user_data);
  }
  if (call.minor >= 16) {
    const Host* at = call.cloud.host(server.host);
    view["host_status"] = !at ? "" : at->up ? "UP" : "UNKNOWN";
  }
}

void add_newer(const Call& call, const Server& server, bool show, json& view) {
  if (call.minor >= 9) view["locked"] = !server.locked_by.empty();
  if (call.minor >= 73) view["locked_reason"] = or_null(server.locked_reason);
  if (call.minor >= 19)
    view["description"] = server.description ? json(*server.description) : json();
  if (call.minor >= 26) view["tags"] = server.tags;
  if (call.minor >= 63) view["trusted_image_certificates"] = nullptr;
  if (call.minor >= 71 && show) view["server_groups"] = json::array();
  if (call.minor >= 90) view["OS-EXT-SRV-ATTR:hostname"] = server.hostname;
}

}  // namespace

json server_links(const Call& call, const std::string& kind, const std::string& id) {
  return {{{"rel", "self"}, {"href", call.cloud.nova_url + "/" + kind + "/" + id}},
          bookmark(call, kind, id)};
}

json server_brief(const Call& call, const Server& server) {
  return {{"id", server.id},
          {"name", server.name},
          {"links", server_links(call, "servers", server.id)}};
}

json server_view(const Call& call, const Server& server, bool show) {
  const std::string status = status_of(server);
  json view = server_brief(call, server);
  view["status"] = status;
  view["tenant_id"] = server.project_id;
  view["user_id"] = server.user_id;
  view["metadata"] = server.metadata;
  view["hostId"] = host_id(server.host, server.project_id);
  view["image"] =
      server.image_id.empty()
          ? json("")
          : json{{"id", server.image_id}, {"links", {bookmark(call, "images", server.image_id)}}};
  view["flavor"] = flavor_of(call, server);
  view["created"] = iso_seconds(server.created);
  view["updated"] = iso_seconds(server.updated);
  view["addresses"] = addresses(call, server);
  view["accessIPv4"] = "";
  view["accessIPv6"] = "";
  view["OS-DCF:diskConfig"] = "MANUAL";
  if (status == "ACTIVE" || status == "BUILD" || status == "REBUILD") view["progress"] = 0;
  if (server.fault && (status == "ERROR" || status == "DELETED"))
    view["fault"] = fault_of(call, *server.fault);
  view["OS-EXT-AZ:availability_zone"] = server.host.empty() ? "" : "nova";
  view["config_drive"] = server.config_drive;
  view["key_name"] = or_null(server.key_name);
  view["OS-SRV-USG:launched_at"] = or_null(server.launched);
  view["OS-SRV-USG:terminated_at"] = or_null(server.terminated);
  view["OS-EXT-STS:task_state"] = or_null(server.task_state);
  view["OS-EXT-STS:vm_state"] = server.vm_state;
  view["OS-EXT-STS:power_state"] = server.power_state;
  view["os-extended-volumes:volumes_attached"] = json::array();
  if (call.token.admin()) add_admin_view(call, server, view);
  add_newer(call, server, show, view);
  return view;
}

json flavor_view(const Call& call, const Flavor& flavor) {
  json view = {{"id", flavor.id},
               {"name", flavor.name},
               {"ram", flavor.ram},
               {"disk", flavor.disk},
               {"vcpus", flavor.vcpus},
               {"swap", call.minor >= 75 ? json(0) : json("")},
               {"OS-FLV-EXT-DATA:ephemeral", 0},
               {"OS-FLV-DISABLED:disabled", false},
               {"os-flavor-access:is_public", true},
               {"rxtx_factor", 1.0},
               {"links", server_links(call, "flavors", flavor.id)}};
  if (call.minor >= 55) view["description"] = nullptr;
  if (call.minor >= 61) view["extra_specs"] = flavor.extra_specs;
  return view;
}

}  // namespace tidepool::sim
