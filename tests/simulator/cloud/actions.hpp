#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cloud/cloud.hpp"

// What nova lets a server do in which state, and how it gets there. The table was measured on a
// real cloud, cell by cell. Called with Cloud::mutex held.
namespace tidepool::sim {

struct ActionSpec {
  std::string name;                 // the key in the request: "os-stop"
  std::string word;                 // as 409 messages say it: "stop"
  std::string policy;               // as 403 messages say it, after "os_compute_api:"
  std::vector<std::string> states;  // vm_states that it starts from
  bool needs_host = false;          // else "Instance <id> is not ready" when it has none
  bool admin_only = false;
};

const ActionSpec* find_action(const std::string& name);

// Why the action cannot start now: a 409 message, or nothing.
std::optional<std::string> conflict(const Server& server, const ActionSpec& action, bool hard);

// Starts it; the caller has asked conflict(). `hard` is for reboot.
void start_action(Cloud& cloud, const ServerPtr& server, const ActionSpec& action, bool hard);

// createImage: the image is there at once, "queued", and becomes "active". Returns its id.
std::string start_snapshot(Cloud& cloud, const ServerPtr& server, const std::string& name);

// DELETE. Ends at once when no host holds the server, or its host is down: the API does it alone.
void start_delete(Cloud& cloud, const ServerPtr& server);

// Marks a host up and lets what hung there go on, or down.
void set_host(Cloud& cloud, Host& host, bool up);

}  // namespace tidepool::sim
