#include "api/nova_create.hpp"

#include <algorithm>

#include "api/api.hpp"
#include "api/nova_view.hpp"
#include "cloud/build.hpp"
#include "cloud/ids.hpp"
#include "cloud/quota.hpp"

namespace tidepool::sim {
namespace {

constexpr std::size_t kUserDataLimit = 65535;  // of the base64 text

Reply invalid(const std::string& field, const std::string& value, const std::string& why) {
  return nova_error(
      400, "Invalid input for field/attribute " + field + ". Value: " + value + ". " + why);
}

// Python's repr of a JSON value, which is how nova's schema errors quote it.
template <typename Json>
std::string python(const Json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.template get<bool>() ? "True" : "False";
  if (value.is_string()) return "'" + value.template get<std::string>() + "'";
  std::string out;
  if (value.is_array()) {
    for (const auto& item : value) out += (out.empty() ? "" : ", ") + python(item);
    return "[" + out + "]";
  }
  if (value.is_object()) {
    for (const auto& [key, item] : value.items())
      out += (out.empty() ? "'" : ", '") + key + "': " + python(item);
    return "{" + out + "}";
  }
  return value.dump();
}

// A part of the request as it was written, keys in the caller's order.
std::string quoted(const Call& call, const char* part) {
  const auto body = nlohmann::ordered_json::parse(call.body_text, nullptr, false);
  const nlohmann::ordered_json::json_pointer place(part);
  return body.is_discarded() || !body.contains(place) ? "None" : python(body.at(place));
}

Reply bad_networks(const Call& call) {
  const std::string networks = quoted(call, "/server/networks");
  return invalid("networks", networks, networks + " is not valid under any of the given schemas");
}

std::optional<Reply> check_name(const Call& call, const json& server) {
  const json name = server.value("name", json());
  if (!server.contains("name"))
    return invalid("server", quoted(call, "/server"), "'name' is a required property");
  if (!name.is_string())
    return invalid("name", python(name), python(name) + " is not of type 'string'");
  const auto text = name.get<std::string>();
  if (text.empty()) return invalid("name", "", "'' is too short");
  if (text.size() > 255) return invalid("name", text, "'" + text + "' is too long");
  return std::nullopt;
}

std::optional<Reply> check_shape(const Call& call, const json& server) {
  if (auto refused = check_name(call, server)) return refused;
  for (const char* key : {"flavorRef"}) {
    if (!server.contains(key))
      return invalid("server", quoted(call, "/server"),
                     "'" + std::string(key) + "' is a required property");
  }
  if (call.minor >= 37 && !server.contains("networks"))
    return invalid("server", quoted(call, "/server"), "'networks' is a required property");
  if (server.contains("metadata")) {
    if (auto refused = check_metadata(server.at("metadata"))) return refused;
  }
  const std::string user_data = server.value("user_data", json()).is_string()
                                    ? server.at("user_data").get<std::string>()
                                    : "";
  if (user_data.size() > kUserDataLimit)
    return invalid("user_data", user_data.substr(0, 40) + "...",
                   "'" + user_data.substr(0, 40) + "...' is too long");
  if (user_data.size() % 4 != 0 ||
      user_data.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n") !=
          std::string::npos)
    return invalid("user_data", user_data, "'" + user_data + "' is not a 'base64'");
  return std::nullopt;
}

long count_of(const json& server, const char* key, long fallback) {
  const json value = server.value(key, json(fallback));
  return value.is_string() ? std::atol(value.get<std::string>().c_str()) : value.get<long>();
}

// `networks` that is left out before 2.37, or "auto": the only network the project can use.
std::optional<Reply> automatic_network(const Call& call, std::vector<Nic>& nics) {
  std::vector<std::string> usable;
  for (const auto& [id, network] : call.cloud.networks) {
    if (network.shared || network.project_id == call.token.project_id) usable.push_back(id);
  }
  if (usable.size() > 1)
    return nova_error(409,
                      "Multiple possible networks found, use a Network ID to be more specific.");
  if (!usable.empty()) nics.push_back({usable.front(), "", std::nullopt});
  return std::nullopt;
}

std::optional<Reply> read_nic(Call& call, const json& entry, long count, std::vector<Nic>& nics) {
  Cloud& cloud = call.cloud;
  Nic nic;
  nic.network_id = entry.value("uuid", "");
  nic.port_id = entry.value("port", "");
  if (nic.network_id.empty() && nic.port_id.empty()) return bad_networks(call);
  if (!nic.port_id.empty()) {
    const auto port = cloud.ports.find(nic.port_id);
    if (port == cloud.ports.end() ||
        (port->second.project_id != call.token.project_id && !call.token.admin()))
      return nova_error(400, "Port id " + nic.port_id + " could not be found.");
    if (!port->second.device_id.empty())
      return nova_error(409, "Port " + nic.port_id + " is still in use.");
    nics.push_back(nic);
    return std::nullopt;
  }
  if (entry.contains("fixed_ip")) {
    nic.fixed_ip =
        parse_ipv4(entry.at("fixed_ip").is_string() ? entry.at("fixed_ip").get<std::string>() : "");
    if (!nic.fixed_ip) return bad_networks(call);
  }
  const auto network = cloud.networks.find(nic.network_id);
  if (network == cloud.networks.end() || !cloud.sees(network->second, call.token))
    return nova_error(400, "Network " + nic.network_id + " could not be found.");
  if (nic.fixed_ip && count > 1)
    return nova_error(400,
                      "Failed to launch instances: max_count cannot be greater than 1 if an "
                      "fixed_ip is specified.");
  if (nic.fixed_ip) {
    const Port* taken = cloud.port_at(nic.network_id, *nic.fixed_ip);
    if (taken)
      return nova_error(400, "Fixed IP address " + print_ipv4(*nic.fixed_ip) +
                                 " is already in use on instance " + taken->device_id + ".");
  }
  nics.push_back(nic);
  return std::nullopt;
}

std::optional<Reply> read_nics(Call& call, const json& server, long count, std::vector<Nic>& nics) {
  const json networks = server.value("networks", json("auto"));
  if (networks == "none") return std::nullopt;
  if (networks == "auto") return automatic_network(call, nics);
  if (!networks.is_array()) return bad_networks(call);
  for (const json& entry : networks) {
    if (auto refused = read_nic(call, entry, count, nics)) return refused;
  }
  return std::nullopt;
}

std::string text_of(const json& server, const char* key) {
  const json value = server.value(key, json());
  return value.is_string() ? value.get<std::string>() : "";
}

// An image or flavor may be named by its id or by a URL that ends in it.
std::string last_part(const std::string& reference) {
  return reference.substr(reference.find_last_of('/') + 1);
}

Server make_server(const Call& call, const json& given, const Flavor& flavor,
                   const std::string& image_id) {
  Server server;
  server.project_id = call.token.project_id;
  server.user_id = call.token.user_id;
  server.by_admin = call.token.admin();
  server.flavor = flavor;
  server.flavor_id = flavor.id;
  server.image_id = image_id;
  server.key_name = text_of(given, "key_name");
  server.user_data = text_of(given, "user_data");
  server.zone = text_of(given, "availability_zone");
  const json drive = given.value("config_drive", json());
  server.config_drive = drive == true || drive == "True" || drive == "true" ? "True" : "";
  if (given.contains("description") && given.at("description").is_string())
    server.description = given.at("description").get<std::string>();
  const json metadata = given.value("metadata", json::object());
  for (const auto& [key, value] : metadata.items()) server.metadata[key] = value.get<std::string>();
  for (const auto& tag : given.value("tags", json::array()))
    server.tags.insert(tag.get<std::string>());
  server.reservation = "r-" + random_text(8);
  server.created = server.updated = wall_now();
  return server;
}

}  // namespace

std::optional<Reply> check_metadata(const json& metadata) {
  if (!metadata.is_object())
    return invalid("metadata", python(metadata), python(metadata) + " is not of type 'object'");
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string())
      return invalid(key, python(value), python(value) + " is not of type 'string'");
    if (key.empty() || key.size() > 255)
      return invalid("metadata", python(metadata),
                     "Additional properties are not allowed ('" + key + "' was unexpected)");
    if (value.get<std::string>().size() > 255)
      return invalid(key, value.get<std::string>(), python(value) + " is too long");
  }
  if (metadata.size() > 128) return nova_error(403, "Maximum number of metadata items exceeds 128");
  return std::nullopt;
}

Reply create_server(Call& call) {
  Cloud& cloud = call.cloud;
  if (!call.body.is_object() || !call.body.contains("server") ||
      !call.body.at("server").is_object())
    return invalid("", quoted(call, ""), "'server' is a required property");
  const json& given = call.body.at("server");
  if (cloud.denied.count("create") != 0) return nova_forbidden("servers:create");
  if (auto refused = check_shape(call, given)) return *refused;

  const long least = std::max(1L, count_of(given, "min_count", 1));
  const long most = std::max(1L, count_of(given, "max_count", least));
  if (least > most) return nova_error(400, "min_count must be <= max_count");
  const std::string flavor_ref = given.at("flavorRef").is_string()
                                     ? last_part(given.at("flavorRef").get<std::string>())
                                     : given.at("flavorRef").dump();
  const Flavor* flavor = cloud.flavor(flavor_ref);
  const std::string image_id = last_part(text_of(given, "imageRef"));
  if (!image_id.empty() && cloud.images.count(image_id) == 0)
    return nova_error(400, "Can not find requested image");
  if (!image_id.empty() && cloud.images.at(image_id).status != "active")
    return nova_error(400, "Image " + image_id + " is not active.");
  if (!flavor) return nova_error(400, "Flavor " + flavor_ref + " could not be found.");
  const std::string zone = text_of(given, "availability_zone");
  if (!zone.empty() && zone.substr(0, zone.find(':')) != "nova")
    return nova_error(400, "The requested availability zone is not available");
  std::vector<Nic> nics;
  if (auto refused = read_nics(call, given, most, nics)) return *refused;
  const auto fits = room_for(cloud, call.token.project_id, *flavor, least, most);
  if (!fits.refusal.empty()) return nova_error(403, fits.refusal);

  Server pattern = make_server(call, given, *flavor, image_id);
  pattern.nics = nics;
  pattern.actions.push_back({"create", call.request_id, "compute__do_build_and_run_instance",
                             "Success", pattern.created, pattern.created});
  ServerPtr first;
  const std::string name = given.at("name");
  for (long i = 0; i < fits.count; ++i) {
    pattern.id = uuid();
    pattern.name = fits.count > 1 ? name + "-" + std::to_string(i + 1) : name;
    pattern.hostname =
        text_of(given, "hostname").empty() ? pattern.name : text_of(given, "hostname");
    pattern.launch_index = static_cast<int>(i);
    const ServerPtr added = cloud.add_server(pattern);
    if (!first) first = added;
    start_build(cloud, added);
  }
  if (given.value("return_reservation_id", false))
    return reply(202, {{"reservation_id", pattern.reservation}});
  return reply(202, {{"server",
                      {{"id", first->id},
                       {"links", server_links(call, "servers", first->id)},
                       {"OS-DCF:diskConfig", "MANUAL"},
                       {"security_groups", {{{"name", "default"}}}},
                       {"adminPass", random_text(12)}}}})
      .header("location", cloud.nova_url + "/servers/" + first->id);
}

}  // namespace tidepool::sim
