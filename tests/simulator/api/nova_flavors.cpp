#include <algorithm>

#include "api/api.hpp"
#include "api/nova_view.hpp"

// /flavors, key pairs (there are none) and availability zones.
namespace tidepool::sim {
namespace {

Reply list_flavors(Call& call, bool detail) {
  json all = json::array();
  bool started = !call.has("marker");
  const long limit = call.has("limit") ? std::atol(call.param("limit").c_str()) : 1000;
  for (const Flavor& flavor : call.cloud.flavors) {
    if (started && static_cast<long>(all.size()) < limit &&
        flavor.ram >= std::atol(call.param("minRam", "0").c_str()) &&
        flavor.disk >= std::atol(call.param("minDisk", "0").c_str())) {
      json brief = {{"id", flavor.id},
                    {"name", flavor.name},
                    {"links", server_links(call, "flavors", flavor.id)}};
      if (call.minor >= 55) brief["description"] = nullptr;
      all.push_back(detail ? flavor_view(call, flavor) : brief);
    }
    if (flavor.id == call.param("marker")) started = true;
  }
  if (!started) return nova_error(400, "marker [" + call.param("marker") + "] not found");
  return reply(200, {{"flavors", all}});
}

Reply no_flavor(const std::string& id) {
  return nova_error(404, "Flavor " + id + " could not be found.");
}

Reply show_flavor(Call& call) {
  const Flavor* flavor = call.cloud.flavor(call.args[0]);
  return flavor ? reply(200, {{"flavor", flavor_view(call, *flavor)}}) : no_flavor(call.args[0]);
}

Reply specs(Call& call) {
  const Flavor* flavor = call.cloud.flavor(call.args[0]);
  return flavor ? reply(200, {{"extra_specs", flavor->extra_specs}}) : no_flavor(call.args[0]);
}

Reply create_flavor(Call& call) {
  if (!call.token.admin()) return nova_forbidden("os-flavor-manage:create");
  const json given = call.body.at("flavor");
  Flavor flavor;
  flavor.name = given.at("name").get<std::string>();
  flavor.vcpus = given.at("vcpus").get<long>();
  flavor.ram = given.at("ram").get<long>();
  flavor.disk = given.at("disk").get<long>();
  const json id = given.value("id", json());
  flavor.id = id.is_string() && id != "auto" ? id.get<std::string>()
                                             : std::to_string(call.cloud.flavors.size() + 1);
  for (const Flavor& other : call.cloud.flavors) {
    if (other.id == flavor.id || other.name == flavor.name)
      return nova_error(409, "Flavor with name " + flavor.name + " already exists.");
  }
  call.cloud.flavors.push_back(flavor);
  return reply(200, {{"flavor", flavor_view(call, flavor)}});
}

Reply remove_flavor(Call& call) {
  if (!call.token.admin()) return nova_forbidden("os-flavor-manage:delete");
  if (!call.cloud.flavor(call.args[0])) return no_flavor(call.args[0]);
  std::erase_if(call.cloud.flavors,
                [&](const Flavor& flavor) { return flavor.id == call.args[0]; });
  return reply(202);
}

Reply zones(Call& call) {
  const bool up = std::any_of(call.cloud.hosts.begin(), call.cloud.hosts.end(),
                              [](const Host& host) { return host.up; });
  return reply(
      200, {{"availabilityZoneInfo",
             {{{"zoneName", "nova"}, {"zoneState", {{"available", up}}}, {"hosts", nullptr}}}}});
}

}  // namespace

void add_nova_flavors(Router& router) {
  const auto add = [&](const char* method, const std::string& path, Handler handler) {
    router.add(Service::kCompute, method, "/compute/v2.1" + path, std::move(handler));
  };
  add("GET", "/flavors", [](Call& call) { return list_flavors(call, false); });
  add("POST", "/flavors", create_flavor);
  add("GET", "/flavors/detail", [](Call& call) { return list_flavors(call, true); });
  add("GET", "/flavors/{id}", show_flavor);
  add("DELETE", "/flavors/{id}", remove_flavor);
  add("GET", "/flavors/{id}/os-extra_specs", specs);
  add("GET", "/os-availability-zone", zones);
  add("GET", "/os-keypairs", [](Call&) { return reply(200, {{"keypairs", json::array()}}); });
  add("GET", "/os-keypairs/{name}", [](Call& call) {
    return nova_error(404, "Keypair " + call.args[0] + " not found for user " + call.token.user_id);
  });
}

}  // namespace tidepool::sim
