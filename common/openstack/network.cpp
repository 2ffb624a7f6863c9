#include "openstack/network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "openstack/json_reader.hpp"
#include "openstack/paging.hpp"
#include "openstack/pick.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;
constexpr int kPage = 1000;

Result<NetworkInfo> read_network(const Json& object) {
  NetworkInfo network;
  auto ok = JsonReader(object, "network")
                .required("id", network.id)
                .text("name", network.name)
                .text("project_id", network.project_id)
                .boolean("shared", network.shared)
                .done();
  if (!ok) return fail(ok.error());
  return network;
}

Result<Subnet> read_subnet(const Json& object) {
  Subnet subnet;
  JsonReader reader(object, "subnet");
  reader.required("id", subnet.id)
      .required("cidr", subnet.cidr)
      .text("gateway_ip", subnet.gateway_ip)
      .number("ip_version", subnet.ip_version)
      .boolean("enable_dhcp", subnet.dhcp);
  const Json* ranges = reader.array("allocation_pools");
  auto ok = reader.done();
  for (std::size_t i = 0; ok && ranges != nullptr && i < ranges->size(); ++i) {
    auto& range = subnet.ranges.emplace_back();
    ok = JsonReader((*ranges)[i], "subnet " + subnet.id + ", allocation_pools")
             .required("start", range.first)
             .required("end", range.second)
             .done();
  }
  if (!ok) return fail(ok.error());
  return subnet;
}

Result<Port> read_port(const Json& object) {
  Port port;
  JsonReader reader(object, "port");
  reader.required("id", port.id)
      .text("network_id", port.network_id)
      .text("device_id", port.device_id)
      .text("device_owner", port.device_owner)
      .text("status", port.status)
      .text("project_id", port.project_id)
      .text("name", port.name);
  const Json* addresses = reader.array("fixed_ips");
  auto ok = reader.done();
  for (std::size_t i = 0; ok && addresses != nullptr && i < addresses->size(); ++i)
    ok = JsonReader((*addresses)[i], "port " + port.id + ", fixed_ips")
             .required("ip_address", port.addresses.emplace_back())
             .done();
  if (!ok) return fail(ok.error());
  return port;
}

// The cache keeps Neutron's own field names, so that the readers above read it too.
std::string to_cache(const NetworkInfo& network) {
  Json subnets = Json::array();
  for (const Subnet& subnet : network.subnets) {
    Json ranges = Json::array();
    for (const auto& [start, end] : subnet.ranges)
      ranges.push_back({{"start", start}, {"end", end}});
    subnets.push_back({{"id", subnet.id},
                       {"cidr", subnet.cidr},
                       {"gateway_ip", subnet.gateway_ip},
                       {"ip_version", subnet.ip_version},
                       {"enable_dhcp", subnet.dhcp},
                       {"allocation_pools", std::move(ranges)}});
  }
  const Json body = {{"id", network.id},
                     {"name", network.name},
                     {"project_id", network.project_id},
                     {"shared", network.shared},
                     {"subnets", std::move(subnets)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<NetworkInfo> from_cache(const std::string& text) {
  const Json body = Json::parse(text, nullptr, false);
  auto network = read_network(body);
  if (!network || !body.contains("subnets") || !body["subnets"].is_array()) return std::nullopt;
  for (const Json& entry : body["subnets"]) {
    auto subnet = read_subnet(entry);
    if (!subnet) return std::nullopt;
    network->subnets.push_back(*std::move(subnet));
  }
  return *std::move(network);
}

}  // namespace

Task<Result<NetworkInfo>> Network::find_network(std::string name_or_id) {
  const std::string key = "network/" + name_or_id;
  if (const auto known = session_.ids().get(key, now()))
    if (auto network = from_cache(*known)) co_return *std::move(network);

  // One request for either: `name` and `id` cannot be or-ed, so an id is asked for when it is one.
  std::vector<NetworkInfo> matches;
  for (const char* field : {"id", "name"}) {
    if (std::string_view(field) == "id" && !looks_like_id(name_or_id)) continue;
    auto objects = co_await list_all(
        session_, Service::network,
        fmt::format("/networks?{}={}", field, percent_encoded(name_or_id)), "networks", kPage);
    if (!objects) co_return fail(objects.error());
    for (const Json& object : *objects) {
      auto network = read_network(object);
      if (!network) co_return network;
      matches.push_back(*std::move(network));
    }
    if (!matches.empty()) break;
  }
  auto network = pick_one(std::move(matches), "network", name_or_id);
  if (!network) co_return network;

  auto subnets = co_await list_all(session_, Service::network, "/subnets?network_id=" + network->id,
                                   "subnets", kPage);
  if (!subnets) co_return fail(subnets.error());
  for (const Json& object : *subnets) {
    auto subnet = read_subnet(object);
    if (!subnet) co_return fail(subnet.error());
    network->subnets.push_back(*std::move(subnet));
  }
  session_.ids().put(key, to_cache(*network), now());
  co_return network;
}

Task<Result<std::vector<Port>>> Network::list_ports(std::string network_id) {
  auto objects =
      co_await list_all(session_, Service::network,
                        "/ports?network_id=" + percent_encoded(network_id), "ports", kPage);
  if (!objects) co_return fail(objects.error());
  std::vector<Port> ports;
  for (const Json& object : *objects) {
    auto port = read_port(object);
    if (!port) co_return fail(port.error());
    ports.push_back(*std::move(port));
  }
  co_return ports;
}

}  // namespace tidepool::openstack
