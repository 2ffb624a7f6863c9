// Which jobs step aside when room is needed, and which come back when there is some. Pure; no I/O:
// the worker, `tidepool reclaim` and `tidepool simulate` decide with these functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/reclaim_policy.hpp"

namespace tidepool::node {

// What can step aside only as a whole: jobs that share nodes, with all their nodes; or one idle
// node.
struct Candidate {
  std::vector<std::int64_t> jobs;  // empty: an idle node
  std::vector<std::string> nodes;
  int priority = 0;           // the highest of its jobs' classes
  Amount frees;               // in the book that is asked for
  bool loses_work = false;    // it would be requeued
  std::int64_t at_stake = 0;  // core-seconds of work that it has done and not put away
  Millis ran{0};              // since it started or last came back; the youngest of its jobs
  int holds = 0;              // it has stepped aside already; the most of its jobs
  Millis min_run{0};          // the longest of its jobs' classes
  int max_holds = 0;          // the smallest limit of its jobs' classes; 0: none
  // It is no candidate for a reason that its maker found (a no-hold wish, no mode frees anything):
  // for the explanation only. Empty: it is one.
  std::string why_not;
};

struct LeftOut {
  std::size_t index = 0;  // of the candidates
  std::string why;        // "came back 40 s ago; min_run is 10 min"
};

struct Victims {
  std::vector<std::size_t> taken;  // indices of the candidates, in the order of the choice
  Amount frees;
  bool enough = false;            // covers the need
  std::vector<LeftOut> left_out;  // that could not be taken at all
};

// The least loss that covers `need`: idle nodes first, then those that keep their work before those
// that lose it, then the lower priority, then the least work at stake per freed core that is asked
// for (what one frees beyond the need counts nothing), then the fewest holds. The last is the one
// of its kind that covers the rest with the least at stake. What turns out not to be needed in the
// end is left where it is. A candidate that frees nothing of what is still missing is not taken.
// Not enough: what comes nearest is named, and the caller decides. Candidates in other orders give
// the same choice (ties: by jobs and nodes).
Victims choose_victims(const Amount& need, const std::vector<Candidate>& candidates);

// Jobs that stepped aside, and could come back.
struct HeldBack {
  std::int64_t hold = 0;  // its id
  Time held_since{};
  int priority = 0;
  Amount needs;       // what its return takes of the quota
  Time not_before{};  // its last return was refused by the cloud
};

struct ReturnRoom {
  Amount room;  // of the quota, without headroom and what is kept or promised
  Time
      since{};  // there has been room for the first of them since then (room_since()); Time{}: none
  Millis settle{0};
  bool quiet = false;  // quiet hours
  int most = 0;        // how many may be on their way at once, less those that are
};

// The holds to release now, in their order: oldest first, then the higher priority. One that does
// not fit keeps those behind it waiting, unless they take nothing of the quota: else a large one
// would never come back. One whose not_before is not over keeps nobody waiting.
std::vector<std::int64_t> choose_returns(std::vector<HeldBack> held, const ReturnRoom& room,
                                         Time at);

// Keeps ReturnRoom::since: when the first of them (of those whose not_before is over, if there are
// any) fits, and did not before, its time begins; while it does not: Time{}.
Time room_since(Time before, const std::vector<HeldBack>& held, const Amount& room, Time at);

}  // namespace tidepool::node
