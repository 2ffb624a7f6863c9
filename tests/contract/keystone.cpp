#include "keystone.hpp"

#include <utility>

#include "openstack/auth_request.hpp"
#include "openstack/errors.hpp"

namespace tidepool::openstack {
namespace {

HttpRequest json_request(std::string method, std::string url, std::string body) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  return request;
}

}  // namespace

Keystone::Keystone(HttpClient& http, std::string auth_url)
    : http_(http), url_(std::move(auth_url)) {
  if (url_.size() < 3 || url_.compare(url_.size() - 3, 3, "/v3") != 0) url_ += "/v3";
}

Task<Result<Token>> Keystone::issue(CloudSettings settings) {
  auto body = auth_request(settings);
  if (!body) co_return fail(body.error());
  auto response = co_await http_.send(json_request("POST", url_ + "/auth/tokens", body->reveal()));
  if (!response) co_return fail(response.error());
  if (response->status >= 400) co_return fail(error_from(*response));
  co_return read_token(*response);
}

Task<Result<HttpResponse>> Keystone::revoke(Token token) {
  HttpRequest request = json_request("DELETE", url_ + "/auth/tokens", "");
  request.token = token.value;
  request.headers.emplace_back("X-Subject-Token", token.value.reveal());
  co_return co_await http_.send(std::move(request));
}

Task<Result<HttpResponse>> Keystone::make_credential(Token token, std::string name,
                                                     std::string expires) {
  nlohmann::json wanted;
  wanted["name"] = name;
  if (!expires.empty()) wanted["expires_at"] = expires;
  nlohmann::json body;
  body["application_credential"] = wanted;
  const std::string path = "/users/" + token.user_id + "/application_credentials";
  HttpRequest request = json_request("POST", url_ + path, body.dump());
  request.token = token.value;
  co_return co_await http_.send(std::move(request));
}

Task<Result<HttpResponse>> Keystone::delete_credential(Token token, std::string id) {
  const std::string path = "/users/" + token.user_id + "/application_credentials/";
  HttpRequest request = json_request("DELETE", url_ + path + id, "");
  request.token = token.value;
  co_return co_await http_.send(std::move(request));
}

}  // namespace tidepool::openstack
