// Session: authenticated requests to the services of one project. Token, catalog and microversions
// are looked up once and cached across processes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include "base/async.hpp"

#include "base/result.hpp"
#include "config/cloud_settings.hpp"
#include "openstack/http.hpp"
#include "openstack/id_cache.hpp"

namespace tidepool::openstack {

enum class Service { compute, network, image, placement, identity };

struct ApiRequest {
  Service service = Service::compute;
  std::string method = "GET";
  std::string path;  // below the service's endpoint: "/servers/detail?limit=1000"
  std::string body;  // JSON text; empty: none
  std::chrono::milliseconds timeout{60'000};
  // GET, HEAD and DELETE are sent again by themselves (connect error, 429, 502-504; jittered,
  // Retry-After honoured, few times); POST and PUT never are, but for one new token after a 401.
};

class Session {
 public:
  // `cache_dir`: a private folder for the token cache (0600 file per cloud); empty: no cache.
  Session(boost::asio::io_context& context, CloudSettings settings,
          std::filesystem::path cache_dir);
  ~Session();

  // 2xx answers are values. Others become an Error by class (errors.hpp).
  Task<Result<HttpResponse>> call(ApiRequest request);

  // Authenticates if needed; what the token says. ErrorKind::auth: the credentials are refused.
  struct Identity {
    std::string project_id, project_name, user_id;
    std::vector<std::string> roles;
    std::int64_t expires_ms = 0;  // since the epoch
  };
  Task<Result<Identity>> identity();

  // Endpoint URL of a service, from override or catalog.
  Task<Result<std::string>> endpoint(Service service);
  // The compute microversion in use: the lower of Nova's maximum and ours (microversion.hpp), or of
  // the settings' default_microversion; below our floor it is an error (ErrorKind::invalid).
  Task<Result<std::string>> compute_microversion();

  HttpClient& http();
  const CloudSettings& settings() const;

  // What flavor, image and network names stand for; find_* ask the services only when it does not
  // know. Call forget_ids() when a create is refused with bad_request, and before a check.
  IdCache& ids();
  void forget_ids();

 private:
  class Impl;
  // Coroutines hold it too: they end with ErrorKind::internal when the session goes first.
  std::shared_ptr<Impl> impl_;
};

}  // namespace tidepool::openstack
