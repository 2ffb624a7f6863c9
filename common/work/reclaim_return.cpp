// Who stepped aside comes back when there is room again.
#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "work/hold_notes.hpp"
#include "work/journal.hpp"
#include "work/reclaim_books.hpp"
#include "work/reclaims.hpp"

namespace tidepool {
namespace {

constexpr int kMostReturning = 10;  // at once

}  // namespace

std::vector<node::HeldBack> Reclaims::who_waits() const {
  std::vector<node::HeldBack> all;
  for (const auto& h : holds_) {
    if (h.reclaim == 0 || h.step != HoldStep::held || h.wanted != HoldWanted::held ||
        !h.outcome.empty())
      continue;
    // As long as somebody needs what it has freed.
    if (std::any_of(requests_.begin(), requests_.end(),
                    [&](const auto& r) { return r.active() && r.id == h.reclaim; }))
      continue;
    node::HeldBack one;
    one.hold = h.id;
    one.held_since = h.held_since;
    one.needs = needed_to_return(s_.pools, sizes_, h);
    one.not_before = h.return_after;
    for (const auto& c : s_.pools.reclaim.classes)
      if (c.name == h.class_name) one.priority = c.priority;
    all.push_back(one);
  }
  return all;
}

Result<void> Reclaims::bring_back() {
  const auto& rules = s_.pools.reclaim;
  const bool asked = std::any_of(requests_.begin(), requests_.end(),
                                 [](const auto& r) { return r.step == ReclaimStep::open; });
  const auto waiting = who_waits();
  if (asked || waiting.empty()) {
    room_since_ = {};
    return {};
  }
  Amount taken = balance_.promised + balance_.returning;
  if (rules.headroom.given()) taken += kept_free(rules.headroom, quota_limits(limits_));
  node::ReturnRoom room;
  room.room = missing_of(balance_.room, taken);
  room_since_ = node::room_since(room_since_, waiting, room.room, now());
  room.since = room_since_;
  room.settle = rules.settle;
  room.quiet = is_quiet(rules.quiet_hours, now());
  const auto under_way = std::count_if(holds_.begin(), holds_.end(), [](const HoldRecord& h) {
    return h.active() && h.returns_by_itself();
  });
  room.most = std::max(0, kMostReturning - static_cast<int>(under_way));
  for (const auto id : node::choose_returns(waiting, room, now())) {
    fault_point("reclaims.return");
    auto wanted = s_.store.want_hold(id, HoldWanted::released, kByReturn);
    // It has ended, or is on its way, since.
    if (!wanted && wanted.error().kind != ErrorKind::not_found &&
        wanted.error().kind != ErrorKind::conflict)
      return wanted;
    const auto h = std::find_if(holds_.begin(), holds_.end(),
                                [&](const HoldRecord& one) { return one.id == id; });
    note(s_.store, LogLevel::info,
         {h->nodes.empty() ? std::string() : h->nodes.front().node,
          fmt::format("hold {}: there is room again", id),
          fmt::format("{}: {} free beside what is kept", jobs_of(*h), to_string(room.room)), "",
          ""});
    changed_ = true;
  }
  return {};
}

}  // namespace tidepool
