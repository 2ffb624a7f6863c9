#include "apply_nodes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "command.hpp"
#include "live.hpp"
#include "work/dynamic_nodes.hpp"

namespace tidepool {
namespace {

// The first flavor that is not known is the Error; its nodes are added without settings.
Result<void> group_by_pool(Live& live, const PoolFile& pools, const std::vector<std::string>& names,
                           std::vector<ApplyNodes>& into) {
  const std::set<std::string> wanted(names.begin(), names.end());
  Result<void> all_known;
  for (const auto& pool : pools.pools) {
    ApplyNodes group;
    group.nodes = addressed(pool, wanted);
    if (group.nodes.empty()) continue;
    auto size = live.wait(size_of(pool, live.surroundings().cloud));
    if (size)
      group.settings = dynamic_settings(pool, *size);
    else if (all_known)
      all_known = tl::unexpected(size.error());
    into.push_back(std::move(group));
  }
  return all_known;
}

}  // namespace

std::string used_fresh(const ApplyRecord& record, const ClusterPicture& picture) {
  std::string all;
  for (const auto& node : record.fresh)
    for (const auto& use : uses_of(node, picture))
      all += fmt::format("{}{} {}", all.empty() ? "" : ", ", node, use);
  return all;
}

int plan_nodes(Setup& setup, const ApplyFileSet& all, const ApplyPlan& plan, ApplyRecord& record) {
  for (const auto& [name, node] : all.conf_after.nodes)
    if (!all.conf_before.nodes.contains(name)) record.fresh.push_back(name);
  for (const auto& node : plan.make)
    if (std::find(plan.unmake.begin(), plan.unmake.end(), node) == plan.unmake.end())
      record.fresh.push_back(node);
  if (plan.make.empty() && plan.unmake.empty()) return kOk;
  auto live = Live::connect(setup);
  if (!live) return live.error();
  // A flavor that goes with its pool may have gone before: on the way back the worker makes them.
  (void)group_by_pool(**live, all.pools_before, plan.unmake, record.unmade);
  auto known = group_by_pool(**live, all.pools_after, plan.make, record.made);
  if (known) return kOk;
  complain(kProgram, known.error().message);
  complain(kProgram, "nothing was changed");
  return exit_code_of(known.error());
}

}  // namespace tidepool
