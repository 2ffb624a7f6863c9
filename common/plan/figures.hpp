// What a simulation comes to.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/reclaim_policy.hpp"

namespace tidepool::plan {

// What makes room when there is none.
enum class Way {
  none,  // nothing: normal jobs wait until others end
  kill,  // opportunistic jobs are requeued, and begin again
  hold   // they step aside as the policy says
};
inline constexpr std::array kWays{Way::hold, Way::kill, Way::none};
std::string_view to_string(Way way);

struct Spread {  // of a set of times
  Millis mean{0}, median{0}, p95{0}, longest{0};
  bool operator==(const Spread&) const = default;
};
Spread spread_of(std::vector<Millis> values);

struct JobFigures {  // of the normal jobs, or of the opportunistic ones
  std::int64_t jobs = 0, ended = 0;
  double done_core_hours = 0;  // of jobs that ended
  double lost_core_hours = 0;  // run, and thrown away
  Spread wait;                 // from submission until it first runs
  Spread stretch;              // from submission to its end, less the time that it needs
};

struct Figures {
  Way way = Way::hold;
  JobFigures normal, opportunistic;
  double ran_core_hours = 0;  // what all jobs ran, that is, done and lost
  double booked_core_hours =
      0;                // what servers took of the room: running, booting, idle, on the way
  double goodput = 0;   // done, of all that there was from the first submission to the end
  Time begin{}, end{};  // first submission, last end
  std::int64_t holds = 0, requeues = 0, returns = 0;
  double holds_per_job = 0;                  // of the opportunistic jobs, mean
  int most_holds = 0;                        // of one job
  Spread held;                               // each hold, until the job goes on
  std::int64_t requests = 0;                 // a normal job found no room
  std::int64_t late = 0;                     // of these, waited longer than ResumeTimeout
  std::int64_t api_calls = 0, listings = 0;  // to Nova: deeds; listings and limits
  Amount most_used;                          // at any instant
  std::int64_t too_large = 0;                // jobs that fit no pool, or not the room: left out
  std::int64_t stuck = 0;                    // did not end, as nothing can make room for them
  double seconds = 0;  // that the simulation itself took; 0 unless the caller sets it
};

nlohmann::ordered_json figures_json(const Figures& figures);

}  // namespace tidepool::plan
