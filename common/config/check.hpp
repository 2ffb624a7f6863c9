// Cross-checks that need no cloud: the pool file against slurm.conf.
#pragma once

#include <vector>

#include "config/diagnostic.hpp"
#include "config/pool_file.hpp"
#include "config/slurm_conf.hpp"
#include "config/slurm_version.hpp"

namespace tidepool {

// error: the cluster cannot work so. warning: it works until something goes wrong. note: good to
// know. Faults of many nodes of a pool are one diagnostic that names them as a hostlist.
std::vector<Diagnostic> check_slurm_conf(const PoolFile& pools, const SlurmConf& conf,
                                         SlurmVersion version);

// Its parts: nodes and partitions; parameters; what holds need. Appended to `into`.
void check_nodes(const PoolFile& pools, const SlurmConf& conf, std::vector<Diagnostic>& into);
void check_parameters(const PoolFile& pools, const SlurmConf& conf, SlurmVersion version,
                      std::vector<Diagnostic>& into);
void check_standin(const PoolFile& pools, const SlurmConf& conf, std::vector<Diagnostic>& into);

// Holds by hibernation against what is said of the guests. Needs no slurm.conf.
void check_guest(const PoolFile& pools, std::vector<Diagnostic>& into);

}  // namespace tidepool
