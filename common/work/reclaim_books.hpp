// What each book has back when a server steps aside in a mode: as the stored probe has measured it
// on this cloud, else as Nova documents it (docs/releases.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/pool_file.hpp"
#include "config/reclaim_policy.hpp"
#include "openstack/compute.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

// One server of that flavor.
Amount size_of(const openstack::Flavor& flavor);

// What is free of the project's quota; kPlenty where there is no limit. Never below zero: a quota
// can be overdrawn.
Amount quota_room(const openstack::Limits& limits);
Amount quota_limits(const openstack::Limits& limits);

// The part of `size` that `mode` frees in `book`. In the hypervisor's and placement's books an
// instance is room for one. The quota's is not believed unless it was measured, or the server is
// deleted.
Amount freed_in(Book book, HoldMode mode, const Amount& size,
                const std::optional<ProbeReport>& report);

// freed_in() of a server that is only put away by SuspendProgram: an idle node's.
Amount freed_by_idle(Book book, const Pool& pool, const Amount& size,
                     const std::optional<ProbeReport>& report);

// What an administrator should know when `mode` frees nothing in `book`: "suspend frees the
// hypervisor, but neither placement nor the quota (not measured: run 'tidepool probe')".
std::string frees_nothing(Book book, HoldMode mode, const std::optional<ProbeReport>& report);

// The missing part: what `need` has above `have`, never below zero.
Amount missing_of(const Amount& need, const Amount& have);
// Each of the three at most what the other has.
Amount least_of(const Amount& a, const Amount& b);

}  // namespace tidepool
