// How people name jobs, as Slurm's own commands take them: "12", "12_3", "12_[1-3,7]".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "slurm/job.hpp"

namespace tidepool::slurm {

struct JobSpec {
  std::int64_t id = 0;
  std::string task;  // of an array; empty: the job, or all tasks of the array, or all components

  std::string str() const;  // "12_3"
  bool operator==(const JobSpec&) const = default;
};

// A list of them, separated by commas; tasks in brackets become one spec each. invalid: names the
// word that is none. At most 10,000.
Result<std::vector<JobSpec>> parse_job_specs(std::string_view text);

// True for the job itself, for each task of the array and for each component of the heterogeneous
// job of that id. A pending array's record, which stands for many tasks, never matches one task.
bool matches(const JobSpec& spec, const JobInfo& job);

// As people know it: "12_3" for an array's task, else "12".
std::string name_of(const JobInfo& job);

}  // namespace tidepool::slurm
