// The installed Slurm's version, as scontrol tells it.
#pragma once

#include "config/pool_file.hpp"
#include "config/slurm_version.hpp"

namespace tidepool {

// The oldest version that tidepool knows when scontrol cannot be run: its settings work everywhere.
SlurmVersion installed_slurm_version(const PoolFile& pools);

}  // namespace tidepool
