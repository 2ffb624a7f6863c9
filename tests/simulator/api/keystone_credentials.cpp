#include "api/api.hpp"
#include "cloud/ids.hpp"

// Keystone's application credentials, all of them restricted, of who asks.
namespace tidepool::sim {
namespace {

const char* const kCredentials = "/v3/users/{id}/application_credentials";

// Nobody manages those of others, nor with a token that was got with one.
std::optional<Reply> credential_refused(const Call& call, const char* verb) {
  if (call.token.method == "application_credential")
    return keystone_error(403, "Forbidden",
                          "You are not authorized to perform the requested action: Using method "
                          "'application_credential' is not allowed for managing additional "
                          "application credentials..");
  if (call.token.user_id == call.args[0]) return std::nullopt;
  return keystone_error(403, "Forbidden",
                        std::string("You are not authorized to perform the requested action: "
                                    "identity:") +
                            verb + "_application_credential.");
}

json credential_view(const Cloud& cloud, const Credential& credential) {
  json roles = json::array();
  for (const auto& role : credential.roles)
    roles.push_back({{"id", host_id(role, "role").substr(0, 32)},
                     {"name", role},
                     {"domain_id", nullptr},
                     {"description", nullptr},
                     {"options", {{"immutable", true}}}});
  return {{"id", credential.id},
          {"name", credential.name},
          {"description", nullptr},
          {"user_id", credential.user_id},
          {"project_id", credential.project_id},
          {"system", nullptr},
          {"expires_at", credential.expires ? json(iso_database(*credential.expires)) : json()},
          {"unrestricted", nullptr},
          {"roles", roles},
          {"links", {{"self", base_url(cloud) + "/v3/application_credentials/" + credential.id}}}};
}

Reply create_credential(Call& call) {
  if (auto reply = credential_refused(call, "create")) return *reply;
  const json given = call.body.at("application_credential");
  Credential made{random_text(32),       given.at("name").get<std::string>(),
                  random_text(86),       call.token.user_id,
                  call.token.project_id, call.token.roles};
  for (const auto& [id, other] : call.cloud.credentials)
    if (other.user_id == made.user_id && other.name == made.name)
      return keystone_error(409, "Conflict",
                            "Conflict occurred attempting to store application_credential - "
                            "Duplicate entry found with name " +
                                made.name + ".");
  if (given.contains("expires_at") && given.at("expires_at").is_string()) {
    made.expires = parse_iso(given.at("expires_at").get<std::string>());
    if (!made.expires)
      return keystone_error(400, "Bad Request", "Invalid input for field 'expires_at'.");
  }
  call.cloud.credentials[made.id] = made;
  json body = credential_view(call.cloud, made);
  body["secret"] = made.secret;  // told only now
  return reply(201, {{"application_credential", body}});
}

Reply remove_credential(Call& call) {
  if (auto reply = credential_refused(call, "delete")) return *reply;
  const auto found = call.cloud.credentials.find(call.args[1]);
  if (found == call.cloud.credentials.end() || found->second.user_id != call.args[0])
    return keystone_error(404, "Not Found",
                          "Could not find Application Credential: " + call.args[1] + ".");
  call.cloud.credentials.erase(found);
  return reply(204);
}

}  // namespace

void add_keystone_credentials(Router& router) {
  router.add(Service::kIdentity, "POST", kCredentials, create_credential);
  router.add(Service::kIdentity, "DELETE", std::string(kCredentials) + "/{credential}",
             remove_credential);
}

}  // namespace tidepool::sim
