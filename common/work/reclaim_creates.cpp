// What requests for room mean for nodes whose servers shall be made.
#include <fmt/format.h>
#include <algorithm>

#include "work/reclaim_books.hpp"
#include "work/reclaims.hpp"

namespace tidepool {

bool Reclaims::waits_for_room(const NodeRecord& record) const {
  return std::any_of(requests_.begin(), requests_.end(), [&](const ReclaimRecord& r) {
    return r.kind == ReclaimKind::node && r.by == record.name && r.step == ReclaimStep::open &&
           r.since >= record.want_since;
  });
}

std::optional<std::string> Reclaims::kept_from(const NodeRecord& record) {
  const auto& rules = s_.pools.reclaim;
  const Pool* pool = s_.pools.find(record.name).pool;
  if (!rules.given || pool == nullptr || !asked_by_slurm(record) ||
      !is_opportunistic(s_.pools, *pool))
    return "";
  // A new worker knows nothing of holds before its first round.
  if (!ready_) return std::nullopt;
  for (const auto& r : requests_)
    if (r.step == ReclaimStep::open)
      return fmt::format("room is being made for request {} ({}); opportunistic nodes wait", r.id,
                         r.by);
  const bool waits = std::any_of(holds_.begin(), holds_.end(),
                                 [](const HoldRecord& h) { return h.active() && h.reclaim != 0; });
  if (!rules.headroom.given() && requests_.empty() && !waits) return "";
  const auto size = sizes_.find(pool->name);
  if (limits_at_ < record.want_since || size == sizes_.end()) {
    limits_wanted_ = true;
    return std::nullopt;
  }
  // Its lease is taken, the server asked for: it has its room already.
  if (granted_.contains(record.name)) return "";
  Amount kept = balance_.promised + balance_.returning + balance_.waiting;
  if (rules.headroom.given()) kept += kept_free(rules.headroom, quota_limits(limits_));
  Amount taken = kept;
  for (const auto& [_, amount] : granted_) taken += amount;
  if (balance_.room.covers(taken + size->second.size)) {
    granted_[record.name] = size->second.size;
    return "";
  }
  return fmt::format(
      "{} of the quota free, of which {} is kept (headroom, requests, jobs that "
      "wait to come back)",
      to_string(balance_.room), to_string(kept));
}

}  // namespace tidepool
