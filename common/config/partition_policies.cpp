#include "config/partition_policies.hpp"

#include <strings.h>

#include <algorithm>

namespace tidepool {
namespace {

PartitionPolicy policy_of(const Pool& pool) {
  PartitionPolicy policy;
  policy.name = pool.partition;
  policy.modes = pool.hold.modes;
  policy.allowed = pool.hold.modes;
  for (const auto mode : pool.hold.allow)
    if (std::find(policy.allowed.begin(), policy.allowed.end(), mode) == policy.allowed.end())
      policy.allowed.push_back(mode);
  if (pool.hold.max_held) {
    const auto seconds = std::chrono::ceil<Seconds>(*pool.hold.max_held);
    // More than a policy can say is no limit.
    if (seconds <= kLongestHeld) policy.max_held = seconds;
  }
  policy.may_refuse = pool.hold.owner_may_refuse;
  return policy;
}

void narrow(PartitionPolicy& policy, const PartitionPolicy& other) {
  if (policy.modes != other.modes) policy.modes.clear();
  std::erase_if(policy.allowed, [&](HoldMode mode) {
    return std::find(other.allowed.begin(), other.allowed.end(), mode) == other.allowed.end();
  });
  if (other.max_held && (!policy.max_held || *other.max_held < *policy.max_held))
    policy.max_held = other.max_held;
  policy.may_refuse = policy.may_refuse && other.may_refuse;
}

}  // namespace

std::string default_partition(const SlurmConf& conf) {
  std::string name;
  for (const auto& partition : conf.partitions) {
    const auto flag = partition.values.find("default");
    // The last one counts, as in slurmctld; the value may be written in any case.
    if (flag != partition.values.end() && ::strcasecmp(flag->second.c_str(), "yes") == 0)
      name = partition.name;
  }
  return name;
}

JobPolicy job_policy_of(const PoolFile& pools, std::string_view by_default) {
  JobPolicy all;
  for (const auto& pool : pools.pools) {
    if (pool.partition.empty()) continue;
    const auto same = std::find_if(all.partitions.begin(), all.partitions.end(),
                                   [&](const auto& p) { return p.name == pool.partition; });
    if (same != all.partitions.end()) {
      narrow(*same, policy_of(pool));
    } else {
      all.partitions.push_back(policy_of(pool));
      all.partitions.back().is_default = pool.partition == by_default;
    }
  }
  return all;
}

}  // namespace tidepool
