#include "openstack/server_json.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "openstack/base64.hpp"
#include "openstack/json_reader.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

// Nova's limit for user_data, after base64.
constexpr std::size_t kMaxUserData = 65'535;

Result<void> read_addresses(const Json& networks, const std::string& where, Server& server) {
  std::vector<std::string> floating;
  for (const auto& [name, list] : networks.items()) {
    if (!list.is_array())
      return fail(ErrorKind::server_error,
                  fmt::format("{}: addresses of network {} are not a list", where, name));
    for (const Json& entry : list) {
      int version = 4;
      std::string address, type;
      auto read = JsonReader(entry, where + ", addresses")
                      .number("version", version)
                      .required("addr", address)
                      .text("OS-EXT-IPS:type", type)
                      .done();
      if (!read) return read;
      if (version == 4) (type == "floating" ? floating : server.addresses).push_back(address);
    }
  }
  server.addresses.insert(server.addresses.end(), floating.begin(), floating.end());
  return {};
}

Result<void> read_metadata(const Json& metadata, const std::string& where, Server& server) {
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string())
      return fail(ErrorKind::server_error,
                  fmt::format("{}: metadata {} is not a string", where, key));
    server.metadata[key] = value.get<std::string>();
  }
  return {};
}

Result<void> read_when(const std::string& text, const std::string& where, Time& out) {
  if (text.empty()) return {};
  auto time = parse_time(text);
  if (!time) return fail(ErrorKind::server_error, where + ": " + time.error().message);
  out = *time;
  return {};
}

}  // namespace

std::string Server::meta(const char* key) const {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string() : found->second;
}

Result<Server> read_server(const Json& object) {
  Server server;
  std::string created, launched;
  JsonReader reader(object, "server");
  reader.required("id", server.id).text("name", server.name).required("status", server.status);
  if (auto ok = reader.done(); !ok) return fail(ok.error());

  const std::string where = "server " + server.id;
  JsonReader more(object, where);
  more.text("OS-EXT-STS:vm_state", server.vm_state)
      .text("OS-EXT-STS:task_state", server.task_state)
      .number("OS-EXT-STS:power_state", server.power_state)
      .boolean("locked", server.locked)
      .text("created", created)
      .text("OS-SRV-USG:launched_at", launched);
  const Json* metadata = more.object("metadata");
  const Json* addresses = more.object("addresses");
  const Json* fault = more.object("fault");
  Result<void> ok = more.done();
  if (ok && metadata != nullptr) ok = read_metadata(*metadata, where, server);
  if (ok && addresses != nullptr) ok = read_addresses(*addresses, where, server);
  if (ok && fault != nullptr)
    ok = JsonReader(*fault, where + ", fault")
             .text("message", server.fault)
             .number("code", server.fault_code)
             .done();
  if (ok) ok = read_when(created, where + ", created", server.created);
  if (ok) ok = read_when(launched, where + ", OS-SRV-USG:launched_at", server.launched);
  if (!ok) return fail(ok.error());
  return server;
}

Result<Json> write_server(const ServerRequest& request) {
  Json network = request.port_id.empty() ? Json{{"uuid", request.network_id}}
                                         : Json{{"port", request.port_id}};
  if (request.port_id.empty() && !request.fixed_ip.empty()) network["fixed_ip"] = request.fixed_ip;
  Json server = {{"name", request.name},
                 {"flavorRef", request.flavor_id},
                 {"imageRef", request.image_id},
                 {"networks", Json::array({network})}};
  if (!request.metadata.empty()) server["metadata"] = request.metadata;
  if (!request.key_name.empty()) server["key_name"] = request.key_name;
  if (!request.availability_zone.empty()) server["availability_zone"] = request.availability_zone;
  if (request.config_drive) server["config_drive"] = true;
  for (const std::string& group : request.security_groups)
    server["security_groups"].push_back({{"name", group}});
  if (!request.user_data.empty()) {
    std::string encoded = base64(request.user_data);
    if (encoded.size() > kMaxUserData)
      return fail(ErrorKind::invalid,
                  fmt::format("user_data is {} bytes once encoded; Nova takes {}", encoded.size(),
                              kMaxUserData));
    server["user_data"] = std::move(encoded);
  }
  return Json{{"server", std::move(server)}};
}

}  // namespace tidepool::openstack
