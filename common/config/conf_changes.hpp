// Two slurm.conf files: what differs, and what slurmctld of a version needs to take it up. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/slurm_conf.hpp"
#include "config/slurm_version.hpp"

namespace tidepool {

// In this order: what is needed for several changes is the largest.
enum class Takes {
  nothing,
  reconfigure,    // scontrol reconfigure
  restart,        // of slurmctld
  empty_cluster,  // and no job may run or be held meanwhile: Slurm would lose it
  by_hand         // no job survives it, or slurmctld would not start: not apply's to do
};
std::string_view to_string(
    Takes takes);  // "nothing", "reconfigure", "restart", "an empty cluster"…

struct ConfChange {
  enum class What {
    parameter,
    node_added,
    node_removed,
    node_changed,
    partition_added,
    partition_removed,
    partition_changed
  };
  What what = What::parameter;
  std::string key;                  // parameter, or partition
  std::vector<std::string> nodes;   // of node_…; partition_changed: members that go
  std::string before, after;        // of a parameter; "" when not set. A password's are left out
  std::vector<std::string> fields;  // of a node or partition: "MaxTime: 60 -> 120"
  bool cpus = false;                // node_changed: Slurm lays out its jobs' CPUs anew
  Takes takes = Takes::reconfigure;
};
std::string to_string(const ConfChange& change);  // one line, for people

// Nodes that change in the same way are one change.
std::vector<ConfChange> conf_changes(const SlurmConf& before, const SlurmConf& after,
                                     SlurmVersion version);

// What a changed parameter takes. slurm.conf(5): 22.05 names those that need a restart; from 23.11
// on reconfigure starts slurmctld anew, which is as good, but for ports and authentication.
Takes takes_of(std::string_view key, SlurmVersion version);

}  // namespace tidepool
