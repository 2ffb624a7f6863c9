// The user_data of one node: what the pool file says, plus what `node create` asked for.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/pool_file.hpp"

namespace tidepool {

// What `node create` may ask for besides; kept in NodeRecord::extras as JSON.
struct NodeExtras {
  std::vector<std::string> dns;  // instead of the pool file's
  std::string slurm_conf;        // whole text; instead of configless
};

std::string to_json(const NodeExtras& extras);  // "" when nothing is asked for
Result<NodeExtras> extras_from_json(const std::string& text);

Result<std::string> node_user_data(const PoolFile& pools, const Pool& pool, const std::string& node,
                                   const std::string& extras);

}  // namespace tidepool
