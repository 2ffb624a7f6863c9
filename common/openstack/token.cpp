#include "openstack/token.hpp"

#include "openstack/json_reader.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

Result<void> read_service(const Json& service, Catalog& catalog) {
  std::string type;
  JsonReader reader(service, "catalog");
  reader.text("type", type);
  const Json* endpoints = reader.array("endpoints");
  if (auto ok = reader.done(); !ok) return ok;
  if (endpoints == nullptr) return {};
  for (const Json& entry : *endpoints) {
    Endpoint endpoint;
    endpoint.type = type;
    std::string region_id;
    auto ok = JsonReader(entry, "catalog, " + type)
                  .text("interface", endpoint.interface)
                  .text("region", endpoint.region)
                  .text("region_id", region_id)
                  .text("url", endpoint.url)
                  .done();
    if (!ok) return ok;
    if (endpoint.region.empty()) endpoint.region = region_id;
    if (!endpoint.url.empty()) catalog.push_back(std::move(endpoint));
  }
  return {};
}

}  // namespace

bool Token::usable(Time now) const {
  return !value.empty() && now + std::chrono::seconds(30) < expires;
}

Result<Token> read_token(const HttpResponse& response) {
  Token token;
  const auto header = response.headers.find("x-subject-token");
  if (header == response.headers.end() || header->second.empty())
    return fail(ErrorKind::server_error, "token: the answer has no X-Subject-Token");
  token.value = Secret(header->second);
  auto body = json_body(response, "token");
  if (!body) return fail(body.error());
  auto object = object_in(*body, "token");
  if (!object) return fail(object.error());

  std::string expires;
  JsonReader reader(**object, "token");
  reader.required("expires_at", expires);
  const Json* project = reader.object("project");
  const Json* user = reader.object("user");
  const Json* roles = reader.array("roles");
  const Json* catalog = reader.array("catalog");
  Result<void> ok = reader.done();
  if (ok && project != nullptr)
    ok = JsonReader(*project, "token, project")
             .text("id", token.project_id)
             .text("name", token.project_name)
             .done();
  if (ok && user != nullptr) ok = JsonReader(*user, "token, user").text("id", token.user_id).done();
  for (std::size_t i = 0; ok && roles != nullptr && i < roles->size(); ++i)
    ok = JsonReader((*roles)[i], "token, role").text("name", token.roles.emplace_back()).done();
  for (std::size_t i = 0; ok && catalog != nullptr && i < catalog->size(); ++i)
    ok = read_service((*catalog)[i], token.catalog);
  if (!ok) return fail(ok.error());
  auto end = parse_time(expires);
  if (!end) return fail(ErrorKind::server_error, "token, expires_at: " + end.error().message);
  token.expires = *end;
  return token;
}

}  // namespace tidepool::openstack
