#include "work/look_for_hold.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/connect.hpp"
#include "work/hold_modes.hpp"
#include "work/probe_file.hpp"

namespace tidepool {
namespace {

using From = LookError::From;

tl::unexpected<LookError> failed(From from, const Error& error, const char* what) {
  return tl::unexpected(LookError{from, Error(error).context(what)});
}

// The flavor's spec that gives servers a device; empty: none. A flavor that is gone says nothing.
Task<Result<std::string>> device_of(Surroundings& s, const Pool& pool) {
  auto flavor = co_await s.cloud.compute().find_flavor(pool.flavor);
  if (!flavor && flavor.error().kind == ErrorKind::not_found) co_return std::string();
  if (!flavor) co_return tl::unexpected(flavor.error());
  co_return openstack::passthrough_of(*flavor);
}

}  // namespace

Task<std::string> standin_trouble(const PoolFile& pools) {
  const auto& standin = pools.standin;
  if (!standin.given())
    co_return fmt::format("{} has no standin: section, so that nothing can be held",
                          pools.path.string());
  const auto answer = co_await can_connect(standin.address->str(), standin.port, Millis(2000));
  if (answer) co_return std::string();
  co_return fmt::format(
      "the stand-in {} does not answer ({}); 'systemctl start tidepool-standin' on its host",
      standin.node, answer.error().message);
}

Task<tl::expected<HoldSight, LookError>> look_for_hold(Surroundings& s,
                                                       const HoldRequest& request) {
  HoldSight sight;
  auto jobs = co_await s.controller.jobs({});
  if (!jobs) co_return failed(From::slurm, jobs.error(), "slurmctld");
  sight.jobs = std::move(*jobs);
  const auto names = nodes_to_look_at(request, sight.jobs);
  auto nodes = co_await s.controller.nodes(names);
  if (!nodes) co_return failed(From::slurm, nodes.error(), "slurmctld");
  sight.nodes = std::move(*nodes);
  auto records = s.store.nodes();
  if (!records) co_return failed(From::store, records.error(), "store");
  sight.records = std::move(*records);
  auto holds = s.store.holds();
  if (!holds) co_return failed(From::store, holds.error(), "store");
  sight.holds = std::move(*holds);
  auto servers = co_await s.cloud.compute().list_servers();
  if (!servers) co_return failed(From::cloud, servers.error(), "cloud");
  for (auto& server : *servers) sight.servers[server.id] = std::move(server);
  std::set<const Pool*> pools;
  for (const auto& name : names)
    if (const auto* pool = s.pools.find(name).pool; pool != nullptr) pools.insert(pool);
  for (const auto* pool : pools) {
    auto device = co_await device_of(s, *pool);
    if (!device) co_return failed(From::cloud, device.error(), "cloud");
    auto report = load_probe(s.pools.state.dir, pool->name);
    if (!report) co_return failed(From::store, report.error(), "probe");
    sight.unusable[pool->name] = mode_troubles(*pool, *report, *device);
  }
  sight.standin = co_await standin_trouble(s.pools);
  co_return sight;
}

}  // namespace tidepool
