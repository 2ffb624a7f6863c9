// Placement: what a server holds of its hypervisor. https://docs.openstack.org/api-ref/placement/
#pragma once

#include <string>
#include "base/async.hpp"

#include "base/result.hpp"
#include "openstack/session.hpp"

namespace tidepool::openstack {

// All zero: it holds nothing, as a shelved-offloaded or deleted server does, or one that is not there.
struct Allocations {
  int vcpus = 0, ram_mib = 0, disk_gib = 0;
  int providers = 0;  // hypervisors (resource providers) on which it holds something
  bool operator==(const Allocations&) const = default;
};

class Placement {
 public:
  explicit Placement(Session& session) : session_(session) {}
  // forbidden: Placement's default policy lets only administrators read.
  Task<Result<Allocations>> allocations(std::string server_id);

 private:
  Session& session_;
};

}  // namespace tidepool::openstack
