// What is looked at to choose who steps aside: slurmctld, the store, the cloud, stored probes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "work/look_for_hold.hpp"
#include "work/plan_hold.hpp"
#include "work/probe_report.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

// A pool's servers: how large, and what was measured of them.
struct PoolSize {
  Amount size;  // of one server; none(): the flavor is not known
  std::optional<ProbeReport> probe;
};

struct ReclaimSight {
  HoldSight hold;
  std::map<std::string, PoolSize> pools;  // by name
  std::map<std::int64_t, HoldHistory> history;
  std::vector<ReclaimNode> idle;  // that go already
};

// The pool's partition is opportunistic in itself, whoever's jobs run there: a class names it.
bool is_opportunistic(const PoolFile& pools, const Pool& pool);
bool is_opportunistic(const ReclaimSection& reclaim, const std::string& partition);

// The pools on whose nodes jobs of the classes may run.
std::vector<const Pool*> pools_of_classes(const PoolFile& pools);

// Every pool's. A flavor that the cloud does not have is left out.
Task<Result<std::map<std::string, PoolSize>>> pool_sizes(Surroundings& s);

Task<tl::expected<ReclaimSight, LookError>> look_for_reclaim(Surroundings& s);

}  // namespace tidepool
