#include "openstack/auth_request.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

// An id beats a name; without either it is the domain every Keystone has, as openstacksdk does.
Json domain(const std::string& id, const std::string& name) {
  if (!id.empty()) return {{"id", id}};
  if (!name.empty()) return {{"name", name}};
  return {{"id", "default"}};
}

Json user(const CloudSettings& s) {
  if (!s.user_id.empty()) return {{"id", s.user_id}};
  return {{"name", s.username}, {"domain", domain(s.user_domain_id, s.user_domain_name)}};
}

tl::unexpected<Error> missing(const CloudSettings& s, std::string_view what) {
  return fail(ErrorKind::invalid, fmt::format("cloud {}: {} is not set", s.name, what));
}

Result<Json> identity(const CloudSettings& s) {
  switch (s.auth_type) {
    case AuthType::password: {
      if (s.user_id.empty() && s.username.empty()) return missing(s, "auth.username");
      if (s.password.empty()) return missing(s, "auth.password");
      Json who = user(s);
      who["password"] = s.password.reveal();
      return Json{{"methods", {"password"}}, {"password", {{"user", std::move(who)}}}};
    }
    case AuthType::application_credential: {
      if (s.application_credential_secret.empty())
        return missing(s, "auth.application_credential_secret");
      Json credential = {{"secret", s.application_credential_secret.reveal()}};
      if (!s.application_credential_id.empty()) {
        credential["id"] = s.application_credential_id;
      } else if (!s.application_credential_name.empty()) {
        if (s.user_id.empty() && s.username.empty())
          return missing(s, "auth.username (it owns the application credential's name)");
        credential["name"] = s.application_credential_name;
        credential["user"] = user(s);
      } else {
        return missing(s, "auth.application_credential_id");
      }
      return Json{{"methods", {"application_credential"}},
                  {"application_credential", std::move(credential)}};
    }
    case AuthType::token:
      if (s.token.empty()) return missing(s, "auth.token");
      return Json{{"methods", {"token"}}, {"token", {{"id", s.token.reveal()}}}};
  }
  return missing(s, "auth_type");
}

}  // namespace

Result<Secret> auth_request(const CloudSettings& s) {
  if (s.auth_url.empty()) return missing(s, "auth.auth_url");
  auto who = identity(s);
  if (!who) return fail(who.error());
  Json auth = {{"identity", *std::move(who)}};
  if (s.auth_type != AuthType::application_credential) {
    if (!s.project_id.empty()) {
      auth["scope"]["project"]["id"] = s.project_id;
    } else if (!s.project_name.empty()) {
      auth["scope"]["project"] = {{"name", s.project_name},
                                  {"domain", domain(s.project_domain_id, s.project_domain_name)}};
    } else if (s.auth_type == AuthType::password) {
      return missing(s, "auth.project_name");
    }
  }
  // A byte that is not UTF-8 is replaced rather than thrown about.
  return Secret(
      Json{{"auth", std::move(auth)}}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string auth_identity(const CloudSettings& s) {
  const std::vector<std::string_view> parts{s.auth_url,
                                            s.user_id,
                                            s.username,
                                            s.user_domain_id,
                                            s.user_domain_name,
                                            s.project_id,
                                            s.project_name,
                                            s.project_domain_id,
                                            s.project_domain_name,
                                            s.application_credential_id,
                                            s.application_credential_name,
                                            s.region_name,
                                            s.interface};
  return fmt::format("{}|{}", static_cast<int>(s.auth_type), fmt::join(parts, "|"));
}

}  // namespace tidepool::openstack
