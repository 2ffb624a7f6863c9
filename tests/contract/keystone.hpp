// Keystone as a person uses it with curl: tokens of one's own, and application credentials.
#pragma once

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "openstack/http.hpp"
#include "openstack/token.hpp"

namespace tidepool::openstack {

class Keystone {
 public:
  Keystone(HttpClient& http, std::string auth_url);

  Task<Result<Token>> issue(CloudSettings settings);
  Task<Result<HttpResponse>> revoke(Token token);
  // `expires`: "2026-01-31T12:00:00Z"; empty: never.
  Task<Result<HttpResponse>> make_credential(Token token, std::string name, std::string expires);
  Task<Result<HttpResponse>> delete_credential(Token token, std::string id);

 private:
  HttpClient& http_;
  std::string url_;  // ends in /v3
};

}  // namespace tidepool::openstack
