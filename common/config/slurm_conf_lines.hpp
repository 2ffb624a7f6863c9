// The slurm.conf lines for the pools: what `tidepool slurm-conf` prints.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/pool_file.hpp"
#include "config/slurm_version.hpp"

namespace tidepool {

struct NodeSize {
  int vcpus = 0;     // of the flavor
  long ram_mib = 0;  // of the flavor
};

struct SlurmConfLinesRequest {
  std::map<std::string, NodeSize> sizes;  // by pool name; every pool must be there
  SlurmVersion version;
  std::filesystem::path programs = "/usr/libexec/tidepool";  // where tidepool-resume is
};

// RealMemory for a flavor. A guest's kernel and firmware keep some of the flavor's memory, and a
// node that registers with less than RealMemory is drained: 5 % or 256 MiB are left out, whichever
// is more, and half of very small flavors.
long real_memory_mib(long ram_mib);

// Of a pool whose nodes are dynamic. Features: the pool's and its partition's names, and its own;
// partitions take whoever has the feature of their name, so also pools that do not exist yet.
std::vector<std::string> dynamic_features(const Pool& pool);
// "CPUs=2" and so on: all that `scontrol create` is told of a node but its name and its address.
std::vector<std::string> dynamic_settings(const Pool& pool, const NodeSize& size);

// NodeName, PartitionName and power-save lines, with comments; ends with a newline.
// invalid: a pool without a size, or with a size that no node can have.
Result<std::string> slurm_conf_lines(const PoolFile& pools, const SlurmConfLinesRequest& request);

}  // namespace tidepool
