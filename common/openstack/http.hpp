// HttpClient: one request function over curl's multi interface, driven by an Asio event loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "base/async.hpp"

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tidepool::openstack {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  Secret token;  // sent as X-Auth-Token when not empty
  std::string body;
  std::chrono::milliseconds timeout{
      60'000};  // whole transfer; POST /servers may need 60 s and more
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // at most 64 MiB
  std::string request_id() const;              // x-openstack-request-id / x-compute-request-id
};

struct TlsSettings {
  bool verify = true;
  std::filesystem::path cacert, cert, key;
};

class HttpClient {
 public:
  HttpClient(boost::asio::io_context& context, TlsSettings tls);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any HTTP status is a value. Errors: unreachable (no connection, TLS refused; nothing was sent),
  // timeout, server_error (cut off in the answer). Error::maybe_done is true unless the
  // connection was never made.
  Task<Result<HttpResponse>> send(HttpRequest request);

  // Requests begun since the client was made, by "METHOD route" (ids replaced by {id}).
  const std::map<std::string, int>& counts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidepool::openstack
