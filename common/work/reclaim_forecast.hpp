// What the worker would do for a request at this moment; nothing is written. For --dry-run and for
// people who want to know before they ask.
#pragma once

#include "work/reclaim_balance.hpp"
#include "work/reclaim_candidates.hpp"

namespace tidepool {

struct Forecast {
  RoomShare share;  // of the request, after those that are before it
  Amount room;      // the quota's
  ReclaimChoice choice;
};

// As many questions as the worker asks: slurmctld's jobs and nodes, the servers, the quota.
Task<tl::expected<Forecast, LookError>> forecast(Surroundings& s, ReclaimRecord request);

}  // namespace tidepool
