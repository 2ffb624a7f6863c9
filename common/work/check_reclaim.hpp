// reclaim: of the pool file against what was measured of the cloud, and against this machine.
#pragma once

#include <vector>

#include "config/pool_file.hpp"

namespace tidepool {

std::vector<Diagnostic> check_reclaim(const PoolFile& pools);

}  // namespace tidepool
