#include "work/hold_nodes.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "node/observed.hpp"

namespace tidepool {
namespace {

tl::unexpected<Error> refused(const std::string& node, const std::string& what) {
  return fail(ErrorKind::conflict, fmt::format("node {} {}", node, what));
}

// What slurmctld shows of it that speaks against a hold; empty: nothing.
std::string state_trouble(const slurm::NodeInfo& info) {
  for (const char* flag : {"POWERING_DOWN", "POWER_DOWN", "POWERED_DOWN"})
    if (info.has(flag)) return "is being powered down by Slurm";
  if (info.has("POWERING_UP") || info.has("POWER_UP"))
    return "is still booting; try again when its job runs";
  if (info.state == "DOWN") return "is down: " + (info.reason.empty() ? "no reason" : info.reason);
  if (info.has("NOT_RESPONDING")) return "does not respond to slurmctld; see 'scontrol show node'";
  if (info.has("FAIL") || info.state == "FUTURE" || info.state == "UNKNOWN")
    return fmt::format("is {} in slurmctld", info.state);
  if (!info.has("CLOUD"))
    return "is not State=CLOUD in slurm.conf: a restart of slurmctld would forget the stand-in's "
           "address";
  return {};
}

std::string server_trouble(const openstack::Server& server) {
  if (server.locked)
    return fmt::format("cannot be held: its server {} is locked; 'openstack server unlock {}'",
                       server.id, server.id);
  if (node::observe(server) != node::Observed::active)
    return fmt::format("cannot be held: its server {} is {}{}, not ACTIVE", server.id,
                       server.status,
                       server.task_state.empty() ? "" : " (" + server.task_state + ")");
  return {};
}

}  // namespace

Result<HoldNode> plan_node(const PoolFile& pools, const HoldSight& sight, const std::string& name) {
  for (const auto& hold : sight.holds)
    for (const auto& node : hold.nodes)
      if (node.node == name)
        return refused(name,
                       fmt::format("is in hold {} already ({})", hold.id, to_string(hold.step)));
  const auto info = std::find_if(sight.nodes.begin(), sight.nodes.end(),
                                 [&](const auto& n) { return n.name == name; });
  if (info == sight.nodes.end())
    return refused(name, "is not known to slurmctld; is it in slurm.conf?");
  if (auto trouble = state_trouble(*info); !trouble.empty()) return refused(name, trouble);
  const auto record = std::find_if(sight.records.begin(), sight.records.end(),
                                   [&](const auto& r) { return r.name == name; });
  if (record == sight.records.end() || !record->leased() || record->server_id.empty())
    return refused(name, "has no server that tidepool knows of; see 'tidepool pool list'");
  if (record->wanted != Wanted::present)
    return refused(name, fmt::format("is being put away ({})", record->want_by));
  const auto server = sight.servers.find(record->server_id);
  if (server == sight.servers.end())
    return refused(name, fmt::format("cannot be held: its server {} is gone from the cloud",
                                     record->server_id));
  if (auto trouble = server_trouble(server->second); !trouble.empty())
    return refused(name, trouble);
  HoldNode node;
  node.node = name;
  node.address = record->address.empty() ? info->address : record->address;
  node.server_id = record->server_id;
  node.boot_time_s = info->boot_time_s;
  node.slurmd_start_s = info->slurmd_start_s;
  node.prior_drain = info->has("DRAIN");
  if (node.prior_drain) node.prior_reason = info->reason;
  if (pools.standin.address && node.address == pools.standin.address->str())
    return refused(name,
                   "has the stand-in's address, though no hold is known; 'tidepool rebuild' "
                   "finds the hold again");
  return node;
}

}  // namespace tidepool
