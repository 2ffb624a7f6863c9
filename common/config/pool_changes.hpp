// Two pool files: what differs. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/pool_file.hpp"

namespace tidepool {

struct PoolChanges {
  std::vector<std::string> lines;    // for people, one difference each
  std::vector<std::string> added;    // nodes that are new
  std::vector<std::string> removed;  // nodes that are in no pool any more
  // Nodes in another pool, or at another address: as good as removed and added while one has a
  // lease, for its server stays where and what it is.
  std::vector<std::string> moved;
  std::vector<std::string> refused;     // what apply does not change: the cluster's name, …
  std::vector<std::string> only_empty;  // what needs that no node has a lease

  bool empty() const { return lines.empty(); }
};

PoolChanges pool_changes(const PoolFile& before, const PoolFile& after);
// Of reclaim:, appended to `lines`. They are never in the way: the next worker goes by the new
// ones.
void reclaim_changes(const ReclaimSection& before, const ReclaimSection& after,
                     std::vector<std::string>& lines);

}  // namespace tidepool
