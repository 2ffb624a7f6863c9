// Servers that carry our cluster's metadata but no lease: reported, deleted after a grace period.
// Servers of another cluster, or without metadata, are never looked at.
#pragma once

#include <string>
#include <vector>

#include "base/async.hpp"
#include "work/inventory.hpp"
#include "work/slurm_side.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

struct Orphan {
  std::string server_id, name, node, lease_id, status, why;
  Time created{};
  bool due = false;  // old enough, and slurmctld does not use the node
};

class Orphans {
 public:
  Orphans(Surroundings& s, SlurmSide& slurm) : s_(s), slurm_(slurm) {}

  // Pure: every orphan of a listing. `records` are all nodes of the store.
  static std::vector<Orphan> find(const Inventory& inventory,
                                  const std::vector<NodeRecord>& records);
  // Sets `due`: older than `grace`, and either another server holds the node's lease or slurmctld
  // says that the node is powered down. With slurmctld silent, nothing is due.
  Task<Result<void>> judge(std::vector<Orphan>& orphans, const std::vector<NodeRecord>& records,
                           Millis grace);
  // Deletes those that are due, the duplicates of a lease among them; the ids of those gone. The
  // first refusal ends it: the next round goes on.
  Task<Result<std::vector<std::string>>> remove_due(const std::vector<Orphan>& orphans);
  // find, judge and remove_due; reports each orphan once. How many went.
  Task<Result<int>> sweep(const Inventory& inventory, const std::vector<NodeRecord>& records,
                          Millis grace);

 private:
  Surroundings& s_;
  SlurmSide& slurm_;
  std::set<std::string> reported_;
};

}  // namespace tidepool
