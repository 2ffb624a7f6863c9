// The store made again from the cloud alone: every server carries its cluster, node and lease.
#pragma once

#include <string>
#include <vector>

#include "base/async.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

struct RebuildReport {
  std::vector<std::string> restored;  // nodes whose lease was written
  std::vector<std::string> kept;      // nodes that the store had already, with this lease
  std::vector<std::int64_t> holds;    // found in the nodes' Extra, written
  struct Left {
    std::string server_id, node, why;
  };
  std::vector<Left> left;  // servers of ours that no record could be made for
};

// The caller holds the worker's lock. Nothing in the cloud is changed; a node that the store has a
// lease for is never overwritten. `dry_run`: only the report.
Task<Result<RebuildReport>> rebuild(Surroundings& s, bool dry_run);

}  // namespace tidepool
