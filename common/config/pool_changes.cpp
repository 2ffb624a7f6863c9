#include "config/pool_changes.hpp"

#include <fmt/format.h>
#include <map>

#include "base/hostlist.hpp"
#include "config/slurm_conf_lines.hpp"

namespace tidepool {
namespace {

std::string words(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ","));
}
std::string word(bool flag) {
  return flag ? "true" : "false";
}

using Settings = std::vector<std::pair<std::string, std::string>>;  // in the same order, always

Settings settings_of(const Policy& p) {
  return {{"policy.all_or_nothing", word(p.all_or_nothing)},
          {"policy.cool_off", format_duration(p.cool_off)},
          {"policy.cool_off_max", format_duration(p.cool_off_max)},
          {"policy.boot_timeout", format_duration(p.boot_timeout)},
          {"policy.give_up_after", format_duration(p.give_up_after)},
          {"policy.protect_after", std::to_string(p.protect_after)},
          {"policy.protected_for", format_duration(p.protected_for)},
          {"policy.orphan_grace", format_duration(p.orphan_grace)},
          {"policy.poll", format_duration(p.poll)},
          {"policy.poll_idle", format_duration(p.poll_idle)}};
}

Settings settings_of(const Pool& p) {
  Settings all{
      {"network", p.network},
      {"subnet", p.cidr ? p.cidr->str() : std::string()},
      {"flavor", p.flavor},
      {"image", p.image},
      {"partition", p.partition},
      {"key_name", p.key_name},
      {"availability_zone", p.availability_zone},
      {"security_groups", words(p.security_groups)},
      {"config_drive", word(p.config_drive)},
      {"user_data", p.user_data.string()},
      {"on_suspend", std::string(to_string(p.on_suspend))},
      {"features", words(p.features)},
      {"guest.hibernate", std::to_string(static_cast<int>(p.guest.hibernate))},
      {"guest.swap", std::to_string(p.guest.swap_mib)},
      {"hold.mode", format_hold_modes(p.hold.modes)},
      {"hold.allow", format_hold_modes(p.hold.allow)},
      {"hold.preemptible", word(p.hold.preemptible)},
      {"hold.max_held", p.hold.max_held ? format_duration(*p.hold.max_held) : std::string()},
      {"hold.action_timeout", format_duration(p.hold.action_timeout)},
      {"hold.return_timeout", format_duration(p.hold.return_timeout)},
      {"hold.hibernate_timeout", format_duration(p.hold.hibernate_timeout)},
      {"hold.hibernate_command", words(p.hold.hibernate_command)},
      {"hold.owner_may_refuse", word(p.hold.owner_may_refuse)}};
  for (auto& one : settings_of(p.policy)) all.push_back(std::move(one));
  return all;
}

Settings settings_of(const PoolFile& f) {
  Settings all{{"cloud.name", f.cloud.name},
               {"cloud.config", f.cloud.config.string()},
               {"cloud.max_in_flight", std::to_string(f.cloud.max_in_flight)},
               {"cloud.strict", word(f.cloud.strict)},
               {"slurm.conf", f.slurm.conf.string()},
               {"slurm.bin_dir", f.slurm.bin_dir.string()},
               {"slurm.dns", words(f.slurm.dns)},
               {"slurm.configless", word(f.slurm.configless)},
               {"slurm.conf_server", f.slurm.conf_server},
               {"slurm.restart", words(f.slurm.restart)},
               {"slurm.nodes", f.slurm.dynamic ? "dynamic" : "static"},
               {"log.file", f.log.file.string()},
               {"standin.node", f.standin.node},
               {"standin.address", f.standin.address ? f.standin.address->str() : std::string()},
               {"standin.port", std::to_string(f.standin.port)}};
  for (auto& one : settings_of(f.policy)) all.push_back(std::move(one));
  return all;
}

void compare(const std::string& prefix, const Settings& before, const Settings& after,
             std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].second == after[i].second) continue;
    const auto shown = [](const std::string& v) { return v.empty() ? "(not set)" : v.c_str(); };
    lines.push_back(fmt::format("{}{}: {} -> {}", prefix, before[i].first, shown(before[i].second),
                                shown(after[i].second)));
  }
}

// What slurmctld was told of a dynamic node when it was made, and cannot be told again.
bool made_otherwise(const Pool& was, const Pool& is) {
  return was.flavor != is.flavor || dynamic_features(was) != dynamic_features(is);
}

std::string address_of(const PoolNode& node) {
  return node.address ? node.address->str() : "dhcp";
}

}  // namespace

PoolChanges pool_changes(const PoolFile& before, const PoolFile& after) {
  PoolChanges all;
  if (before.cluster != after.cluster)
    all.refused.push_back(
        fmt::format("cluster: {} -> {}: every server and the store carry the cluster's name",
                    before.cluster, after.cluster));
  if (before.state.dir != after.state.dir)
    all.refused.push_back(
        fmt::format("state.dir: {} -> {}: move the folder by hand while no worker runs",
                    before.state.dir.string(), after.state.dir.string()));
  if (before.cloud.name != after.cloud.name)
    all.only_empty.push_back("cloud.name: the leases' servers are in the other cloud");
  if (before.slurm.conf != after.slurm.conf)
    all.refused.push_back("slurm.conf: another path: change it by hand while no worker runs");
  if (before.slurm.dynamic != after.slurm.dynamic)
    all.refused.push_back(
        "slurm.nodes: by hand, while no node is up: slurmctld must forget them in between");
  compare("", settings_of(before), settings_of(after), all.lines);
  reclaim_changes(before.reclaim, after.reclaim, all.lines);

  std::map<std::string, std::vector<std::string>> come, go, to, readdressed, remade;  // by pool
  for (const auto& pool : after.pools)
    for (const auto& node : pool.nodes) {
      const auto was = before.find(node.name);
      if (was.node == nullptr) {
        all.added.push_back(node.name);
        come[pool.name].push_back(node.name);
      } else if (was.pool->name != pool.name) {
        all.moved.push_back(node.name);
        to[fmt::format("from pool {} to pool {}", was.pool->name, pool.name)].push_back(node.name);
      } else if (address_of(*was.node) != address_of(node)) {
        all.moved.push_back(node.name);
        readdressed[pool.name].push_back(node.name);
      } else if (after.slurm.dynamic && made_otherwise(*was.pool, pool)) {
        all.moved.push_back(node.name);
        remade[pool.name].push_back(node.name);
      }
    }
  for (const auto& pool : before.pools) {
    for (const auto& node : pool.nodes)
      if (after.find(node.name).node == nullptr) {
        all.removed.push_back(node.name);
        go[pool.name].push_back(node.name);
      }
    const auto* is = after.pool(pool.name);
    if (is == nullptr) {
      all.lines.push_back(fmt::format("pool {} goes", pool.name));
      continue;
    }
    compare("pools." + pool.name + ".", settings_of(pool), settings_of(*is), all.lines);
  }
  for (const auto& pool : after.pools)
    if (before.pool(pool.name) == nullptr)
      all.lines.push_back(fmt::format("pool {} is new", pool.name));
  for (const auto& [pool, nodes] : come)
    all.lines.push_back(
        fmt::format("pool {}: {} nodes more: {}", pool, nodes.size(), format_hostlist(nodes)));
  for (const auto& [pool, nodes] : go)
    all.lines.push_back(
        fmt::format("pool {}: {} nodes fewer: {}", pool, nodes.size(), format_hostlist(nodes)));
  for (const auto& [way, nodes] : to)
    all.lines.push_back(fmt::format("{} move {}", format_hostlist(nodes), way));
  for (const auto& [pool, nodes] : readdressed)
    all.lines.push_back(
        fmt::format("pool {}: other addresses for {}", pool, format_hostlist(nodes)));
  for (const auto& [pool, nodes] : remade)
    all.lines.push_back(
        fmt::format("pool {}: made anew in slurmctld: {}", pool, format_hostlist(nodes)));
  return all;
}

}  // namespace tidepool
