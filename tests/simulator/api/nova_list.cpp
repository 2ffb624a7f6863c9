#include "api/nova_list.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "api/nova_view.hpp"

namespace tidepool::sim {
namespace {

constexpr long kPageLimit = 1000;  // nova's [api] max_limit

const std::set<std::string> kStatuses = {
    "ACTIVE",    "BUILD",        "DELETED",       "ERROR",   "HARD_REBOOT",
    "MIGRATING", "PASSWORD",     "PAUSED",        "REBOOT",  "REBUILD",
    "RESCUE",    "RESIZE",       "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED",
    "SHUTOFF",   "SOFT_DELETED", "SUSPENDED",     "UNKNOWN", "VERIFY_RESIZE"};

bool truth(const std::string& text) {
  return text == "1" || text == "True" || text == "true" || text == "yes" || text == "on";
}

struct Filter {
  bool all_projects = false;
  std::string project, flavor, image, host, uuid;
  std::optional<std::regex> name;
  std::vector<std::string> ips, statuses, tags, any_tags;
  std::optional<WallTime> changes_since;
  bool deleted = false;

  bool fits(const Cloud& cloud, const Server& server) const;
};

bool Filter::fits(const Cloud& cloud, const Server& server) const {
  const bool is_deleted = server.vm_state == "deleted";
  if (!all_projects && server.project_id != project) return false;
  if (is_deleted && !changes_since && !deleted) return false;
  if (changes_since && server.updated < *changes_since) return false;
  if (!flavor.empty() && server.flavor_id != flavor) return false;
  if (!image.empty() && server.image_id != image) return false;
  if (!host.empty() && server.host != host) return false;
  if (!uuid.empty() && server.id != uuid) return false;
  if (name && !std::regex_search(server.name, *name)) return false;
  if (!statuses.empty() &&
      std::find(statuses.begin(), statuses.end(), status_of(server)) == statuses.end())
    return false;
  for (const auto& tag : tags) {
    if (server.tags.count(tag) == 0) return false;
  }
  if (!any_tags.empty() && std::none_of(any_tags.begin(), any_tags.end(), [&](const auto& tag) {
        return server.tags.count(tag) != 0;
      }))
    return false;
  // Not a regular expression any more since neutron does the matching: a substring.
  return std::all_of(ips.begin(), ips.end(), [&](const std::string& ip) {
    return std::any_of(server.ports.begin(), server.ports.end(), [&](const std::string& id) {
      return print_ipv4(cloud.ports.at(id).address).find(ip) != std::string::npos;
    });
  });
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  std::string part;
  while (std::getline(stream, part, ',')) parts.push_back(part);
  return parts;
}

std::optional<Reply> read_filter(const Call& call, Filter& filter) {
  filter.project = call.token.project_id;
  if (truth(call.param("all_tenants")) || call.param("all_tenants", "x").empty()) {
    if (!call.token.admin()) return nova_forbidden("servers:index:get_all_tenants");
    filter.all_projects = true;
    for (const char* key : {"project_id", "tenant_id"}) {
      if (!call.has(key)) continue;
      filter.all_projects = false;
      filter.project = call.param(key);
    }
  }
  filter.flavor = call.param("flavor");
  filter.image = call.param("image");
  filter.uuid = call.param("uuid");
  if (call.token.admin()) {
    filter.host = call.param("host");
    filter.deleted = truth(call.param("deleted"));
  }
  if (call.has("name")) {
    try {
      filter.name = std::regex(call.param("name"));
    } catch (const std::regex_error&) {
      return nova_error(400, "Invalid filter field: name.");
    }
  }
  const auto [first, last] = call.params.equal_range("status");
  for (auto at = first; at != last; ++at) {
    std::string status = at->second;
    std::transform(status.begin(), status.end(), status.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (kStatuses.count(status) == 0) return nova_error(400, "Invalid status value");
    filter.statuses.push_back(status);
  }
  for (const char* key : {"ip"}) {
    if (call.has(key)) filter.ips.push_back(call.param(key));
  }
  if (call.minor >= 26) {
    filter.tags = split(call.param("tags"));
    filter.any_tags = split(call.param("tags-any"));
  }
  if (call.has("changes-since")) {
    filter.changes_since = parse_iso(call.param("changes-since"));
    if (!filter.changes_since) return nova_error(400, "Invalid changes-since value");
  }
  return std::nullopt;
}

std::string next_query(const Call& call, const std::string& marker) {
  std::string query;
  std::istringstream stream(call.query);
  std::string part;
  while (std::getline(stream, part, '&')) {
    if (part.rfind("marker=", 0) != 0) query += part + "&";
  }
  return query + "marker=" + marker;
}

}  // namespace

ServerPtr visible_server(Call& call, const std::string& id) {
  const ServerPtr server = call.cloud.server(id);
  if (!server || (server->project_id != call.token.project_id && !call.token.admin()))
    return nullptr;
  return server;
}

Reply list_servers(Call& call, bool detail) {
  Filter filter;
  if (auto refused = read_filter(call, filter)) return *refused;
  long limit = kPageLimit;
  if (call.has("limit")) {
    const std::string text = call.param("limit");
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
      return nova_error(400, "Invalid input for query parameters limit. Value: " + text + ". '" +
                                 text + "' does not match '^[0-9]*$'");
    limit = std::min(kPageLimit, std::atol(text.c_str()));
  }
  const std::string marker = call.param("marker");
  bool started = marker.empty();
  if (!started && call.cloud.servers.count(marker) == 0)
    return nova_error(400, "marker [" + marker + "] not found");

  const auto& order = call.cloud.order;
  json all = json::array();
  std::string last;
  for (auto at = order.rbegin(); at != order.rend() && static_cast<long>(all.size()) < limit;
       ++at) {
    const Server& server = **at;
    if (started && filter.fits(call.cloud, server)) {
      all.push_back(detail ? server_view(call, server, false) : server_brief(call, server));
      last = server.id;
    }
    if (server.id == marker) started = true;
  }
  json body = {{"servers", all}};
  // A full page gets a link, be there more or not: the next page may be empty.
  if (static_cast<long>(all.size()) == limit && limit > 0)
    body["servers_links"] = {{{"rel", "next"},
                              {"href", call.cloud.nova_url + "/servers" +
                                           (detail ? "/detail?" : "?") + next_query(call, last)}}};
  return reply(200, body);
}

}  // namespace tidepool::sim
