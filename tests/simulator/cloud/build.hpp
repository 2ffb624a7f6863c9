#pragma once
#include "cloud/cloud.hpp"

// From a create request, or an unshelve, to a running server. Called with Cloud::mutex held.
namespace tidepool::sim {

// vm_state building, task_state scheduling -> spawning -> active, or error with nova's fault.
// With the time "schedule" at 0 host and addresses are taken at once, so that of two requests for
// one address the second is refused up front instead of ending in ERROR.
void start_build(Cloud& cloud, const ServerPtr& server);

// Gives the server a host and charges it there. False when none has room.
bool place(Cloud& cloud, Server& server);

// Gives back the host, placement's allocation, and the ports: those that nova made are removed,
// the others unbound.
void release(Cloud& cloud, Server& server);

}  // namespace tidepool::sim
