// What plan_holds() needs to see, asked of slurmctld, the store, the cloud and the stand-in.
#pragma once

#include "base/async.hpp"
#include "work/plan_hold.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

// Errors say whom they come from: "slurmctld: …", "cloud: …"; a stand-in that does not answer is no
// error, but HoldSight::standin.
struct LookError {
  enum class From { slurm, store, cloud } from;
  Error error;
};

Task<tl::expected<HoldSight, LookError>> look_for_hold(Surroundings& s, const HoldRequest& request);

// Why the stand-in cannot be used; empty: it answers.
Task<std::string> standin_trouble(const PoolFile& pools);

}  // namespace tidepool
