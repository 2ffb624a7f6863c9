// What holds need of slurm.conf: the stand-in, which answers slurmctld's pings for held nodes.
#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>

#include "base/hostlist.hpp"
#include "config/check.hpp"

namespace tidepool {
namespace {

std::string value_of(const SlurmConfNode& node, const char* key) {
  const auto it = node.values.find(key);
  return it == node.values.end() ? std::string() : it->second;
}

class StandinCheck {
 public:
  StandinCheck(const PoolFile& pools, const SlurmConf& conf, std::vector<Diagnostic>& into)
      : pools_(pools), standin_(pools.standin), conf_(conf), into_(into) {}

  void run() {
    if (!standin_.given()) return missing();
    const auto it = conf_.nodes.find(standin_.node);
    if (it == conf_.nodes.end()) {
      ours(Severity::error, "standin.node",
           fmt::format("slurm.conf ({}) does not know {}", conf_.path.string(), standin_.node),
           "add the NodeName line that 'tidepool slurm-conf' prints");
      return;
    }
    const SlurmConfNode& node = it->second;
    if (node.cloud)
      theirs(node.file, node.line, Severity::error, "NodeName",
             fmt::format("the stand-in {} is State=CLOUD: Slurm would take it for powered down",
                         node.name),
             "write State=UNKNOWN on its line");
    partitions();
    address(node);
    ports();
    power_saving();
    timing();
  }

 private:
  void ours(Severity severity, const char* key, std::string what, std::string fix) {
    into_.push_back(
        {severity, pools_.path.string(), standin_.line, 0, key, std::move(what), std::move(fix)});
  }
  void theirs(const std::string& file, int line, Severity severity, const char* key,
              std::string what, std::string fix) {
    into_.push_back({severity, file, line, 0, key, std::move(what), std::move(fix)});
  }
  void parameter(Severity severity, const char* key, const char* low, std::string what,
                 std::string fix) {
    const auto it = conf_.places.find(low);
    const bool set = it != conf_.places.end();
    theirs(set ? it->second.file : conf_.path.string(), set ? it->second.line : 0, severity, key,
           std::move(what), std::move(fix));
  }

  void missing() {
    for (const auto& pool : pools_.pools) {
      const bool needed = std::any_of(pool.hold.modes.begin(), pool.hold.modes.end(),
                                      [](HoldMode mode) { return mode != HoldMode::requeue; });
      if (pool.hold.given && needed)
        into_.push_back(
            {Severity::error, pools_.path.string(), pool.line, 0,
             fmt::format("pools.{}.hold", pool.name),
             "there is no standin: section, so that nothing can be held",
             "add standin: {node: NAME, address: ADDRESS}; docs/holding.md has the steps"});
    }
  }

  void partitions() {
    for (const auto& partition : conf_.partitions)
      if (std::find(partition.nodes.begin(), partition.nodes.end(), standin_.node) !=
          partition.nodes.end())
        theirs(partition.file, partition.line, Severity::error, "PartitionName",
               fmt::format("the stand-in {} is in partition {}: jobs would run on its host",
                           standin_.node, partition.name),
               "take it out; in place of Nodes=ALL name the nodes");
  }

  void address(const SlurmConfNode& node) {
    // A host name is resolved by Slurm; whether it is this address is not ours to work out.
    if (const auto given = Ipv4::parse(node.address); given && *given != *standin_.address)
      ours(Severity::error, "standin.address",
           fmt::format("{} has NodeAddr {} in slurm.conf and {} here", node.name, node.address,
                       standin_.address->str()),
           "write the same address in both files");
  }

  int port_of(const SlurmConfNode& node) const {
    std::string text = value_of(node, "port");
    if (text.empty()) text = conf_.value("SlurmdPort").value_or("6818");
    int port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
  }

  // slurmctld pings a held node at the stand-in's address, but at that node's own port.
  void ports() {
    std::vector<std::string> names{standin_.node}, wrong;
    for (const auto& pool : pools_.pools)
      for (const auto& node : pool.nodes) names.push_back(node.name);
    int example = 0;
    for (const auto& name : names) {
      const auto it = conf_.nodes.find(name);
      if (it == conf_.nodes.end()) continue;
      const int port = port_of(it->second);
      if (port == standin_.port) continue;
      example = port;
      wrong.push_back(name);
    }
    if (!wrong.empty())
      ours(Severity::error, "standin.port",
           fmt::format("the slurmd of {} has port {} in slurm.conf, the stand-in has {}",
                       format_hostlist(wrong), example, standin_.port),
           "the stand-in must listen on the same port as the nodes that it answers for");
  }

  // Power saving takes any idle node, not only State=CLOUD ones.
  void power_saving() {
    const auto list = conf_.value("SuspendExcNodes").value_or("");
    const auto names = expand_hostlist(std::string_view(list).substr(0, list.find(':')));
    if (!names || std::find(names->begin(), names->end(), standin_.node) == names->end())
      parameter(Severity::warning, "SuspendExcNodes", "suspendexcnodes",
                fmt::format("lacks the stand-in {}: power saving would put it away when it is idle",
                            standin_.node),
                fmt::format("SuspendExcNodes={}", standin_.node));
  }

  void timing() {
    std::size_t ours = 0;
    for (const auto& pool : pools_.pools) ours += pool.nodes.size();
    const auto width =
        static_cast<std::size_t>(std::max(0L, conf_.seconds("TreeWidth", 50).value_or(50)));
    // Less than the pools' nodes alone has been said by check_parameters().
    if (width >= ours && width < conf_.nodes.size())
      parameter(
          Severity::warning, "TreeWidth", "treewidth",
          fmt::format("{} is less than the {} nodes of slurm.conf: pings of held nodes travel "
                      "through other nodes, which do not know the stand-in",
                      width, conf_.nodes.size()),
          "TreeWidth=65533");
    if (const auto t = conf_.seconds("SlurmdTimeout", 300); t && *t > 0 && *t < 60)
      parameter(
          Severity::note, "SlurmdTimeout", "slurmdtimeout",
          fmt::format("{} s: a stand-in that is away for as long takes the held jobs with it", *t),
          "SlurmdTimeout=300 (the default)");
    if (const auto epilog = conf_.value("Epilog"); epilog && !epilog->empty())
      parameter(
          Severity::note, "Epilog", "epilog",
          fmt::format("{} runs on the stand-in's host, too, when a held job is cancelled", *epilog),
          "make sure that it does no harm there");
  }

  const PoolFile& pools_;
  const StandinSection& standin_;
  const SlurmConf& conf_;
  std::vector<Diagnostic>& into_;
};

}  // namespace

void check_standin(const PoolFile& pools, const SlurmConf& conf, std::vector<Diagnostic>& into) {
  StandinCheck(pools, conf, into).run();
}

}  // namespace tidepool
