#pragma once
#include <functional>
#include <string>

#include "cloud/cloud.hpp"

// One asynchronous step of a server's life: wait as long as it takes, let the hook run, change the
// state. Every function here is called with Cloud::mutex held.
namespace tidepool::sim {

struct Step {
  std::string name;  // a key of Times; also what outcomes name
  std::string hook;  // "boot", "freeze", "thaw", "stop", "destroy" or "" for none
  std::function<void(Cloud&, Server&)> done;
  // Instead of turning the server to ERROR at once when the step fails; may be empty.
  std::function<void(Cloud&, Server&, const std::string& message)> failed = {};
};

// Starts the step. Dropped when the server's epoch has changed meanwhile (it is being deleted).
// The compute host being down, it waits until the host is up again; only a "stop" is lost then, as
// measured on a real cloud. A hook that fails turns the server to ERROR, except "destroy".
void start_step(Cloud& cloud, const ServerPtr& server, Step step);

// ERROR with a fault, as nova's conductor and compute leave a server behind.
void fail_server(Cloud& cloud, Server& server, const std::string& message);

// Runs a hook that nothing waits for.
void run_hook(Cloud& cloud, Server& server, const std::string& event);

// The address the hooks are given: the first one of the server, "" when it has none.
std::string first_address(const Cloud& cloud, const Server& server);

void touch(Server& server);  // updated := now

}  // namespace tidepool::sim
