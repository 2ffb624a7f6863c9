// A job as slurmctld shows it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace tidepool::slurm {

struct JobInfo {
  std::int64_t id = 0;
  std::int64_t array_job_id = 0;  // 0: no array
  std::string array_task;         // "7"; of a pending array "8-20%4"; empty: no array
  std::int64_t het_job_id = 0;    // the leader's id; 0: not heterogeneous
  std::string name, user, account, partition, qos;
  std::string state;               // RUNNING, SUSPENDED, PENDING, COMPLETING, CANCELLED, …
  std::string reason;              // JobHeldAdmin, …
  std::vector<std::string> nodes;  // allocated, expanded
  std::string batch_host;          // empty for salloc and srun (BatchFlag=0)
  std::string admin_comment;
  std::string dependency;                   // "afterok:12(unfulfilled)"; empty: none
  std::vector<std::string> required_nodes;  // the job asked for these by name (-w)
  std::int64_t priority = 0;
  int cpus = 0;
  int restarts = 0;
  bool requeueable = false;       // Requeue=1
  std::int64_t start_time_s = 0;  // since the epoch; 0: not started
  std::int64_t run_time_s = 0;    // without the time it was suspended
};

// `scontrol -o show job` text -> jobs, in its order. For tests and fuzzing.
//
// Names, comments and paths are the users' own words, blanks and newlines and all: a name can hold
// what looks like the rest of its line, or like another job's line. `doubtful` gets the ids for
// which the text says two things; what it says first is in the answer.
std::vector<JobInfo> parse_jobs(const std::string& text,
                                std::set<std::int64_t>* doubtful = nullptr);

// `squeue -o kJobSafeFormat` text: only what users cannot write, laid over `jobs` by id.
inline constexpr const char* kJobSafeFormat = "%A|%T|%N|%r|%u|%a|%P|%q";
void lay_safe_fields(const std::string& text, std::vector<JobInfo>& jobs);

// The id under which scontrol acts on this job alone: "12", a task of an array "3_7". (The bare id
// of an array's last task is the whole array's.)
std::string scontrol_id(const JobInfo& job);

}  // namespace tidepool::slurm
