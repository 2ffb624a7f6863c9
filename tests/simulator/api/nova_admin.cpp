#include "api/api.hpp"

// What only an admin may ask nova: hypervisors and services.
namespace tidepool::sim {
namespace {

// A string with JSON in it until 2.28.
json cpu_info(const Call& call) {
  const json info = {{"arch", "x86_64"}, {"vendor", "Intel"}};
  return call.minor >= 28 ? info : json(info.dump());
}

Reply hypervisors(Call& call, bool detail) {
  if (!call.token.admin())
    return nova_forbidden(detail ? "os-hypervisors:list-detail" : "os-hypervisors:list");
  json all = json::array();
  long number = 0;
  for (const Host& host : call.cloud.hosts) {
    ++number;
    const bool newer = call.minor >= 53;
    json one = {{"id", newer ? json(host.id) : json(number)},
                {"hypervisor_hostname", host.name},
                {"state", host.up ? "up" : "down"},
                {"status", "enabled"}};
    if (detail) {
      const Usage used = call.cloud.host_usage(host.name);
      one["hypervisor_type"] = "fake";
      one["hypervisor_version"] = 1000;
      one["host_ip"] = "127.0.0.1";
      one["service"] = {{"id", newer ? json(host.id) : json(number)},
                        {"host", host.name},
                        {"disabled_reason", nullptr}};
      if (call.minor < 88) {
        one["vcpus"] = host.cores;
        one["memory_mb"] = host.ram;
        one["local_gb"] = host.disk;
        one["vcpus_used"] = used.cores;
        one["memory_mb_used"] = used.ram;
        one["free_ram_mb"] = host.ram - used.ram;
        one["running_vms"] = used.instances;
        one["local_gb_used"] = 0;
        one["free_disk_gb"] = host.disk;
        one["disk_available_least"] = 0;
        one["current_workload"] = 0;
        one["cpu_info"] = cpu_info(call);
      } else {
        one["uptime"] = nullptr;
      }
    }
    all.push_back(one);
  }
  return reply(200, {{"hypervisors", all}});
}

Reply services(Call& call) {
  if (!call.token.admin()) return nova_forbidden("os-services:list");
  json all = json::array();
  for (const Host& host : call.cloud.hosts) {
    all.push_back({{"binary", "nova-compute"},
                   {"host", host.name},
                   {"id", host.id},
                   {"zone", "nova"},
                   {"status", "enabled"},
                   {"state", host.up ? "up" : "down"},
                   {"updated_at", iso_database(wall_now())},
                   {"disabled_reason", nullptr},
                   {"forced_down", false}});
  }
  return reply(200, {{"services", all}});
}

}  // namespace

void add_nova_admin(Router& router) {
  const std::string base = "/compute/v2.1";
  router.add(Service::kCompute, "GET", base + "/os-hypervisors",
             [](Call& call) { return hypervisors(call, false); });
  router.add(Service::kCompute, "GET", base + "/os-hypervisors/detail",
             [](Call& call) { return hypervisors(call, true); });
  router.add(Service::kCompute, "GET", base + "/os-services", services);
}

}  // namespace tidepool::sim
