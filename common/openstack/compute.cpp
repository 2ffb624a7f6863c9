#include "openstack/compute.hpp"

#include <fmt/format.h>
#include <array>
#include <set>
#include <utility>

#include "openstack/json_reader.hpp"
#include "openstack/paging.hpp"
#include "openstack/pick.hpp"
#include "openstack/server_json.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

// Sixteen creates at once on one network took Nova 18 s each; time-outs below a minute would
// only make servers that nobody knows of.
constexpr std::chrono::milliseconds kCreateTimeout{120'000};

constexpr std::array<std::pair<ServerAction, std::string_view>, 9> kActions{{
    {ServerAction::pause, "pause"},
    {ServerAction::unpause, "unpause"},
    {ServerAction::suspend, "suspend"},
    {ServerAction::resume, "resume"},
    {ServerAction::stop, "os-stop"},
    {ServerAction::start, "os-start"},
    {ServerAction::shelve, "shelve"},
    {ServerAction::shelve_offload, "shelveOffload"},
    {ServerAction::unshelve, "unshelve"},
}};

ApiRequest get(std::string path) {
  ApiRequest request;
  request.path = std::move(path);
  return request;
}

ApiRequest post(std::string path, const Json& body) {
  ApiRequest request;
  request.method = "POST";
  request.path = std::move(path);
  request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return request;
}

// An id goes into a path: nothing but what Nova's ids are made of may.
Result<std::string> server_path(const std::string& id) {
  const bool good = !id.empty() && id.find_first_not_of("0123456789abcdefABCDEF-") == id.npos;
  if (!good) return fail(ErrorKind::invalid, fmt::format("'{}' is not a server id", id));
  return "/servers/" + id;
}

bool gone(const Server& server) {
  return server.status == "DELETED";
}

Result<Flavor> read_flavor(const Json& object) {
  Flavor flavor;
  auto ok = JsonReader(object, "flavor")
                .required("id", flavor.id)
                .required("name", flavor.name)
                .number("vcpus", flavor.vcpus)
                .number("ram", flavor.ram_mib)
                .number("disk", flavor.disk_gib)
                .done();
  if (!ok) return fail(ok.error());
  if (const auto specs = object.find("extra_specs"); specs != object.end() && specs->is_object())
    for (const auto& [key, value] : specs->items())
      if (value.is_string()) flavor.extra_specs[key] = value.get<std::string>();
  return flavor;
}

// The id of a snapshot's image: in the body since 2.45, before that only in the Location.
Result<std::string> image_of(const HttpResponse& response) {
  std::string id;
  if (const auto body = Json::parse(response.body, nullptr, false); body.is_object()) {
    auto ok = JsonReader(body, "snapshot").text("image_id", id).done();
    if (!ok) return fail(ok.error());
  } else if (const auto url = response.headers.find("location"); url != response.headers.end()) {
    id = url->second.substr(url->second.find_last_of('/') + 1);
  }
  if (!looks_like_id(id))
    return fail(ErrorKind::server_error, "Nova does not say which image the snapshot becomes");
  return id;
}

}  // namespace

std::string passthrough_of(const Flavor& flavor) {
  for (const auto& [key, value] : flavor.extra_specs) {
    // "resources:VGPU", or of a numbered group: "resources1:VGPU".
    const auto colon = key.find(':');
    const bool resource = key.starts_with("resources") && colon != key.npos;
    const std::string kind = resource ? key.substr(colon + 1) : std::string();
    const bool device = kind == "VGPU" || kind == "PGPU" || kind == "PCI_DEVICE" ||
                        kind == "FPGA" || kind.starts_with("CUSTOM_PCI_");
    if ((device && value != "0") || key == "pci_passthrough:alias" || key == "accel:device_profile")
      return key + "=" + value;
  }
  return {};
}

std::string_view to_string(ServerAction action) {
  for (const auto& [a, name] : kActions)
    if (a == action) return name;
  return "";
}

Task<Result<std::vector<Server>>> Compute::list_servers(int page) {
  auto objects = co_await list_all(session_, Service::compute, "/servers/detail", "servers", page);
  if (!objects) co_return fail(objects.error());
  std::vector<Server> servers;
  for (const Json& object : *objects) {
    auto server = read_server(object);
    if (!server) co_return fail(server.error());
    if (!gone(*server)) servers.push_back(*std::move(server));
  }
  co_return servers;
}

Task<Result<Server>> Compute::get_server(std::string id) {
  auto path = server_path(id);
  if (!path) co_return fail(path.error());
  auto response = co_await session_.call(get(*path));
  if (!response) co_return fail(response.error());
  auto body = json_body(*response, "server " + id);
  if (!body) co_return fail(body.error());
  auto object = object_in(*body, "server");
  if (!object) co_return fail(object.error());
  auto server = read_server(**object);
  if (server && gone(*server))
    co_return fail(ErrorKind::not_found, fmt::format("server {} is deleted", id));
  co_return server;
}

Task<Result<std::string>> Compute::create_server(ServerRequest request) {
  auto body = write_server(request);
  if (!body) co_return fail(body.error());
  ApiRequest create = post("/servers", *body);
  create.timeout = kCreateTimeout;
  auto response = co_await session_.call(std::move(create));
  if (!response) co_return fail(response.error());
  // Nova has accepted it: whatever is wrong with the answer, there may be a server now.
  const auto unreadable = [](Error error) {
    error.maybe_done = true;
    return fail(std::move(error));
  };
  auto answer = json_body(*response, "created server");
  if (!answer) co_return unreadable(answer.error());
  auto object = object_in(*answer, "server");
  if (!object) co_return unreadable(object.error());
  std::string id;
  if (auto ok = JsonReader(**object, "created server").required("id", id).done(); !ok)
    co_return unreadable(ok.error());
  co_return id;
}

Task<Result<void>> Compute::delete_server(std::string id) {
  auto path = server_path(id);
  if (!path) co_return fail(path.error());
  ApiRequest request;
  request.method = "DELETE";
  request.path = *path;
  auto response = co_await session_.call(std::move(request));
  if (!response && response.error().kind != ErrorKind::not_found) co_return fail(response.error());
  co_return Result<void>{};
}

Task<Result<void>> Compute::act(std::string id, ServerAction action) {
  auto path = server_path(id);
  if (!path) co_return fail(path.error());
  const Json body = {{std::string(to_string(action)), nullptr}};
  auto response = co_await session_.call(post(*path + "/action", body));
  if (!response) co_return fail(response.error());
  co_return Result<void>{};
}

Task<Result<std::string>> Compute::create_image(std::string id, std::string name) {
  auto path = server_path(id);
  if (!path) co_return fail(path.error());
  const Json body = {{"createImage", {{"name", name}}}};
  auto response = co_await session_.call(post(*path + "/action", body));
  if (!response) co_return fail(response.error());
  auto image = image_of(*response);
  // Accepted: there is an image by now, whatever is wrong with the answer.
  if (!image) image.error().maybe_done = true;
  co_return image;
}

Task<Result<std::string>> Compute::console_log(std::string id, int lines) {
  auto path = server_path(id);
  if (!path) co_return fail(path.error());
  const Json body = {{"os-getConsoleOutput", {{"length", lines}}}};
  auto response = co_await session_.call(post(*path + "/action", body));
  if (!response) co_return fail(response.error());
  auto answer = json_body(*response, "console log");
  if (!answer) co_return fail(answer.error());
  std::string text;
  if (auto ok = JsonReader(*answer, "console log").text("output", text).done(); !ok)
    co_return fail(ok.error());
  co_return text;
}

Task<Result<Flavor>> Compute::find_flavor(std::string name_or_id) {
  const std::string key = "flavor/" + name_or_id;
  if (const auto known = session_.ids().get(key, now()))
    // An entry of an older version of ours lacks the extra specs: ask again.
    if (const Json kept = Json::parse(*known, nullptr, false); kept.contains("extra_specs"))
      if (auto flavor = read_flavor(kept)) co_return flavor;
  auto objects = co_await list_all(session_, Service::compute, "/flavors/detail", "flavors", 1000);
  if (!objects) co_return fail(objects.error());
  std::optional<Flavor> found;
  for (const Json& object : *objects) {
    auto flavor = read_flavor(object);
    if (!flavor) co_return flavor;
    // An id beats a name: names of flavors are unique, but one may look like another's id.
    if (flavor->id == name_or_id || (!found && flavor->name == name_or_id)) found = *flavor;
    if (flavor->id == name_or_id) break;
  }
  if (!found)
    co_return fail(ErrorKind::not_found, fmt::format("no flavor '{}' in this project", name_or_id));
  const Json learned = {{"id", found->id},         {"name", found->name},
                        {"vcpus", found->vcpus},   {"ram", found->ram_mib},
                        {"disk", found->disk_gib}, {"extra_specs", found->extra_specs}};
  session_.ids().put(key, learned.dump(-1, ' ', false, Json::error_handler_t::replace), now());
  co_return *found;
}

Task<Result<Limits>> Compute::limits() {
  auto response = co_await session_.call(get("/limits"));
  if (!response) co_return fail(response.error());
  auto body = json_body(*response, "limits");
  if (!body) co_return fail(body.error());
  auto object = object_in(*body, "limits");
  if (!object) co_return fail(object.error());
  auto absolute = object_in(**object, "absolute");
  if (!absolute) co_return fail(absolute.error());
  Limits limits;
  auto ok = JsonReader(**absolute, "limits")
                .number("maxTotalInstances", limits.max_instances)
                .number("maxTotalCores", limits.max_cores)
                .number("maxTotalRAMSize", limits.max_ram_mib)
                .number("totalInstancesUsed", limits.used_instances)
                .number("totalCoresUsed", limits.used_cores)
                .number("totalRAMUsed", limits.used_ram_mib)
                .done();
  if (!ok) co_return fail(ok.error());
  co_return limits;
}

}  // namespace tidepool::openstack
