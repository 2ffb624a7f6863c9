#include "cloud/actions.hpp"

#include <algorithm>

#include "cloud/build.hpp"
#include "cloud/ids.hpp"
#include "cloud/shelve.hpp"
#include "cloud/step.hpp"

namespace tidepool::sim {
namespace {

const std::vector<ActionSpec> kActions = {
    {"pause", "pause", "os-pause-server:pause", {"active"}},
    {"unpause", "unpause", "os-pause-server:unpause", {"paused"}},
    {"suspend", "suspend", "os-suspend-server:suspend", {"active"}},
    {"resume", "resume", "os-suspend-server:resume", {"suspended"}},
    {"os-stop", "stop", "servers:stop", {"active", "error"}, true},
    {"os-start", "start", "servers:start", {"stopped"}, true},
    {"shelve", "shelve", "os-shelve:shelve", {"active", "stopped", "paused", "suspended"}},
    {"shelveOffload", "shelveOffload", "os-shelve:shelve_offload", {"shelved"}, false, true},
    {"unshelve", "unshelve", "os-shelve:unshelve", {"shelved", "shelved_offloaded"}},
    {"reboot", "reboot", "servers:reboot", {"active"}},
    {"rebuild", "rebuild", "servers:rebuild", {"active", "stopped", "error"}},
    {"createImage",
     "createImage",
     "servers:create_image",
     {"active", "stopped", "paused", "suspended"}},
};
const std::vector<std::string> kHardReboot = {"active", "stopped", "paused", "suspended", "error"};

void settle(Server& server, const std::string& vm_state, int power_state) {
  server.vm_state = vm_state;
  server.task_state.clear();
  server.power_state = power_state;
  server.fault.reset();
  if (!server.actions.empty()) server.actions.back().updated = wall_now();
  touch(server);
}

struct Plain {  // an action of one step
  const char *name, *task, *time, *hook, *vm_state;
  int power_state;
};
// power_state 3 for PAUSED and 4 for SUSPENDED are what the libvirt driver reports.
const Plain kPlain[] = {
    {"pause", "pausing", "pause", "freeze", "paused", 3},
    {"unpause", "unpausing", "unpause", "thaw", "active", 1},
    {"suspend", "suspending", "suspend", "freeze", "suspended", 4},
    {"resume", "resuming", "resume", "thaw", "active", 1},
    {"os-stop", "powering-off", "stop", "stop", "stopped", 4},
    {"os-start", "powering-on", "start", "boot", "active", 1},
};

void start_plain(Cloud& cloud, const ServerPtr& server, const Plain& plain) {
  server->task_state = plain.task;
  start_step(cloud, server, {plain.time, plain.hook, [&plain](Cloud&, Server& at) {
                               settle(at, plain.vm_state, plain.power_state);
                             }});
}

// A reboot and a rebuild are the same to a hook: the guest starts anew.
void start_again(Cloud& cloud, const ServerPtr& server, const std::string& time,
                 const std::string& task) {
  const bool stays_off = time == "rebuild" && server->vm_state == "stopped";
  server->task_state = task;
  start_step(cloud, server, {time, stays_off ? "" : "boot", [stays_off](Cloud&, Server& at) {
                               settle(at, stays_off ? "stopped" : "active", stays_off ? 4 : 1);
                             }});
}

void vanish(Cloud& cloud, Server& server) {
  release(cloud, server);
  if (!server.snapshot_id.empty()) cloud.images.erase(server.snapshot_id);
  server.vm_state = "deleted";
  server.task_state.clear();
  server.power_state = 0;
  server.terminated = iso_database(wall_now());
  touch(server);
}

}  // namespace

const ActionSpec* find_action(const std::string& name) {
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [&](const ActionSpec& action) { return action.name == name; });
  return found == kActions.end() ? nullptr : &*found;
}

std::optional<std::string> conflict(const Server& server, const ActionSpec& action, bool hard) {
  if (action.needs_host && server.host.empty()) return "Instance " + server.id + " is not ready";
  const auto& states = action.name == "reboot" && hard ? kHardReboot : action.states;
  const std::string cannot =
      "Cannot '" + action.word + "' instance " + server.id + " while it is in ";
  if (std::find(states.begin(), states.end(), server.vm_state) == states.end())
    return cannot + "vm_state " + server.vm_state;
  if (!server.task_state.empty()) return cannot + "task_state " + server.task_state;
  return std::nullopt;
}

void start_action(Cloud& cloud, const ServerPtr& server, const ActionSpec& action, bool hard) {
  touch(*server);
  for (const Plain& plain : kPlain) {
    if (action.name == plain.name) return start_plain(cloud, server, plain);
  }
  if (action.name == "shelve") start_shelve(cloud, server);
  if (action.name == "shelveOffload") start_offload(cloud, server);
  if (action.name == "unshelve") start_unshelve(cloud, server);
  if (action.name == "reboot")
    start_again(cloud, server, "reboot", hard ? "rebooting_hard" : "rebooting");
  if (action.name == "rebuild") start_again(cloud, server, "rebuild", "rebuilding");
}

std::string start_snapshot(Cloud& cloud, const ServerPtr& server, const std::string& name) {
  const std::string id = add_snapshot(cloud, *server, name);
  server->task_state = "image_snapshot";
  touch(*server);
  start_step(cloud, server, {"upload", "", [id](Cloud& at, Server& done) {
                               done.task_state.clear();
                               touch(done);
                               const auto image = at.images.find(id);
                               if (image != at.images.end()) image->second.status = "active";
                             }});
  return id;
}

void start_delete(Cloud& cloud, const ServerPtr& server) {
  if (server->task_state == "deleting" || server->vm_state == "deleted") return;
  ++server->epoch;  // whatever it was doing, it no longer is
  const Host* host = cloud.host(server->host);
  if (!host || !host->up) {
    if (server->hooked) run_hook(cloud, *server, "destroy");
    vanish(cloud, *server);
    server->gone = true;
    return;
  }
  server->task_state = "deleting";
  touch(*server);
  start_step(cloud, server,
             {"delete", server->hooked ? "destroy" : "", [server](Cloud& at, Server& deleted) {
                vanish(at, deleted);
                start_step(at, server, {"linger", "", [](Cloud&, Server& s) { s.gone = true; }});
              }});
}

void set_host(Cloud& cloud, Host& host, bool up) {
  host.up = up;
  if (!up) return;
  const auto [first, last] = cloud.hung.equal_range(host.name);
  std::vector<std::function<void()>> waiting;
  for (auto at = first; at != last; ++at) waiting.push_back(at->second);
  cloud.hung.erase(first, last);
  for (const auto& go_on : waiting) go_on();
}

}  // namespace tidepool::sim
