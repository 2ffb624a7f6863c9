#include "openstack/catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace tidepool::openstack {
namespace {

struct Known {
  Service service;
  std::string_view type;
  std::string_view alias;    // what old catalogs say
  std::string_view version;  // the path below the root; empty: none
};
constexpr std::array<Known, 5> kKnown{{
    {Service::compute, "compute", "computev21", "/v2.1"},
    {Service::network, "network", "", "/v2.0"},
    {Service::image, "image", "", "/v2"},
    {Service::placement, "placement", "", ""},
    {Service::identity, "identity", "identityv3", "/v3"},
}};

const Known& known(Service service) {
  return *std::find_if(kKnown.begin(), kKnown.end(),
                       [&](const Known& k) { return k.service == service; });
}

bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment[0] == 'v' &&
         std::isdigit(static_cast<unsigned char>(segment[1])) != 0;
}

// clouds.yaml may say publicURL, as the identity v2 catalog did.
std::string_view plain_interface(std::string_view name) {
  if (name.size() > 3 && name.substr(name.size() - 3) == "URL") name.remove_suffix(3);
  return name;
}

}  // namespace

std::string_view to_string(Service service) {
  return known(service).type;
}

std::string with_version(std::string url, Service service) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  const auto scheme = url.find("://");
  std::string_view path = url;
  path = path.substr(
      std::min(path.size(), path.find('/', scheme == std::string::npos ? 0 : scheme + 3)));
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (is_version(segment)) return url;
    path.remove_prefix(segment.size());
  }
  return url.append(known(service).version);
}

Result<std::string> find_endpoint(const Catalog& catalog, const CloudSettings& settings,
                                  Service service) {
  const Known& wanted = known(service);
  const auto override = settings.endpoint_override.find(std::string(wanted.type));
  if (override != settings.endpoint_override.end() && !override->second.empty())
    return with_version(override->second, service);

  const std::string_view interface = plain_interface(settings.interface);
  std::set<std::string_view> others;
  for (const Endpoint& endpoint : catalog) {
    const bool type =
        endpoint.type == wanted.type || (!wanted.alias.empty() && endpoint.type == wanted.alias);
    if (!type || plain_interface(endpoint.interface) != interface) continue;
    if (settings.region_name.empty() || endpoint.region == settings.region_name)
      return with_version(endpoint.url, service);
    others.insert(endpoint.region);
  }
  if (!others.empty())
    return fail(ErrorKind::not_found,
                fmt::format("no {} service in region {}; the catalog has it in {}", wanted.type,
                            settings.region_name, fmt::join(others, ", ")));
  for (const Endpoint& endpoint : catalog) others.insert(endpoint.type);
  return fail(ErrorKind::not_found,
              fmt::format("no {} service with a {} interface in the catalog, which has: {}",
                          wanted.type, interface, fmt::join(others, ", ")));
}

}  // namespace tidepool::openstack
