// What slurmctld says of the holds' jobs and nodes, read once for all of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "node/hold_table.hpp"
#include "slurm/controller.hpp"
#include "store/hold_record.hpp"

namespace tidepool {

struct HoldFacts {
  std::map<std::int64_t, slurm::JobInfo> jobs;   // all that slurmctld knows
  std::map<std::string, slurm::NodeInfo> nodes;  // of the holds
  Time jobs_at{};

  const slurm::JobInfo* job(std::int64_t id) const;            // nullptr: forgotten
  const slurm::NodeInfo* node(const std::string& name) const;  // nullptr: not in slurm.conf
  // Each job of the hold, in its order.
  std::vector<node::JobStands> stands(const HoldRecord& hold) const;
  // Jobs with processes on the hold's nodes that are not of the hold.
  std::vector<const slurm::JobInfo*> strangers(const HoldRecord& hold) const;
};

// `jobs_too`: else those of `facts` stay as they are.
Task<Result<void>> read_facts(slurm::Controller& controller, const std::vector<HoldRecord>& holds,
                              bool jobs_too, HoldFacts& facts);

}  // namespace tidepool
