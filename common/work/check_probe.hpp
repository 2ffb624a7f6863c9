// The pool file against the stored probes: does what a pool is told to do work on this cloud, and
// does it give back what it is meant to?
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/diagnostic.hpp"
#include "config/pool_file.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

// Findings of one pool. Pure. `cloud`: the name of the cloud in use; `at`: now.
std::vector<Diagnostic> compare_with_probe(const PoolFile& pools, const Pool& pool,
                                           const ProbeReport& report, const std::string& cloud,
                                           Time at);
// The part of it that is about reclaim: and that pool. In check_reclaim_probe.cpp.
std::vector<Diagnostic> compare_reclaim_with_probe(const PoolFile& pools, const Pool& pool,
                                                   const ProbeReport& report);
// All pools with their probes, read from the state folder.
std::vector<Diagnostic> check_probes(const PoolFile& pools, const std::string& cloud);

}  // namespace tidepool
