// The pool file against the living cloud: what `tidepool check` adds to the offline checks.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/async.hpp"
#include "config/diagnostic.hpp"
#include "config/pool_file.hpp"
#include "openstack/cloud.hpp"

namespace tidepool {

struct CloudFinding {
  std::vector<Diagnostic> diagnostics;
  std::map<std::string, openstack::Flavor> flavors;  // by pool, those that were found
};

// Flavor, image and network exist; addresses are in a subnet of the network and nobody else's;
// whether a fixed address may be chosen there; the quota allows the pools. An Error only when the
// cloud cannot be asked at all.
Task<Result<CloudFinding>> check_cloud(const PoolFile& pools, openstack::Cloud& cloud);

}  // namespace tidepool
