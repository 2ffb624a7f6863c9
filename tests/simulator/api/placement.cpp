#include <algorithm>

#include "api/api.hpp"

// Placement, read-only: what nova has charged where. For admins only.
namespace tidepool::sim {
namespace {

json resources(const Flavor& flavor) {
  return {{"VCPU", flavor.vcpus}, {"MEMORY_MB", flavor.ram}, {"DISK_GB", flavor.disk}};
}

Reply forbidden(const Call& call, const std::string& rule) {
  return placement_error(
      403, "Forbidden",
      "Access was denied to this resource.\n\n Policy does not allow placement:" + rule +
          " to be performed.  ",
      call.request_id);
}

Reply no_provider(const Call& call) {
  return placement_error(404, "Not Found",
                         "The resource could not be found.\n\n No resource provider with uuid " +
                             call.args[0] + " found  ",
                         call.request_id);
}

const Host* host_by_id(const Call& call) {
  const auto& hosts = call.cloud.hosts;
  const auto found = std::find_if(hosts.begin(), hosts.end(),
                                  [&](const Host& host) { return host.id == call.args[0]; });
  return found == hosts.end() ? nullptr : &*found;
}

Reply providers(Call& call) {
  if (!call.token.admin()) return forbidden(call, "resource_providers:list");
  json all = json::array();
  for (const Host& host : call.cloud.hosts) {
    if (call.has("name") && call.param("name") != host.name) continue;
    const std::string self = "/resource_providers/" + host.id;
    json links = {{{"rel", "self"}, {"href", self}}};
    for (const char* rel : {"inventories", "usages", "aggregates", "traits", "allocations"})
      links.push_back({{"rel", rel}, {"href", self + "/" + rel}});
    all.push_back({{"uuid", host.id},
                   {"name", host.name},
                   {"generation", 1},
                   {"links", links},
                   {"parent_provider_uuid", nullptr},
                   {"root_provider_uuid", host.id}});
  }
  return reply(200, {{"resource_providers", all}});
}

json inventory(long total) {
  return {{"total", total},    {"reserved", 0},  {"min_unit", 1},
          {"max_unit", total}, {"step_size", 1}, {"allocation_ratio", 1.0}};
}

Reply inventories(Call& call) {
  if (!call.token.admin()) return forbidden(call, "resource_providers:inventories:list");
  const Host* host = host_by_id(call);
  if (!host) return no_provider(call);
  return reply(200, {{"resource_provider_generation", 1},
                     {"inventories",
                      {{"VCPU", inventory(host->cores)},
                       {"MEMORY_MB", inventory(host->ram)},
                       {"DISK_GB", inventory(host->disk)}}}});
}

template <typename Fits>
json sum(const Cloud& cloud, Fits fits) {
  long vcpus = 0, ram = 0, disk = 0;
  for (const auto& server : cloud.order) {
    const std::string late = cloud.late_host(*server);
    if (!server->allocated && late.empty()) continue;
    if (!fits(*server, late.empty() ? server->host : late)) continue;
    vcpus += server->flavor.vcpus;
    ram += server->flavor.ram;
    disk += server->flavor.disk;
  }
  return {{"VCPU", vcpus}, {"MEMORY_MB", ram}, {"DISK_GB", disk}};
}

Reply provider_usages(Call& call) {
  if (!call.token.admin()) return forbidden(call, "resource_providers:usages");
  const Host* host = host_by_id(call);
  if (!host) return no_provider(call);
  return reply(200, {{"resource_provider_generation", 1},
                     {"usages", sum(call.cloud, [&](const Server&, const std::string& where) {
                        return where == host->name;
                      })}});
}

Reply usages(Call& call) {
  if (!call.token.admin()) return forbidden(call, "usages");
  const std::string project = call.param("project_id");
  return reply(200, {{"usages", sum(call.cloud, [&](const Server& server, const std::string&) {
                        return project.empty() || server.project_id == project;
                      })}});
}

Reply allocations(Call& call) {
  if (!call.token.admin()) return forbidden(call, "allocations:list");
  const auto found = call.cloud.servers.find(call.args[0]);
  if (found == call.cloud.servers.end()) return reply(200, {{"allocations", json::object()}});
  const Server& server = *found->second;
  const std::string where = server.allocated ? server.host : call.cloud.late_host(server);
  if (where.empty()) return reply(200, {{"allocations", json::object()}});
  const Host* host = call.cloud.host(where);
  json body = {
      {"allocations", {{host->id, {{"resources", resources(server.flavor)}, {"generation", 1}}}}}};
  if (call.minor >= 12) {
    body["project_id"] = server.project_id;
    body["user_id"] = server.user_id;
  }
  if (call.minor >= 28) body["consumer_generation"] = 1;
  return reply(200, body);
}

}  // namespace

void add_placement(Router& router) {
  const auto add = [&](const char* path, Handler handler) {
    router.add(Service::kPlacement, "GET", std::string("/placement") + path, std::move(handler));
  };
  add("/resource_providers", providers);
  add("/resource_providers/{id}/inventories", inventories);
  add("/resource_providers/{id}/usages", provider_usages);
  add("/usages", usages);
  add("/allocations/{consumer}", allocations);
}

}  // namespace tidepool::sim
