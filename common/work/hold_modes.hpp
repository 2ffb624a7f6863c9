// Which of the modes that were asked for can be used for a group of jobs.
#pragma once

#include <string>
#include <vector>

#include "work/plan_hold.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

struct HoldGroup {
  std::vector<const slurm::JobInfo*> jobs;  // sorted by id
  std::vector<std::string> nodes;           // all of them, sorted
  std::vector<const Pool*> pools;           // of the nodes, each once
};

struct ChosenModes {
  std::vector<HoldMode> modes;  // empty: none can be used
  std::string refusal;          // then why
  std::vector<std::string> notes;
};

// The request's modes, else what all jobs' wishes and pools have in common, less what cannot be
// used: a mode that keeps memory on servers with a device of their host, one that loses it for jobs
// that cannot be requeued, what the pool's `unusable` names, and all but requeue without a
// stand-in.
ChosenModes choose_modes(const HoldRequest& request, const HoldSight& sight,
                         const HoldGroup& group);

// What is known to be in the way of a pool's modes. `device`: the extra spec that gives its servers
// a device of their host; empty: none. A probe that says nothing of a mode is not in its way.
ModeTroubles mode_troubles(const Pool& pool, const std::optional<ProbeReport>& report,
                           const std::string& device);

// The request's, else the shortest of the jobs' wishes and the pools' limits.
std::optional<Millis> choose_max_held(const HoldRequest& request, const HoldGroup& group);

// "job 12", "jobs 12 and 14_3", "jobs 12, 13 and 2 more"
std::string jobs_in_words(const std::vector<const slurm::JobInfo*>& jobs);

}  // namespace tidepool
