// Nova: servers, actions, flavors, limits. https://docs.openstack.org/api-ref/compute/
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>
#include "base/async.hpp"

#include "base/result.hpp"
#include "openstack/server.hpp"
#include "openstack/session.hpp"

namespace tidepool::openstack {

enum class ServerAction {
  pause,
  unpause,
  suspend,
  resume,
  stop,
  start,
  shelve,
  shelve_offload,
  unshelve
};
std::string_view to_string(ServerAction action);  // Nova's name: "os-stop"

struct Flavor {
  std::string id, name;
  int vcpus = 0;
  int ram_mib = 0;
  int disk_gib = 0;
  // From microversion 2.61 on, where the cloud's policy shows them; else empty.
  std::map<std::string, std::string> extra_specs;
};

// The extra spec that gives the flavor's servers a device of their host ("resources:VGPU=1");
// empty: none. Such a server cannot be paused or saved with its memory: the device's state is lost.
std::string passthrough_of(const Flavor& flavor);

struct Limits {  // -1: unlimited
  int max_instances = -1, max_cores = -1, max_ram_mib = -1;
  int used_instances = 0, used_cores = 0, used_ram_mib = 0;
  bool operator==(const Limits&) const = default;
};

class Compute {
 public:
  explicit Compute(Session& session) : session_(session) {}

  // All servers of the project, every page. `page` is for tests (limit=).
  Task<Result<std::vector<Server>>> list_servers(int page = 1000);
  // ErrorKind::not_found: no such server. A server shown as DELETED counts as gone.
  Task<Result<Server>> get_server(std::string id);
  // The new server's id. On error with maybe_done, look the lease id up before asking again.
  Task<Result<std::string>> create_server(ServerRequest request);
  // Accepted, or gone already: both are success.
  Task<Result<void>> delete_server(std::string id);
  // conflict: wrong state or task in progress; read the server again.
  Task<Result<void>> act(std::string id, ServerAction action);
  // Begins a snapshot; the id of the image that it becomes. Poll Image::get_image until it is
  // "active": until then the server is in task_state image_*, and takes nothing but a delete.
  Task<Result<std::string>> create_image(std::string id, std::string name);
  // The last lines of the console; not_found where the hypervisor has none.
  Task<Result<std::string>> console_log(std::string id, int lines);
  Task<Result<Flavor>> find_flavor(std::string name_or_id);
  Task<Result<Limits>> limits();

 private:
  Session& session_;
};

}  // namespace tidepool::openstack
