// Nodes made and deleted by people, through the same store as slurmctld's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "work/node_user_data.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

struct NodeWish {
  std::string name;  // empty: the first free one
  std::string pool;  // empty: the pool of `name` or `ip`, or the only pool
  std::string ip;    // empty: the one that belongs to the name
  NodeExtras extras;
};

// Which nodes fit the wish, in the pool file's order. invalid: the wish contradicts the pool file,
// with the reason ("10.10.1.7 belongs to osg-007, not to osg-003").
Result<std::vector<NodeKey>> candidates(const PoolFile& pools, const NodeWish& wish);

// Claims one of them: from here on the worker makes it.
Result<std::string> claim_node(const PoolFile& pools, Store& store, const NodeWish& wish);

// What keeps a node from being deleted by hand: "runs jobs" and the like; nullopt: nothing.
Task<Result<std::optional<std::string>>> in_use(Surroundings& s, std::string node);

// After nodes were deleted by hand: those that slurmctld believes to be up are powered down there.
Task<Result<void>> forget_in_slurm(Surroundings& s, std::vector<std::string> nodes);

}  // namespace tidepool
