// The worker's half that talks to slurmctld: addresses, nodes that cannot come, registrations,
// and intents that were lost on the way.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/async.hpp"
#include "work/actions.hpp"
#include "work/dynamic_nodes.hpp"
#include "work/failures.hpp"

namespace tidepool {

class SlurmSide {
 public:
  SlurmSide(Surroundings& s, Failures& failures, Actions& actions)
      : s_(s), failures_(failures), actions_(actions), dynamic_(s) {}

  // slurmctld shall know the node's address; told with the next round, in one update.
  void announce(const std::string& node) { announce_.insert(node); }
  // Nodes that only their hold may speak of.
  void leave_alone(std::set<std::string> nodes) { held_ = std::move(nodes); }
  // One round: addresses first (a later update of any kind would wipe a node's Reason), then
  // nodes that are down, then those that may be used again, then registrations.
  Task<Result<void>> round();
  // True once after a round that changed what the worker must do next.
  bool take_changed() { return std::exchange(changed_, false); }
  // Compares slurmctld's power states with the store's wants and takes up what a hook could not
  // write down (disk full, killed). Looks at every node of the pools. A hook may be a moment behind
  // slurmctld: only a difference that lasts for kSettle is a lost intent.
  Task<Result<void>> take_up_lost_intents();
  static constexpr Millis kSettle{30'000};
  // There are differences of which that is not known yet: compare again soon.
  bool in_doubt() const { return !differences_.empty(); }
  // Nodes that slurmctld does not use: powered down, or unknown to it. Of `names`.
  Task<Result<std::set<std::string>>> unused(std::vector<std::string> names);

 private:
  Task<Result<void>> tell_addresses(const std::vector<NodeRecord>& records);
  Task<Result<void>> tell_down(const std::vector<NodeRecord>& records);
  Task<Result<void>> tell_usable(const std::vector<NodeRecord>& records);
  Task<Result<void>> watch_boots(const std::vector<NodeRecord>& records);
  Result<void> registered(NodeRecord record);

  // slurmctld wants otherwise than the store: since when, against which want.
  struct Difference {
    Wanted wanted;
    std::int64_t want_seq;
    Time since;
  };
  Result<std::optional<Difference>> difference(const slurm::NodeInfo& info);

  Surroundings& s_;
  Failures& failures_;
  Actions& actions_;
  DynamicNodes dynamic_;
  std::set<std::string> announce_;
  std::set<std::string> held_;
  Result<std::vector<NodeRecord>> records_to_tell();
  std::map<std::string, Difference> differences_;
  bool changed_ = false;
};

}  // namespace tidepool
