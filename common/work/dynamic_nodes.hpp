// Dynamic nodes: in slurmctld's state, not in slurm.conf. They outlive its restart, but not a lost
// state folder, nor an administrator's scontrol delete.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/async.hpp"
#include "config/pool_file.hpp"
#include "config/slurm_conf_lines.hpp"
#include "slurm/controller.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

// Those of `names` that slurmctld knows.
Task<Result<std::set<std::string>>> names_known(slurm::Controller& controller,
                                                std::vector<std::string> names);
// Makes the nodes (name and address; "": the pool's addresses come by DHCP), and looks that they
// are there: slurmctld says nothing when MaxNodeCount is full.
Task<Result<void>> make_nodes(slurm::Controller& controller,
                              std::vector<std::pair<std::string, std::string>> nodes,
                              std::vector<std::string> settings);
// Does this slurmctld need a reconfigure before nodes work in the places of deleted ones?
Task<Result<bool>> reuse_takes_reconfigure(slurm::Controller& controller);
// Of the pool, in its order: name and address of each node that is in `names`.
std::vector<std::pair<std::string, std::string>> addressed(const Pool& pool,
                                                           const std::set<std::string>& names);
// The flavor's, as the cloud says it.
Task<Result<NodeSize>> size_of(const Pool& pool, openstack::Cloud& cloud);

// The worker's part: what slurmctld does not know is made.
class DynamicNodes {
 public:
  explicit DynamicNodes(Surroundings& s) : s_(s) {}
  // `known`: of all the pools' nodes. An Error: unreachable; all else is noted, and tried again.
  Task<Result<void>> make_missing(const std::set<std::string>& known);
  // A slurmd with -Z makes its node when it registers, also one that was deleted a moment ago, as
  // by an apply that was undone. Nodes of no pool are deleted again once their server has gone.
  Task<Result<void>> delete_strays();

 private:
  Task<Result<void>> reconfigure_for_reuse();
  Surroundings& s_;
  std::string said_;  // what the last try failed of, noted once
};

}  // namespace tidepool
