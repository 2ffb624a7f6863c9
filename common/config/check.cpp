#include "config/check.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <set>

#include "base/hostlist.hpp"
#include "config/slurm_conf_lines.hpp"

namespace tidepool {
namespace {

using Names = std::vector<std::string>;

// slurm.conf names none of them; their partition takes them by its own name, a feature.
void check_dynamic_pool(const PoolFile& pools, const Pool& pool, const SlurmConf& conf,
                        std::vector<Diagnostic>& into) {
  const auto add = [&](const char* key, std::string what, std::string fix,
                       Severity severity = Severity::error) {
    into.push_back({severity, pools.path.string(), pool.line, 0, "pools." + pool.name + "." + key,
                    std::move(what), std::move(fix)});
  };
  Names named;
  for (const auto& node : pool.nodes)
    if (conf.nodes.contains(node.name)) named.push_back(node.name);
  if (!named.empty())
    add("nodes",
        fmt::format("slurm.conf names {}, but slurm.nodes is dynamic", format_hostlist(named)),
        "take the NodeName lines out; docs/apply.md says how");
  for (const auto& node : pool.nodes)
    if (conf.node_sets.contains(node.name))
      add("nodes", fmt::format("{} is a NodeSet in slurm.conf", node.name),
          "a node and a NodeSet cannot have the same name");
  const auto features = dynamic_features(pool);
  const auto has = [&](const std::string& feature) {
    return std::find(features.begin(), features.end(), feature) != features.end();
  };
  for (const auto& partition : conf.partitions) {
    const bool all = partition.values.contains("nodes") && partition.values.at("nodes") == "ALL";
    const bool takes =
        all || std::any_of(partition.nodes.begin(), partition.nodes.end(), [&](const auto& member) {
          const auto set = conf.node_sets.find(member);
          return set != conf.node_sets.end() && has(set->second);
        });
    if (partition.name == pool.partition && !takes)
      add("partition",
          fmt::format("partition {} takes no node with one of the features {}", partition.name,
                      fmt::join(features, ",")),
          fmt::format("NodeSet={0} Feature={0}, and Nodes={0} for the partition", pool.partition));
    if (partition.name != pool.partition && takes && !all)
      add("partition",
          fmt::format("partition {} takes its nodes too: they have one of its features ({})",
                      partition.name, fmt::join(features, ",")),
          "call the pool otherwise, if that is not meant", Severity::warning);
  }
}

void check_pool_nodes(const PoolFile& pools, const Pool& pool, const SlurmConf& conf,
                      std::vector<Diagnostic>& into) {
  const auto add = [&](Severity severity, std::string what, std::string fix) {
    into.push_back({severity, pools.path.string(), pool.line, 0, "pools." + pool.name + ".nodes",
                    std::move(what), std::move(fix)});
  };
  Names unknown, not_cloud, elsewhere;
  std::string example;
  for (const auto& node : pool.nodes) {
    const auto it = conf.nodes.find(node.name);
    if (it == conf.nodes.end()) {
      unknown.push_back(node.name);
      continue;
    }
    if (!it->second.cloud) not_cloud.push_back(node.name);
    if (!node.address || it->second.address == node.address->str()) continue;
    if (elsewhere.empty())
      example = fmt::format("{} has NodeAddr {} in slurm.conf and {} here", node.name,
                            it->second.address, node.address->str());
    elsewhere.push_back(node.name);
  }
  if (!unknown.empty())
    add(Severity::error,
        fmt::format("slurm.conf ({}) does not know {}", conf.path.string(),
                    format_hostlist(unknown)),
        "add the lines that 'tidepool slurm-conf' prints");
  if (!not_cloud.empty())
    add(Severity::error,
        fmt::format("{} not State=CLOUD in slurm.conf: Slurm would never ask for a server",
                    format_hostlist(not_cloud)),
        "write State=CLOUD on the NodeName line");
  if (!elsewhere.empty())
    add(Severity::warning,
        elsewhere.size() == 1 ? example
                              : fmt::format("{}; so do {} nodes in all: {}", example,
                                            elsewhere.size(), format_hostlist(elsewhere)),
        "tidepool sets NodeAddr when a node comes, but until then Slurm has the wrong one: take "
        "the "
        "lines that 'tidepool slurm-conf' prints");
}

void check_partition(const PoolFile& pools, const Pool& pool, const SlurmConf& conf,
                     std::vector<Diagnostic>& into) {
  if (pool.partition.empty()) return;
  const std::string key = "pools." + pool.name + ".partition";
  const auto it = std::find_if(conf.partitions.begin(), conf.partitions.end(),
                               [&](const auto& p) { return p.name == pool.partition; });
  if (it == conf.partitions.end()) {
    into.push_back({Severity::error, pools.path.string(), pool.line, 0, key,
                    fmt::format("slurm.conf has no partition '{}'", pool.partition),
                    "add the lines that 'tidepool slurm-conf' prints"});
    return;
  }
  const std::set<std::string> members(it->nodes.begin(), it->nodes.end());
  // A name that is no node is a node set: who is in it is not ours to work out.
  for (const auto& member : members)
    if (!conf.nodes.contains(member)) return;
  Names outside;
  for (const auto& node : pool.nodes)
    if (conf.nodes.contains(node.name) && !members.contains(node.name))
      outside.push_back(node.name);
  if (!outside.empty())
    into.push_back(
        {Severity::warning, it->file, it->line, 0, key,
         fmt::format("partition {} lacks the pool's {}", it->name, format_hostlist(outside)),
         "add them to its Nodes="});
}

}  // namespace

void check_nodes(const PoolFile& pools, const SlurmConf& conf, std::vector<Diagnostic>& into) {
  std::set<std::string> ours;
  for (const auto& pool : pools.pools) {
    for (const auto& node : pool.nodes) ours.insert(node.name);
    if (pools.slurm.dynamic)
      check_dynamic_pool(pools, pool, conf, into);
    else
      check_pool_nodes(pools, pool, conf, into);
    check_partition(pools, pool, conf, into);
  }
  Names strangers;
  const SlurmConfNode* first = nullptr;
  for (const auto& [name, node] : conf.nodes) {
    if (!node.cloud || ours.contains(name)) continue;
    if (first == nullptr) first = &node;
    strangers.push_back(name);
  }
  if (first != nullptr)
    into.push_back(
        {Severity::error, first->file, first->line, 0, "NodeName",
         fmt::format("CLOUD node(s) that no pool has: {}; jobs sent to them never start",
                     format_hostlist(strangers)),
         fmt::format("add them to a pool in {}, or take them out", pools.path.string())});
}

std::vector<Diagnostic> check_slurm_conf(const PoolFile& pools, const SlurmConf& conf,
                                         SlurmVersion version) {
  std::vector<Diagnostic> all;
  check_nodes(pools, conf, all);
  check_parameters(pools, conf, version, all);
  check_standin(pools, conf, all);
  return all;
}

}  // namespace tidepool
