// A lost store: each held node's Extra in slurmctld's state names its hold.
#include <fmt/format.h>
#include <map>

#include "work/hold_extra.hpp"
#include "work/hold_restore.hpp"
#include "work/journal.hpp"

namespace tidepool {
namespace {

HoldRecord hold_of(const std::vector<const slurm::NodeInfo*>& nodes, const PoolFile& pools) {
  HoldRecord h;
  bool redirected = false;
  for (const auto* info : nodes) {
    auto extra = *parse_extra(info->extra);
    h.id = extra.id;
    h.modes.assign(1, extra.mode);
    h.reclaim = extra.reclaim;
    if (h.jobs.empty())
      for (const auto id : extra.jobs) h.jobs.push_back({id, "", ""});
    extra.node.node = info->name;
    // Told to, as far as anybody knows: a hibernation that was none shows at the next boot.
    if (extra.mode == HoldMode::hibernate) extra.node.hibernate_begun = now();
    h.nodes.push_back(std::move(extra.node));
    redirected =
        redirected || (pools.standin.address && info->address == pools.standin.address->str());
  }
  h.want_by = "rebuild";
  // Its jobs are stopped when the stand-in answers for it: `held` looks at the servers and goes on
  // from there. Else nothing has left yet.
  h.step = redirected ? HoldStep::held : HoldStep::draining;
  h.step_since = now();
  if (redirected) h.held_since = now();
  return h;
}

}  // namespace

Task<Result<std::vector<HoldRecord>>> lost_holds(Surroundings& s) {
  std::vector<std::string> names;
  for (const auto& pool : s.pools.pools)
    for (const auto& node : pool.nodes) names.push_back(node.name);
  auto infos = co_await s.controller.nodes(std::move(names));
  if (!infos) co_return tl::unexpected(infos.error());
  std::map<std::int64_t, std::vector<const slurm::NodeInfo*>> by_id;
  for (const auto& info : *infos)
    if (const auto extra = parse_extra(info.extra)) by_id[extra->id].push_back(&info);
  std::vector<HoldRecord> lost;
  for (const auto& [id, nodes] : by_id) {
    auto known = s.store.hold(id);
    if (!known) co_return tl::unexpected(known.error());
    if (!*known) lost.push_back(hold_of(nodes, s.pools));
  }
  co_return lost;
}

Task<Result<std::vector<HoldRecord>>> restore_holds(Surroundings& s) {
  auto lost = co_await lost_holds(s);
  if (!lost) co_return lost;
  for (const auto& h : *lost) {
    if (auto done = s.store.restore_hold(h); !done) {
      if (done.error().kind != ErrorKind::conflict) co_return tl::unexpected(done.error());
      log_error(LogLevel::error, "a lost hold cannot be restored", done.error());
      continue;
    }
    note(s.store, LogLevel::warning,
         {h.nodes.front().node, fmt::format("hold {}: restored", h.id),
          "from its nodes' Extra in slurmctld", h.nodes.front().server_id, ""});
  }
  co_return lost;
}

}  // namespace tidepool
