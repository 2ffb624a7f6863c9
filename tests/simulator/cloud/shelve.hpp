#pragma once
#include <string>

#include "cloud/cloud.hpp"

// Shelving: stop, snapshot, and (with a shelved_offload_time) leave the host. Called with
// Cloud::mutex held.
namespace tidepool::sim {

void start_shelve(Cloud& cloud, const ServerPtr& server);
void start_offload(Cloud& cloud, const ServerPtr& server);
void start_unshelve(Cloud& cloud, const ServerPtr& server);

// A private image of the server in its project, status "queued". Returns its id.
std::string add_snapshot(Cloud& cloud, const Server& server, const std::string& name);

}  // namespace tidepool::sim
