#include "api/api.hpp"

// Version documents of nova, neutron, glance and placement: what a client's discovery reads.
namespace tidepool::sim {
namespace {

json link(const std::string& href) {
  return {{{"rel", "self"}, {"href", href}}};
}

json nova_version(const Cloud& cloud) {
  return {{"id", "v2.1"},
          {"status", "CURRENT"},
          {"version", "2.93"},
          {"min_version", "2.1"},
          {"updated", "2013-07-23T11:33:21Z"},
          {"links", link(base_url(cloud) + "/compute/v2.1/")}};
}

Reply nova_root(Call& call) {
  return reply(200, {{"versions", {nova_version(call.cloud)}}});
}

Reply nova_v21(Call& call) {
  json version = nova_version(call.cloud);
  version["links"].push_back(
      {{"rel", "describedby"}, {"type", "text/html"}, {"href", "http://docs.openstack.org/"}});
  version["media-types"] = {{{"base", "application/json"},
                             {"type", "application/vnd.openstack.compute+json;version=2.1"}}};
  return reply(200, {{"version", version}});
}

Reply neutron_root(Call& call) {
  return reply(200, {{"versions",
                      {{{"id", "v2.0"},
                        {"status", "CURRENT"},
                        {"links", link(base_url(call.cloud) + "/networking/v2.0/")}}}}});
}

Reply glance_versions(Call& call, int status) {
  json versions = json::array();
  for (const char* id :
       {"v2.15", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"}) {
    versions.push_back({{"id", id},
                        {"status", versions.empty() ? "CURRENT" : "SUPPORTED"},
                        {"links", link(base_url(call.cloud) + "/image/v2/")}});
  }
  return reply(status, {{"versions", versions}});
}

Reply placement_root(Call&) {
  return reply(200, {{"versions",
                      {{{"id", "v1.0"},
                        {"max_version", "1.39"},
                        {"min_version", "1.0"},
                        {"status", "CURRENT"},
                        {"links", link("")}}}}});
}

}  // namespace

void add_nova_versions(Router& router) {
  router.add(Service::kCompute, "GET", "/compute", nova_root, true);
  router.add(Service::kCompute, "GET", "/compute/v2.1", nova_v21, true);
  router.add(Service::kNetwork, "GET", "/networking", neutron_root, true);
  router.add(
      Service::kImage, "GET", "/image", [](Call& call) { return glance_versions(call, 300); },
      true);
  router.add(
      Service::kImage, "GET", "/image/versions",
      [](Call& call) { return glance_versions(call, 200); }, true);
  router.add(Service::kPlacement, "GET", "/placement", placement_root, true);
}

}  // namespace tidepool::sim
