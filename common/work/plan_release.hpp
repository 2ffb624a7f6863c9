// Which holds a person means who says "release these".
#pragma once

#include <string>
#include <vector>

#include "slurm/job_spec.hpp"
#include "store/hold_record.hpp"

namespace tidepool {

struct ReleaseRequest {
  std::vector<slurm::JobSpec> jobs;
  std::vector<std::string> nodes;
  bool all = false;
};

struct ReleasePlan {
  std::vector<HoldRecord> holds;
  std::vector<std::string> refusals;  // jobs and nodes that are in no hold
  std::vector<std::string> notes;     // others that come back with those
};

// `jobs`: what slurmctld knows, to tell an array's tasks and a heterogeneous job's components;
// empty when it could not be asked: then only ids that the holds have themselves are found.
ReleasePlan plan_release(const ReleaseRequest& request, const std::vector<HoldRecord>& holds,
                         const std::vector<slurm::JobInfo>& jobs);

}  // namespace tidepool
