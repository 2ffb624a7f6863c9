// The worker's half that talks to slurmctld: addresses, nodes that cannot come, registrations,
// and intents that were lost on the way.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/async.hpp"
#include "work/actions.hpp"
#include "work/failures.hpp"

namespace tidepool {

class SlurmSide {
 public:
  SlurmSide(Surroundings& s, Failures& failures, Actions& actions)
      : s_(s), failures_(failures), actions_(actions) {}

  // slurmctld shall know the node's address; told with the next round, in one update.
  void announce(const std::string& node) { announce_.insert(node); }
  // One round: addresses first (a later update of any kind would wipe a node's Reason), then
  // nodes that are down, then those that may be used again, then registrations.
  Task<Result<void>> round();
  // True once after a round that changed what the worker must do next.
  bool take_changed() { return std::exchange(changed_, false); }
  // Compares slurmctld's power states with the store's wants and takes up what a hook could not
  // write down (disk full, killed). Looks at every node of the pools.
  Task<Result<void>> take_up_lost_intents();
  // Nodes that slurmctld does not use: powered down, or unknown to it. Of `names`.
  Task<Result<std::set<std::string>>> unused(std::vector<std::string> names);

 private:
  Task<Result<void>> tell_addresses(const std::vector<NodeRecord>& records);
  Task<Result<void>> tell_down(const std::vector<NodeRecord>& records);
  Task<Result<void>> tell_usable(const std::vector<NodeRecord>& records);
  Task<Result<void>> watch_boots(const std::vector<NodeRecord>& records);
  Result<void> registered(NodeRecord record);
  Surroundings& s_;
  Failures& failures_;
  Actions& actions_;
  std::set<std::string> announce_;
  bool changed_ = false;
};

}  // namespace tidepool
