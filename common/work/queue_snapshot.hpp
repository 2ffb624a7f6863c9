// The queue as it was before a change, and what of it is not there any more afterwards. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "slurm/job.hpp"

namespace tidepool {

struct QueueSnapshot {
  Time at{};
  std::vector<slurm::JobInfo> jobs;  // that had not ended
  std::vector<std::int64_t> held;    // in a hold: nobody but the worker resumes them
};

// Has the job ended, whatever way?
bool has_ended(const slurm::JobInfo& job);
QueueSnapshot take_snapshot(std::vector<slurm::JobInfo> jobs, Time at);

std::string snapshot_to_json(const QueueSnapshot& snapshot);
// invalid: not written by snapshot_to_json().
Result<QueueSnapshot> snapshot_from_json(const std::string& text);

struct QueueChange {
  std::vector<std::string> lost;   // "job 12: requeued", one a job
  std::vector<std::string> noted;  // not a loss, but worth a line: cancelled meanwhile, …
};

// `forgets`: slurmctld forgets an ended job after so long (MinJobAge): one that is missing earlier
// cannot simply have ended. `moved`: jobs that tidepool itself has meanwhile requeued, resumed or
// ended, or may have: of them that is noted, and no loss.
QueueChange compare_queue(const QueueSnapshot& before, const std::vector<slurm::JobInfo>& after,
                          Time at, Millis forgets, const std::set<std::int64_t>& moved = {});

}  // namespace tidepool
