// What the pool file says about holds, as the job policy of the partitions.
#pragma once

#include <filesystem>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/job_policy.hpp"
#include "config/pool_file.hpp"
#include "config/slurm_conf.hpp"

namespace tidepool {

// The partition that a job without --partition goes to; empty: slurm.conf names none.
std::string default_partition(const SlurmConf& conf);

// A job can end up in any pool of its partition, so a partition of several pools has the strictest
// of each: the modes that all of them allow, the shortest max_held, --no-hold if no pool forbids
// it. The default is theirs if it is the same one, else each pool's own (empty). Pools without a
// partition are left out. Times are rounded up to seconds. `by_default`: default_partition() of
// slurm.conf.
JobPolicy job_policy_of(const PoolFile& pools, std::string_view by_default);

// Where job_submit_tidepool looks unless slurmctld's TIDEPOOL_JOB_POLICY names another file.
inline constexpr const char* kJobPolicyPath = "/etc/tidepool/job-policy";

// The file that job_submit_tidepool reads against what the pool file says now. Nothing is said
// where slurm.conf does not name the plugin in JobSubmitPlugins.
void check_job_policy(const PoolFile& pools, const SlurmConf& conf,
                      const std::filesystem::path& path, std::vector<Diagnostic>& into);

}  // namespace tidepool
