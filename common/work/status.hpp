// What people are shown: one line per node of the pool file, with its store record laid over it.
#pragma once

#include <string>
#include <vector>

#include "config/pool_file.hpp"
#include "store/store.hpp"

namespace tidepool {

// free      nobody wants it, nothing exists
// creating  wanted; the server is not there yet
// booting   the server is ACTIVE; slurmd has not registered yet
// up        in use
// leaving   not wanted any more; the server is being put away or deleted
// holding   the node and its jobs are on the way out; the server leaves its host
// held      they are away, with the jobs suspended in Slurm (or requeued, by the mode)
// returning they are on the way back
// parked    put away, kept for the next time (on_suspend: stop, shelve, suspend)
// failed    given up; back in use after `until`
// stranded  in the store with a lease, but in no pool of the file any more
struct NodeStatus {
  std::string pool, name, address, status, server_id, reason;
  Time since{};  // when it was last wanted so; epoch: never
  Time until{};  // of a failure
};

NodeStatus status_of(const PoolFile& pools, const NodeRecord& record);
// Every node of the pool file in its order, then the stranded ones.
Result<std::vector<NodeStatus>> list_status(const PoolFile& pools, Store& store);

}  // namespace tidepool
