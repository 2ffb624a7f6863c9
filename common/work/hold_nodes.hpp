// One node of a hold: what must be so that it can be held, and what has to be known of it.
#pragma once

#include <string>

#include "work/plan_hold.hpp"

namespace tidepool {

// The message of a failure names the node, what is in the way and what to do.
Result<HoldNode> plan_node(const PoolFile& pools, const HoldSight& sight, const std::string& name);

}  // namespace tidepool
