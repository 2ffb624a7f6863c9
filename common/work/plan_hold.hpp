// From "hold these jobs" to holds that the worker can carry out, or to refusals that say what is in
// the way and what to do about it. Pure: what slurmctld, the store and the cloud say is handed in.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/pool_file.hpp"
#include "openstack/server.hpp"
#include "slurm/controller.hpp"
#include "slurm/job_spec.hpp"
#include "store/store.hpp"

namespace tidepool {

struct HoldRequest {
  std::vector<slurm::JobSpec> jobs;
  std::vector<std::string> nodes;  // every job on them
  std::vector<HoldMode> modes;     // empty: the jobs' wishes, then the pools'
  std::optional<Millis> max_held;  // nullopt: the same
  bool all_jobs = false;           // jobs that share nodes with those too
  bool force = false;              // even if an owner said --no-hold
  std::string by = "operator";
};

using ModeTroubles = std::map<HoldMode, std::string>;  // why a mode cannot be used

struct HoldSight {
  std::vector<slurm::JobInfo> jobs;    // all that slurmctld knows
  std::vector<slurm::NodeInfo> nodes;  // at least those of nodes_to_look_at()
  std::vector<NodeRecord> records;
  std::vector<HoldRecord> holds;                     // that have not ended
  std::map<std::string, openstack::Server> servers;  // by id
  std::map<std::string, ModeTroubles> unusable;      // by pool
  std::string standin;                               // why it cannot be used; empty: it answers
};

struct HoldPlan {
  std::vector<HoldRecord> holds;      // jobs that share nodes are one; without id
  std::vector<std::string> refusals;  // if there are any, nothing should be held
  std::vector<std::string> notes;     // what was left out of a list, and why
};

// The nodes of the request and of its jobs, and of all jobs that share nodes with those.
std::vector<std::string> nodes_to_look_at(const HoldRequest& request,
                                          const std::vector<slurm::JobInfo>& jobs);

HoldPlan plan_holds(const PoolFile& pools, const HoldRequest& request, const HoldSight& sight,
                    Time at);

// Does the job have processes, or will it have them in a moment, on its nodes?
bool occupies_nodes(const slurm::JobInfo& job);

}  // namespace tidepool
