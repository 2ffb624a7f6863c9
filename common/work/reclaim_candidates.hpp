// Who could step aside, and how: from what is seen to the planner's candidates. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "node/reclaim.hpp"
#include "work/reclaim_sight.hpp"

namespace tidepool {

struct ReclaimNeed {
  Amount missing;
  Book book = Book::quota;
  std::string partition;                        // only jobs of this one; empty: of any
  std::map<std::int64_t, std::string> refused;  // jobs that this request has tried already, and why
  // Even the work of jobs that could keep it in another mode, where that mode does not free all
  // that is missing, and their classes allow it.
  bool whole = false;
};

// How a candidate would be held; of an idle node, nothing.
struct ReclaimWay {
  std::vector<slurm::JobSpec> jobs;
  std::vector<HoldMode> modes;
  std::optional<Millis> max_held;
  std::string class_name;
};

struct ReclaimCandidates {
  std::vector<node::Candidate> all;
  std::vector<ReclaimWay> ways;  // one for each
};

// Every opportunistic job that has nodes, with those that share them; then idle opportunistic
// nodes. Jobs in holds, and nodes of pools that are not known, are no candidates.
ReclaimCandidates reclaim_candidates(const PoolFile& pools, const ReclaimSight& sight,
                                     const ReclaimNeed& need, Time at);

struct ReclaimChoice {
  ReclaimCandidates candidates;
  node::Victims victims;  // by index of the candidates
};

// The planner's choice among the candidates. Where those that keep their work are not enough, and
// others whose class allows it are, these.
ReclaimChoice choose_for(const PoolFile& pools, const ReclaimSight& sight, ReclaimNeed need,
                         Time at);

// "jobs 12,13 on osg-[001-002]", "idle node osg-004"
std::string candidate_in_words(const node::Candidate& candidate);

}  // namespace tidepool
