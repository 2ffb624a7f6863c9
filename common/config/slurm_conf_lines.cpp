#include "config/slurm_conf_lines.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/hostlist.hpp"

namespace tidepool {
namespace {

// "10.10.1.[1-200,7],10.10.2.9": in the given order, which format_hostlist() would not keep.
std::string address_list(const std::vector<Ipv4>& all) {
  std::string out;
  for (std::size_t i = 0; i < all.size();) {
    const std::uint32_t network = all[i].value() >> 8;
    std::string ranges;
    bool bracket = false;
    const std::size_t begin = i;
    while (i < all.size() && all[i].value() >> 8 == network) {
      std::size_t j = i;
      while (j + 1 < all.size() && all[j + 1].value() == all[j].value() + 1 &&
             all[j + 1].value() >> 8 == network)
        ++j;
      if (!ranges.empty()) ranges += ',';
      ranges += fmt::to_string(all[i].value() & 255);
      if (j > i) ranges += fmt::format("-{}", all[j].value() & 255);
      bracket = bracket || j > begin;
      i = j + 1;
    }
    const std::string text = all[begin].str();
    if (!out.empty()) out += ',';
    out += text.substr(0, text.rfind('.') + 1) + (bracket ? "[" + ranges + "]" : ranges);
  }
  return out;
}

std::string node_line(const Pool& pool, const NodeSize& size) {
  std::map<std::string, std::optional<Ipv4>> by_name;
  std::vector<std::string> names;
  for (const auto& node : pool.nodes) {
    by_name[node.name] = node.address;
    names.push_back(node.name);
  }
  // Slurm pairs names and addresses by position: the addresses follow the written list's order.
  const std::string list = format_hostlist(names);
  std::vector<Ipv4> addresses;
  for (const auto& name : expand_hostlist(list, kMaxNodes).value_or(std::vector<std::string>{}))
    if (const auto& address = by_name[name]) addresses.push_back(*address);
  std::string line = "NodeName=" + list;
  if (!pool.dhcp) line += " NodeAddr=" + address_list(addresses);
  line +=
      fmt::format(" CPUs={} RealMemory={} State=CLOUD", size.vcpus, real_memory_mib(size.ram_mib));
  if (!pool.features.empty()) line += fmt::format(" Feature={}", fmt::join(pool.features, ","));
  return line + "\n";
}

// Features, not names: no pool that comes or goes changes these lines.
std::string node_set_lines(const PoolFile& pools) {
  std::size_t nodes = 0;
  std::vector<std::string> partitions;
  for (const auto& pool : pools.pools) {
    nodes += pool.nodes.size();
    if (!pool.partition.empty() &&
        std::find(partitions.begin(), partitions.end(), pool.partition) == partitions.end())
      partitions.push_back(pool.partition);
  }
  // Raised only by a restart: room to grow.
  const std::size_t most = std::max<std::size_t>(1024, 4 * nodes);
  std::string out = fmt::format(
      "# Nodes are dynamic: tidepool makes them (scontrol create), and no line here names them.\n"
      "# MaxNodeCount: the most that there can ever be, those that are named in this file too. "
      "They\n"
      "# need SelectType=select/cons_tres.\n"
      "MaxNodeCount={}\n",
      most);
  for (const auto& name : partitions) out += fmt::format("NodeSet={0} Feature={0}\n", name);
  for (const auto& name : partitions)
    out += fmt::format("PartitionName={0} Nodes={0} MaxTime=INFINITE State=UP\n", name);
  return out;
}

std::string partition_lines(const PoolFile& pools) {
  // Several pools can share one; in the order of the pool file.
  std::vector<std::pair<std::string, std::vector<std::string>>> partitions;
  for (const auto& pool : pools.pools) {
    if (pool.partition.empty()) continue;
    auto it = std::find_if(partitions.begin(), partitions.end(),
                           [&](const auto& p) { return p.first == pool.partition; });
    if (it == partitions.end()) it = partitions.insert(it, {pool.partition, {}});
    for (const auto& node : pool.nodes) it->second.push_back(node.name);
  }
  std::string out;
  for (auto& [name, nodes] : partitions)
    out += fmt::format("PartitionName={} Nodes={} MaxTime=INFINITE State=UP\n", name,
                       format_hostlist(std::move(nodes)));
  return out;
}

// State=UNKNOWN must be said: a NodeName=DEFAULT line may have State=CLOUD.
std::string standin_line(const StandinSection& standin) {
  if (!standin.given()) return {};
  return fmt::format(
      "# The stand-in: its slurmd answers for held nodes. It runs no jobs and is in no partition "
      "(so\n"
      "# write no Nodes=ALL).\n"
      "NodeName={} NodeAddr={}{} CPUs=1 State=UNKNOWN\n",
      standin.node, standin.address->str(),
      standin.port == 6818 ? "" : fmt::format(" Port={}", standin.port));
}

std::string power_lines(const PoolFile& pools, const SlurmConfLinesRequest& request) {
  std::string out = "# Power saving: Slurm asks for nodes and gives them back through tidepool.\n";
  for (const auto& [key, program] : {std::pair{"ResumeProgram", "tidepool-resume"},
                                     std::pair{"SuspendProgram", "tidepool-suspend"},
                                     std::pair{"ResumeFailProgram", "tidepool-resume-fail"}})
    out += fmt::format("{}={}\n", key, (request.programs / program).string());
  out +=
      "# Seconds: from asked for to registered (the slowest boot, doubled); idle before it goes;\n"
      "# resting after it went.\n"
      "ResumeTimeout=600\nSuspendTime=300\nSuspendTimeout=60\n"
      "# Nodes a minute, 0: no limit, as tidepool keeps to cloud.max_in_flight by itself.\n"
      "ResumeRate=0\nSuspendRate=0\n";
  std::vector<std::string> parameters{"idle_on_node_suspend"};
  if (pools.slurm.configless) parameters.emplace_back("enable_configless");
  if (request.version >= kRequeueOnResumeFail) parameters.emplace_back("requeue_on_resume_failure");
  out += fmt::format(
      "# Add these to a SlurmctldParameters line that you have: the last one counts.\n"
      "SlurmctldParameters={}\n",
      fmt::join(parameters, ","));
  out += "ReturnToService=2\nTreeWidth=65533\nInactiveLimit=0\n";
  out +=
      "# Powered-down nodes are shown too. Add it to a PrivateData line that you have.\n"
      "PrivateData=cloud\n";
  if (pools.standin.given())
    out += fmt::format(
        "# The stand-in is idle for good, and stays. Add it to a SuspendExcNodes line that you "
        "have.\n"
        "SuspendExcNodes={}\n",
        pools.standin.node);
  if (request.version >= kSuspendExcStates)
    out +=
        "# A drained node keeps its server, so that its fault can be looked at.\n"
        "SuspendExcStates=DRAIN\n";
  return out;
}

}  // namespace

long real_memory_mib(long ram_mib) {
  if (ram_mib <= 512) return std::max(1L, ram_mib / 2);
  return ram_mib - std::max(256L, ram_mib / 20);
}

std::vector<std::string> dynamic_features(const Pool& pool) {
  std::vector<std::string> all{pool.name};
  if (!pool.partition.empty()) all.push_back(pool.partition);
  all.insert(all.end(), pool.features.begin(), pool.features.end());
  std::vector<std::string> once;
  for (auto& name : all)
    if (std::find(once.begin(), once.end(), name) == once.end()) once.push_back(std::move(name));
  return once;
}

std::vector<std::string> dynamic_settings(const Pool& pool, const NodeSize& size) {
  return {fmt::format("CPUs={}", size.vcpus),
          fmt::format("RealMemory={}", real_memory_mib(size.ram_mib)), "State=CLOUD",
          fmt::format("Feature={}", fmt::join(dynamic_features(pool), ","))};
}

Result<std::string> slurm_conf_lines(const PoolFile& pools, const SlurmConfLinesRequest& request) {
  std::string out = fmt::format(
      "# For cluster {}, from {}.\n"
      "# RealMemory is the flavor's memory less 5 % (256 MiB at least), which the guest keeps.\n",
      pools.cluster, pools.path.string());
  for (const auto& pool : pools.pools) {
    const auto size = request.sizes.find(pool.name);
    if (size == request.sizes.end())
      return fail(ErrorKind::invalid,
                  fmt::format("pool {}: its flavor's size is not known", pool.name));
    if (size->second.vcpus < 1 || size->second.ram_mib < 1)
      return fail(ErrorKind::invalid,
                  fmt::format("pool {}: a flavor with {} CPUs and {} MiB is no node", pool.name,
                              size->second.vcpus, size->second.ram_mib));
    if (!pools.slurm.dynamic) out += node_line(pool, size->second);
  }
  out += standin_line(pools.standin);
  out += pools.slurm.dynamic ? node_set_lines(pools) : partition_lines(pools);
  return out + "\n" + power_lines(pools, request);
}

}  // namespace tidepool
