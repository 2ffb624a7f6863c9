// JobPolicy: what the jobs of each partition may ask for, in the small file that
// job_submit_tidepool reads in slurmctld. `tidepool slurm-conf --job-policy` makes it from the pool
// file:
//
//   version=1
//   partition=osg default-partition=yes default=suspend,requeue allow=suspend,requeue
//   max-held=86400s no-hold=yes end
//
// Lines that begin with # are comments. All words of a line must be there, in this order. The last
// line shows that the file is whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/job_wish.hpp"

namespace tidepool {

struct PartitionPolicy {
  std::string name;
  bool is_default = false;  // the jobs that name no partition go there
  // default=pool: empty. The pools of the partition differ, and each one's own list applies.
  std::vector<HoldMode> modes;
  std::vector<HoldMode> allowed;    // in no order; allow=none: empty
  std::optional<Seconds> max_held;  // max-held=unlimited: nullopt
  bool may_refuse = true;           // --no-hold
  bool operator==(const PartitionPolicy&) const = default;
};

struct JobPolicy {
  std::vector<PartitionPolicy> partitions;  // names differ
  bool operator==(const JobPolicy&) const = default;
};

inline constexpr std::size_t kLargestJobPolicy = 1u << 20;  // bytes

// Faults are "line N: what".
Result<JobPolicy> parse_job_policy(std::string_view text);
std::string format_job_policy(const JobPolicy& policy, std::string_view comment);

// The wish that a job in `partitions` (a comma list; empty: the default partition) gets: the
// owner's, and the partition's default where the owner says nothing. A job that may run in several
// partitions gets what all of them allow. forbidden: what the owner asks for is not allowed; the
// message is for the owner. Partitions that are not in the policy have no nodes of ours and ask for
// nothing.
Result<JobWish> apply_job_policy(const JobPolicy& policy, std::string_view partitions,
                                 const JobWish& asked);

}  // namespace tidepool
