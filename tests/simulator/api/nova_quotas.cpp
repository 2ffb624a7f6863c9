#include "api/api.hpp"

// /limits and /os-quota-sets.
namespace tidepool::sim {
namespace {

Reply limits(Call& call) {
  std::string project = call.token.project_id;
  if (call.token.admin() && call.has("tenant_id")) project = call.param("tenant_id");
  const auto found = call.cloud.projects.find(project);
  if (found == call.cloud.projects.end())
    return nova_error(400, "Project ID " + project + " is not a valid project.");
  const Quota& quota = found->second.quota;
  const Usage used = call.cloud.usage(project);
  json absolute = {{"maxTotalInstances", quota.instances},
                   {"maxTotalCores", quota.cores},
                   {"maxTotalRAMSize", quota.ram},
                   {"maxServerMeta", 128},
                   {"maxTotalKeypairs", 100},
                   {"maxServerGroups", 10},
                   {"maxServerGroupMembers", 10},
                   {"totalRAMUsed", used.ram},
                   {"totalCoresUsed", used.cores},
                   {"totalInstancesUsed", used.instances},
                   {"totalServerGroupsUsed", 0}};
  if (call.minor < 57) {
    absolute["maxPersonality"] = 5;
    absolute["maxPersonalitySize"] = 10240;
  }
  if (call.minor < 39) absolute["maxImageMeta"] = 128;
  if (call.minor < 36) {
    for (const char* key : {"maxTotalFloatingIps", "maxSecurityGroups", "maxSecurityGroupRules"})
      absolute[key] = -1;
    absolute["totalFloatingIpsUsed"] = 0;
    absolute["totalSecurityGroupsUsed"] = 0;
  }
  return reply(200, {{"limits", {{"rate", json::array()}, {"absolute", absolute}}}});
}

json quota_set(const Call& call, const std::string& project, const Quota& quota, bool detail) {
  const Usage used = call.cloud.usage(project);
  struct Row {
    const char* name;
    long limit, used;
  };
  const Row rows[] = {{"cores", quota.cores, used.cores},
                      {"instances", quota.instances, used.instances},
                      {"ram", quota.ram, used.ram},
                      {"key_pairs", 100, 0},
                      {"metadata_items", 128, 0},
                      {"server_group_members", 10, 0},
                      {"server_groups", 10, 0}};
  json set = {{"id", project}};
  for (const Row& row : rows) {
    if (detail)
      set[row.name] = {{"limit", row.limit}, {"in_use", row.used}, {"reserved", 0}};
    else
      set[row.name] = row.limit;
  }
  return {{"quota_set", set}};
}

Reply show_quotas(Call& call, bool detail) {
  if (call.args[0] != call.token.project_id && !call.token.admin())
    return nova_forbidden("os-quota-sets:show");
  const auto found = call.cloud.projects.find(call.args[0]);
  if (found == call.cloud.projects.end())
    return nova_error(400, "Project ID " + call.args[0] + " is not a valid project.");
  return reply(200, quota_set(call, found->first, found->second.quota, detail));
}

Reply defaults(Call& call) {
  return reply(200, quota_set(call, call.args[0], call.cloud.settings.quota, false));
}

Reply change_quotas(Call& call) {
  if (!call.token.admin()) return nova_forbidden("os-quota-sets:update");
  const auto found = call.cloud.projects.find(call.args[0]);
  if (found == call.cloud.projects.end())
    return nova_error(400, "Project ID " + call.args[0] + " is not a valid project.");
  const json given = call.body.at("quota_set");
  Quota wanted = found->second.quota;
  const Usage used = call.cloud.usage(found->first);
  struct Row {
    const char* name;
    long* limit;
    long used;
  };
  const Row rows[] = {{"instances", &wanted.instances, used.instances},
                      {"cores", &wanted.cores, used.cores},
                      {"ram", &wanted.ram, used.ram}};
  for (const Row& row : rows) {
    if (!given.contains(row.name)) continue;
    const long limit = given.at(row.name).get<long>();
    if (limit >= 0 && limit < row.used && !given.value("force", false))
      return nova_error(400, "Quota limit " + std::to_string(limit) + " for " + row.name +
                                 " must be greater than or equal to already used and reserved " +
                                 std::to_string(row.used) + ".");
    *row.limit = limit;
  }
  found->second.quota = wanted;
  json body = quota_set(call, found->first, wanted, false);
  body["quota_set"].erase("id");
  return reply(200, body);
}

}  // namespace

void add_nova_quotas(Router& router) {
  const auto add = [&](const char* method, const std::string& path, Handler handler) {
    router.add(Service::kCompute, method, "/compute/v2.1" + path, std::move(handler));
  };
  add("GET", "/limits", limits);
  add("GET", "/os-quota-sets/{project}", [](Call& call) { return show_quotas(call, false); });
  add("GET", "/os-quota-sets/{project}/detail", [](Call& call) { return show_quotas(call, true); });
  add("GET", "/os-quota-sets/{project}/defaults", defaults);
  add("PUT", "/os-quota-sets/{project}", change_quotas);
}

}  // namespace tidepool::sim
