// A job as slurmctld shows it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidepool::slurm {

struct JobInfo {
  std::int64_t id = 0;
  std::int64_t array_job_id = 0;   // 0: no array
  std::string array_task;          // "7"; of a pending array "8-20%4"; empty: no array
  std::int64_t het_job_id = 0;     // the leader's id; 0: not heterogeneous
  std::string name, user, account, partition, qos;
  std::string state;               // RUNNING, SUSPENDED, PENDING, COMPLETING, CANCELLED, …
  std::string reason;              // JobHeldAdmin, …
  std::vector<std::string> nodes;  // allocated, expanded
  std::string batch_host;          // empty for salloc and srun
  std::string admin_comment;
  std::int64_t priority = 0;
  int cpus = 0;
  int restarts = 0;
  bool requeueable = false;        // Requeue=1
  std::int64_t start_time_s = 0;   // since the epoch; 0: not started
  std::int64_t run_time_s = 0;     // without the time it was suspended
};

// `scontrol -o show job` text -> jobs. For tests and fuzzing.
std::vector<JobInfo> parse_jobs(const std::string& text);

}  // namespace tidepool::slurm
