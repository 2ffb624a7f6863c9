// Who has which room: the requests in their order, what the books show free, what is on its way to
// become free, and what is missing. Pure.
//
//   order    requests whose room is there already, then nodes, people, headroom; older ones first
//   quota    what it shows free is given out in that order; then what is coming
//   others   placement and hypervisor show nobody their room: a request has what stepped aside for
//            it, and was verified
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "openstack/compute.hpp"
#include "work/reclaim_sight.hpp"

namespace tidepool {

struct BalanceSight {
  std::vector<ReclaimRecord> requests;  // that go on
  std::vector<HoldRecord> holds;        // that have not ended, of all, and all for the requests
  std::vector<ReclaimNode> idle;
  std::vector<NodeRecord> records;
  std::map<std::string, PoolSize> pools;
  openstack::Limits limits;
  Time limits_at{};  // when they were asked for
  // Has the server of that node of a hold, or of an idle node, left placement's book?
  std::function<bool(const std::string& node, const std::string& server_id)> left_placement;
};

struct RoomShare {
  Amount given;    // of what it needs: there
  Amount coming;   // on its way
  Amount missing;  // nobody works on it
  // Has been freed for it as far as our deeds go; where the quota shows less, others have taken it,
  // or the cloud does not keep its word.
  Amount done;
  bool covered = false;  // given covers the need
};

struct Balance {
  Amount room;                               // what the quota shows free
  std::map<std::int64_t, RoomShare> shares;  // by request
  Amount promised;                           // of the quota, to requests that go on
  Amount returning;  // of the quota, to jobs on their way back that it does not show yet
  Amount waiting;    // of the quota, what all jobs that wait to come back will need
};

Balance balance(const PoolFile& pools, const BalanceSight& sight, Time at);

// A way out that takes longer than this does not count as coming any more: others step aside.
Millis patience_for(const ReclaimRecord& request);

// What a hold's return takes of the quota.
Amount needed_to_return(const PoolFile& pools, const std::map<std::string, PoolSize>& sizes,
                        const HoldRecord& hold);

// Node requests first, then people's, then headroom; those whose room is there before all.
std::vector<const ReclaimRecord*> in_order(const std::vector<ReclaimRecord>& requests);

}  // namespace tidepool
