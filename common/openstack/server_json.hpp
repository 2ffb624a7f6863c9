// Nova's JSON for servers: read and written.
#pragma once

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "openstack/server.hpp"

namespace tidepool::openstack {

// Missing fields keep their defaults; a field of the wrong type is a server_error naming it.
Result<Server> read_server(const nlohmann::json& object);

// The body of POST /servers. ErrorKind::invalid: user_data longer than Nova takes.
Result<nlohmann::json> write_server(const ServerRequest& request);

}  // namespace tidepool::openstack
