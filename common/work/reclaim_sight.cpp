#include "work/reclaim_sight.hpp"

#include <algorithm>

#include "work/probe_file.hpp"
#include "work/reclaim_books.hpp"

namespace tidepool {

bool is_opportunistic(const ReclaimSection& reclaim, const std::string& partition) {
  return !partition.empty() &&
         std::any_of(reclaim.classes.begin(), reclaim.classes.end(),
                     [&](const OpportunisticClass& c) {
                       return std::find(c.partitions.begin(), c.partitions.end(), partition) !=
                              c.partitions.end();
                     });
}

bool is_opportunistic(const PoolFile& pools, const Pool& pool) {
  return is_opportunistic(pools.reclaim, pool.partition);
}

std::vector<const Pool*> pools_of_classes(const PoolFile& pools) {
  const bool any = std::any_of(pools.reclaim.classes.begin(), pools.reclaim.classes.end(),
                               [](const auto& c) { return c.partitions.empty(); });
  std::vector<const Pool*> all;
  for (const auto& pool : pools.pools)
    // A pool without a partition may serve any.
    if (any || pool.partition.empty() || is_opportunistic(pools, pool)) all.push_back(&pool);
  return all;
}

Task<Result<std::map<std::string, PoolSize>>> pool_sizes(Surroundings& s) {
  std::map<std::string, PoolSize> all;
  for (const auto& pool : s.pools.pools) {
    auto flavor = co_await s.cloud.compute().find_flavor(pool.flavor);
    if (!flavor && flavor.error().kind == ErrorKind::not_found) continue;
    if (!flavor) co_return fail(Error(flavor.error()));
    auto report = load_probe(s.pools.state.dir, pool.name);
    if (!report) co_return fail(Error(report.error()));
    PoolSize size;
    size.size = size_of(*flavor);
    // One of another cluster says nothing here.
    if (*report && (*report)->cluster == s.pools.cluster) size.probe = std::move(*report);
    all.emplace(pool.name, std::move(size));
  }
  co_return all;
}

Task<tl::expected<ReclaimSight, LookError>> look_for_reclaim(Surroundings& s) {
  using From = LookError::From;
  ReclaimSight sight;
  HoldRequest request;
  for (const auto* pool : pools_of_classes(s.pools))
    for (const auto& node : pool->nodes) request.nodes.push_back(node.name);
  auto hold = co_await look_for_hold(s, request);
  if (!hold) co_return tl::unexpected(hold.error());
  sight.hold = std::move(*hold);
  auto sizes = co_await pool_sizes(s);
  if (!sizes) co_return tl::unexpected(LookError{From::cloud, sizes.error()});
  sight.pools = std::move(*sizes);
  auto history = s.store.hold_history();
  if (!history) co_return tl::unexpected(LookError{From::store, history.error()});
  sight.history = std::move(*history);
  auto idle = s.store.idle_nodes();
  if (!idle) co_return tl::unexpected(LookError{From::store, idle.error()});
  sight.idle = std::move(*idle);
  co_return sight;
}

}  // namespace tidepool
