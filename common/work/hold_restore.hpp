// Holds that the store has lost, made again from what slurmctld keeps in their nodes' Extra.
#pragma once

#include <vector>

#include "base/async.hpp"
#include "store/hold_record.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

// Those that slurmctld knows and the store does not; nothing is changed.
Task<Result<std::vector<HoldRecord>>> lost_holds(Surroundings& s);
// The same, written into the store.
Task<Result<std::vector<HoldRecord>>> restore_holds(Surroundings& s);

}  // namespace tidepool
