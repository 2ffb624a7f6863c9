#include <algorithm>

#include "api/api.hpp"
#include "cloud/ids.hpp"

// Keystone v3: discovery, tokens (password, application_credential, token), and the little of the
// project and user look-ups that the openstack command makes.
namespace tidepool::sim {
namespace {

const json kDomain = {{"id", "default"}, {"name", "Default"}};

struct Kind {
  const char *name, *type, *path;
};
const Kind kServices[] = {
    {"placement", "placement", "/placement"},
    {"keystone", "identity", "/v3"},
    {"glance", "image", "/image"},
    {"nova", "compute", "/compute/v2.1"},
    {"neutron", "network", "/networking"},
};

json catalog(const Cloud& cloud) {
  json all = json::array();
  for (const Kind& kind : kServices) {
    json endpoints = json::array();
    for (const char* interface : {"admin", "internal", "public"}) {
      endpoints.push_back({{"id", host_id(kind.name, interface).substr(0, 32)},
                           {"interface", interface},
                           {"region", "RegionOne"},
                           {"region_id", "RegionOne"},
                           {"url", base_url(cloud) + kind.path}});
    }
    all.push_back({{"id", host_id(kind.name, "service").substr(0, 32)},
                   {"name", kind.name},
                   {"type", kind.type},
                   {"endpoints", endpoints}});
  }
  return all;
}

json version(const Cloud& cloud) {
  return {
      {"id", "v3.14"},
      {"status", "stable"},
      {"updated", "2020-04-07T00:00:00Z"},
      {"links", {{{"rel", "self"}, {"href", base_url(cloud) + "/v3/"}}}},
      {"media-types",
       {{{"base", "application/json"}, {"type", "application/vnd.openstack.identity-v3+json"}}}}};
}

json token_body(const Cloud& cloud, const Token& token) {
  const User& user = cloud.users.at(token.user_id);
  json body = {{"methods", {token.method}},
               {"user",
                {{"domain", kDomain},
                 {"id", user.id},
                 {"name", user.name},
                 {"password_expires_at", nullptr}}},
               {"audit_ids", {token.audit_id}},
               {"expires_at", iso_keystone(token.expires)},
               {"issued_at", iso_keystone(token.issued)}};
  for (const auto& [id, credential] : cloud.credentials) {
    if (token.method == "application_credential" && credential.user_id == user.id)
      body["application_credential"] = {
          {"id", id}, {"name", credential.name}, {"restricted", true}};
  }
  if (token.project_id.empty()) return {{"token", body}};
  const Project& project = cloud.projects.at(token.project_id);
  body["project"] = {{"domain", kDomain}, {"id", project.id}, {"name", project.name}};
  body["is_domain"] = false;
  body["roles"] = json::array();
  for (const auto& role : token.roles)
    body["roles"].push_back({{"id", host_id(role, "role").substr(0, 32)}, {"name", role}});
  body["catalog"] = catalog(cloud);
  return {{"token", body}};
}

bool domain_fits(const json& owner) {
  if (!owner.contains("domain")) return false;
  const json& domain = owner.at("domain");
  return domain.value("id", "") == "default" || domain.value("name", "") == "Default";
}

// {"id": ..} or {"name": .., "domain": ..} of a user or project.
template <typename Items>
auto* find_named(Items& items, const json& wanted) {
  typename Items::mapped_type* found = nullptr;
  if (wanted.contains("id")) {
    const auto at = items.find(wanted.at("id").template get<std::string>());
    if (at != items.end()) found = &at->second;
  } else if (wanted.contains("name") && domain_fits(wanted)) {
    for (auto& [id, item] : items) {
      if (item.name == wanted.at("name").template get<std::string>()) found = &item;
    }
  }
  return found;
}

const Credential* check_credential(Cloud& cloud, const json& given) {
  for (const auto& [id, credential] : cloud.credentials) {
    const bool by_id = given.contains("id") && given.at("id") == id;
    bool by_name = false;
    if (!given.contains("id") && given.value("name", "") == credential.name &&
        given.contains("user")) {
      const User* user = find_named(cloud.users, given.at("user"));
      by_name = user && user->id == credential.user_id;
    }
    if (by_id || by_name)
      return given.value("secret", "") == credential.secret &&
                     credential.expires.value_or(WallTime::max()) > wall_now()
                 ? &credential
                 : nullptr;
  }
  return nullptr;
}

Reply issue(Cloud& cloud, Token token) {
  token.text = token_text();
  token.audit_id = random_text(22);
  token.issued = wall_now();
  if (token.expires == WallTime{}) token.expires = token.issued + cloud.settings.token_ttl;
  std::erase_if(cloud.tokens, [&](const auto& old) {
    return old.second.expires + std::chrono::hours(1) < token.issued;
  });
  cloud.tokens[token.text] = token;
  return reply(201, token_body(cloud, token))
      .header("X-Subject-Token", token.text)
      .header("Vary", "X-Auth-Token");
}

Reply post_token(Call& call) {
  Cloud& cloud = call.cloud;
  const Reply refused = unauthorized(cloud.keystone_url);
  if (!call.body.is_object() || !call.body.contains("auth") ||
      !call.body.at("auth").contains("identity"))
    return keystone_error(400, "Bad Request",
                          "Expecting to find auth in request body. The server could not comply "
                          "with the request since it is either malformed or otherwise incorrect. "
                          "The client is assumed to be in error.");
  const json& auth = call.body.at("auth");
  const json& identity = auth.at("identity");
  const json methods = identity.value("methods", json::array());
  if (methods.size() != 1) return refused;
  Token token;
  token.method = methods[0];
  if (!identity.contains(token.method)) return refused;
  const json& given = identity.at(token.method);
  if (token.method == "application_credential") {
    const Credential* credential = check_credential(cloud, given);
    // It carries its project; keystone refuses any scope beside it.
    if (!credential || auth.contains("scope")) return refused;
    token.user_id = credential->user_id;
    token.project_id = credential->project_id;
    token.roles = credential->roles;
    // Its tokens end with it.
    if (credential->expires)
      token.expires = std::min(*credential->expires, wall_now() + cloud.settings.token_ttl);
    return issue(cloud, token);
  }
  if (token.method == "password") {
    const User* user = given.contains("user") ? find_named(cloud.users, given.at("user")) : nullptr;
    if (!user || given.at("user").value("password", "") != user->password) return refused;
    token.user_id = user->id;
  } else if (token.method == "token") {
    const auto old = cloud.tokens.find(given.value("id", ""));
    if (old == cloud.tokens.end() || old->second.expires <= wall_now()) return refused;
    token.user_id = old->second.user_id;
    token.expires = old->second.expires;  // a token got with a token lives no longer
  } else {
    return refused;
  }
  if (auth.contains("scope") && auth.at("scope").is_object() &&
      auth.at("scope").contains("project")) {
    const Project* project = find_named(cloud.projects, auth.at("scope").at("project"));
    const auto& roles = cloud.users.at(token.user_id).roles;
    if (!project || roles.count(project->id) == 0) return refused;
    token.project_id = project->id;
    token.roles = roles.at(project->id);
  }
  return issue(cloud, token);
}

Reply show_token(Call& call) {
  const auto found = call.cloud.tokens.find(call.header("x-subject-token"));
  if (found == call.cloud.tokens.end() || found->second.expires <= wall_now())
    return keystone_error(404, "Not Found",
                          "Could not find token: " + call.header("x-subject-token") + ".");
  return reply(200, token_body(call.cloud, found->second))
      .header("X-Subject-Token", found->first)
      .header("Vary", "X-Auth-Token");
}

Reply delete_token(Call& call) {
  if (call.cloud.tokens.erase(call.header("x-subject-token")) == 0)
    return keystone_error(404, "Not Found",
                          "Could not find token: " + call.header("x-subject-token") + ".");
  return reply(204);
}

json project_json(const Cloud& cloud, const Project& project) {
  return {{"id", project.id},
          {"name", project.name},
          {"domain_id", "default"},
          {"parent_id", "default"},
          {"enabled", true},
          {"is_domain", false},
          {"description", ""},
          {"tags", json::array()},
          {"options", json::object()},
          {"links", {{"self", base_url(cloud) + "/v3/projects/" + project.id}}}};
}

bool may_see(const Call& call, const std::string& project_id) {
  return call.token.admin() || call.token.project_id == project_id;
}

Reply no_project(const std::string& id) {
  return keystone_error(404, "Not Found", "Could not find project: " + id + ".");
}

Reply list_projects(Call& call) {
  if (!call.token.admin())
    return keystone_error(403, "Forbidden",
                          "You are not authorized to perform the requested action: "
                          "identity:list_projects.");
  json all = json::array();
  for (const auto& [id, project] : call.cloud.projects) {
    if (!call.has("name") || call.param("name") == project.name)
      all.push_back(project_json(call.cloud, project));
  }
  return reply(200, {{"projects", all}, {"links", {{"self", nullptr}, {"next", nullptr}}}});
}

Reply show_project(Call& call) {
  const auto found = call.cloud.projects.find(call.args[0]);
  if (found == call.cloud.projects.end()) return no_project(call.args[0]);
  if (!may_see(call, found->first))
    return keystone_error(403, "Forbidden",
                          "You are not authorized to perform the requested action: "
                          "identity:get_project.");
  return reply(200, {{"project", project_json(call.cloud, found->second)}});
}

Reply own_projects(Call& call) {
  json all = json::array();
  for (const auto& [id, roles] : call.cloud.users.at(call.token.user_id).roles)
    all.push_back(project_json(call.cloud, call.cloud.projects.at(id)));
  return reply(200, {{"projects", all}, {"links", {{"self", nullptr}, {"next", nullptr}}}});
}

}  // namespace

std::string base_url(const Cloud& cloud) {
  return cloud.keystone_url.substr(0, cloud.keystone_url.size() - 3);  // less "/v3"
}

void add_keystone(Router& router) {
  const auto add = [&](const char* method, const char* path, Handler handler, bool open = false) {
    router.add(Service::kIdentity, method, path, std::move(handler), open);
  };
  add(
      "GET", "/",
      [](Call& call) {
        return reply(300, {{"versions", {{"values", {version(call.cloud)}}}}});
      },
      true);
  add(
      "GET", "/v3",
      [](Call& call) {
        return reply(200, {{"version", version(call.cloud)}});
      },
      true);
  add("POST", "/v3/auth/tokens", post_token, true);
  add("GET", "/v3/auth/tokens", show_token);
  add("DELETE", "/v3/auth/tokens", delete_token);
  add("GET", "/v3/auth/catalog", [](Call& call) {
    return reply(200, {{"catalog", catalog(call.cloud)},
                       {"links", {{"self", base_url(call.cloud) + "/v3/auth/catalog"}}}});
  });
  add("GET", "/v3/auth/projects", own_projects);
  add("GET", "/v3/projects", list_projects);
  add("GET", "/v3/projects/{id}", show_project);
}

}  // namespace tidepool::sim
