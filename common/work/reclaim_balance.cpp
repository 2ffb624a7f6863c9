#include "work/reclaim_balance.hpp"

#include <algorithm>
#include <set>

#include "work/reclaim_books.hpp"

namespace tidepool {
namespace {

// Nova's quota and placement follow a server's state by a moment.
constexpr Millis kShows{10'000};
constexpr Millis kPatience{300'000};

bool on_way_out(const HoldRecord& h) {
  switch (h.step) {
    case HoldStep::planned:
    case HoldStep::draining:
    case HoldStep::halting:
    case HoldStep::redirecting:
    case HoldStep::leaving:
      return h.wanted == HoldWanted::held && h.outcome.empty();
    case HoldStep::requeueing:
    case HoldStep::discarding:
      return true;
    default:
      return false;
  }
}

// Ended with its servers deleted.
bool ended_without_servers(const HoldRecord& h) {
  return h.step == HoldStep::done && !h.outcome.starts_with("released") &&
         !h.outcome.starts_with("refused");
}

class Accounts {
 public:
  Accounts(const PoolFile& pools, const BalanceSight& sight, Time at)
      : pools_(pools), sight_(sight), at_(at) {
    for (const auto& r : sight.requests) by_id_[r.id] = &r;
    for (const auto& r : sight.records) records_[r.name] = &r;
  }

  Balance run() {
    balance_.room = quota_room(sight_.limits);
    for (const auto& h : sight_.holds) add(h);
    for (const auto& n : sight_.idle) add(n);
    add_leaving_nodes();
    Amount room = balance_.room, coming = quota_coming_;
    for (const auto* r : in_order(sight_.requests)) {
      RoomShare& share = balance_.shares[r->id];
      if (r->book == Book::quota) {
        share.given = least_of(room, r->need);
        room -= share.given;
        share.coming = least_of(coming, missing_of(r->need, share.given));
        coming -= share.coming;
        balance_.promised += r->need;
      } else {
        share.given = least_of(share.done, r->need);
        share.coming = least_of(own_coming_[r->id], missing_of(r->need, share.given));
      }
      share.missing = missing_of(missing_of(r->need, share.given), share.coming);
      share.covered = share.given.covers(r->need);
    }
    return std::move(balance_);
  }

 private:
  const PoolSize* size_of_node(const std::string& node) const {
    const auto* pool = pools_.find(node).pool;
    if (pool == nullptr) return nullptr;
    const auto it = sight_.pools.find(pool->name);
    return it == sight_.pools.end() ? nullptr : &it->second;
  }

  Amount freed(const HoldRecord& h, const HoldNode& n, Book book) const {
    const auto* size = size_of_node(n.node);
    if (size == nullptr) return {};
    const bool deleted = h.step == HoldStep::requeueing || h.step == HoldStep::discarding ||
                         h.step == HoldStep::done;
    return freed_in(book, deleted ? HoldMode::requeue : h.mode(), size->size, size->probe);
  }

  // Its jobs may have ended just before they were suspended: then its servers go on.
  bool has_server(const HoldNode& n) const {
    const auto it = records_.find(n.node);
    return it != records_.end() && !n.server_id.empty() && it->second->server_id == n.server_id;
  }

  void add(const HoldRecord& h) {
    const auto it = by_id_.find(h.reclaim);
    const ReclaimRecord* request = it == by_id_.end() ? nullptr : it->second;
    if (h.step != HoldStep::done)
      for (const auto& n : h.nodes) in_holds_.insert(n.node);
    const Millis patience = request != nullptr ? patience_for(*request) : kPatience;
    const bool out = on_way_out(h) && at_ - h.want_since < patience;
    const bool away = h.step == HoldStep::held && h.wanted == HoldWanted::held;
    const bool ended = ended_without_servers(h);
    const Time since = ended ? h.ended : h.step_since;
    for (const auto& n : h.nodes) {
      const bool gone = ended && !has_server(n);
      const bool unseen = (away || gone) && since + kShows >= sight_.limits_at;
      const Amount quota = freed(h, n, Book::quota);
      if (out || unseen) quota_coming_ += quota;
      if (request == nullptr) continue;
      const Amount own = request->book == Book::quota ? quota : freed(h, n, request->book);
      const bool there = (away || gone) && (request->book != Book::placement ||
                                            sight_.left_placement(n.node, n.server_id));
      if (there)
        balance_.shares[request->id].done += own;
      else if (out || ((away || gone) && at_ - since < kShows))
        own_coming_[request->id] += own;
    }
    if (h.reclaim == 0) return;
    const Amount back = needed_to_return(pools_, sight_.pools, h);
    if (away && h.outcome.empty()) balance_.waiting += back;
    if (h.step == HoldStep::returning ||
        (h.step != HoldStep::done && h.step > HoldStep::returning &&
         h.step_since >= sight_.limits_at) ||
        (h.step == HoldStep::held && h.wanted == HoldWanted::released))
      balance_.returning += back;
  }

  void add(const ReclaimNode& n) {
    in_holds_.insert(n.node);
    const auto* size = size_of_node(n.node);
    if (size == nullptr) return;
    const Pool& pool = *pools_.find(n.node).pool;
    const auto record = records_.find(n.node);
    const bool gone = n.powered_down && record != records_.end() &&
                      record->second->wanted == Wanted::absent &&
                      (record->second->server_id.empty() || pool.on_suspend != OnSuspend::remove) &&
                      !record->second->doomed();
    const bool waits = at_ - n.since < kPatience;
    if (!gone && waits) quota_coming_ += freed_by_idle(Book::quota, pool, size->size, size->probe);
    const auto it = by_id_.find(n.reclaim);
    if (it == by_id_.end()) return;
    const Amount own = freed_by_idle(it->second->book, pool, size->size, size->probe);
    if (gone)
      balance_.shares[n.reclaim].done += own;
    else if (waits)
      own_coming_[n.reclaim] += own;
  }

  // Nodes that Slurm has put away, and whose servers go.
  void add_leaving_nodes() {
    for (const auto& r : sight_.records) {
      if (r.wanted != Wanted::absent || !r.leased() || in_holds_.contains(r.name)) continue;
      if (r.server_id.empty() && !r.doomed()) continue;
      const auto* size = size_of_node(r.name);
      const auto* pool = pools_.find(r.name).pool;
      if (size == nullptr || pool->on_suspend != OnSuspend::remove) continue;
      if (at_ - r.want_since < kPatience) quota_coming_ += size->size;
    }
  }

  const PoolFile& pools_;
  const BalanceSight& sight_;
  const Time at_;
  std::map<std::int64_t, const ReclaimRecord*> by_id_;
  std::map<std::string, const NodeRecord*> records_;
  std::set<std::string> in_holds_;
  Amount quota_coming_;
  std::map<std::int64_t, Amount> own_coming_;
  Balance balance_;
};

}  // namespace

Balance balance(const PoolFile& pools, const BalanceSight& sight, Time at) {
  return Accounts(pools, sight, at).run();
}

Millis patience_for(const ReclaimRecord& request) {
  if (request.deadline == Time{}) return kPatience;
  return std::min(kPatience, (request.deadline - request.since) / 2);
}

Amount needed_to_return(const PoolFile& pools, const std::map<std::string, PoolSize>& sizes,
                        const HoldRecord& hold) {
  Amount all;
  for (const auto& n : hold.nodes) {
    const auto* pool = pools.find(n.node).pool;
    if (pool == nullptr) continue;
    if (const auto it = sizes.find(pool->name); it != sizes.end())
      all += freed_in(Book::quota, hold.mode(), it->second.size, it->second.probe);
  }
  return all;
}

std::vector<const ReclaimRecord*> in_order(const std::vector<ReclaimRecord>& requests) {
  std::vector<const ReclaimRecord*> all;
  for (const auto& r : requests)
    if (r.active()) all.push_back(&r);
  const auto rank = [](const ReclaimRecord& r) {
    if (r.step == ReclaimStep::free) return 0;
    return r.kind == ReclaimKind::node ? 1 : r.kind == ReclaimKind::request ? 2 : 3;
  };
  std::stable_sort(all.begin(), all.end(), [&](const auto* a, const auto* b) {
    return rank(*a) != rank(*b) ? rank(*a) < rank(*b) : a->id < b->id;
  });
  return all;
}

}  // namespace tidepool
