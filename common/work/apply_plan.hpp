// What `tidepool apply` is about to change, whom that touches, and why it may not. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/conf_changes.hpp"
#include "config/pool_changes.hpp"
#include "slurm/controller.hpp"
#include "store/store.hpp"

namespace tidepool {

// The cluster as slurmctld and the store see it.
struct ClusterPicture {
  std::vector<slurm::JobInfo> jobs;
  std::vector<slurm::NodeInfo> nodes;
  std::vector<NodeRecord> records;
  std::vector<HoldRecord> holds;  // that have not ended
};

struct ApplyPlan {
  std::vector<ConfChange> conf;
  PoolChanges pool;
  bool conf_text = false;  // slurm.conf's text differs, if only in comments
  bool pool_text = false;
  Takes takes = Takes::nothing;

  std::vector<std::string> refused;   // why it is not done; empty: it can be
  std::vector<std::string> warnings;  // what a person should know first
  std::vector<std::string> touched;   // running, held and waiting jobs, and how
  // Nodes that go, or change what they are, and are in use: --drain empties them first.
  std::vector<std::string> to_drain;
  // Dynamic nodes that slurmctld is to make, and to delete; a node can be in both.
  std::vector<std::string> make, unmake;
  // Nodes whose processes read slurm.conf only when they are back: in a hold.
  std::vector<std::string> away;

  bool nothing() const { return !conf_text && !pool_text; }
};

struct ApplyFiles {
  const SlurmConf& conf_before;
  const SlurmConf& conf_after;
  const PoolFile& pools_before;
  const PoolFile& pools_after;
};

// `may_drain`: nodes in use that go are listed in to_drain; else they are refused.
ApplyPlan plan_apply(const ApplyFiles& files, const ClusterPicture& picture, SlurmVersion version,
                     bool may_drain);

// Why the node is in use: "has a lease (server …)", "runs job 12", "is held (hold 3)"; empty: it is
// not.
std::vector<std::string> uses_of(const std::string& node, const ClusterPicture& picture);

}  // namespace tidepool
