// The service catalog: where each service's API is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/cloud_settings.hpp"
#include "openstack/session.hpp"

namespace tidepool::openstack {

struct Endpoint {
  std::string type, interface, region, url;
  bool operator==(const Endpoint&) const = default;
};
using Catalog = std::vector<Endpoint>;

std::string_view to_string(Service service);  // "compute", as clouds.yaml and the catalog say

// The service's URL without a trailing slash, its API version in the path (Neutron's and Glance's
// catalog entries lack it). An override of the settings beats the catalog.
// ErrorKind::not_found says what the catalog does have.
Result<std::string> find_endpoint(const Catalog& catalog, const CloudSettings& settings,
                                  Service service);

// `url` + the service's version unless a segment of its path is one already ("v2.1", "v3").
std::string with_version(std::string url, Service service);

}  // namespace tidepool::openstack
