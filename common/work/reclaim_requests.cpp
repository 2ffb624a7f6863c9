// How requests for room come, what is said of them, and how they end.
#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "work/journal.hpp"
#include "work/reclaim_books.hpp"
#include "work/reclaims.hpp"

namespace tidepool {
namespace {

// A node whose server is refused so often although there is room for it: more room does not help.
constexpr int kMostRefusals = 3;

std::string asked_by(const ReclaimRecord& r) {
  return r.kind == ReclaimKind::node ? "node " + r.by : r.by;
}

}  // namespace

void Reclaims::event(const ReclaimRecord& r, LogLevel level, const std::string& what,
                     const std::string& detail) {
  note(s_.store, level,
       {r.kind == ReclaimKind::node ? r.by : std::string(),
        fmt::format("reclaim {}: {}", r.id, what),
        fmt::format("{} for {}{}{}", to_string(r.need), asked_by(r), detail.empty() ? "" : ": ",
                    detail),
        "", ""});
}

Result<void> Reclaims::remark(ReclaimRecord& r, std::string words) {
  if (r.note == words) return {};
  r.note = std::move(words);
  return s_.store.save_reclaim(r);
}

Result<void> Reclaims::end(ReclaimRecord& r, ReclaimStep step, std::string why) {
  fault_point("reclaims.end");
  r.step = step;
  r.step_since = r.ended = now();
  r.note = std::move(why);
  choose_next_.erase(r.id);
  refused_.erase(r.id);
  if (auto saved = s_.store.save_reclaim(r); !saved) return saved;
  event(r, step == ReclaimStep::missed ? LogLevel::warning : LogLevel::info,
        std::string(to_string(step)), r.note);
  changed_ = again_ = true;
  return {};
}

// Called where a node is given up for want of room. true: it waits for some.
Result<bool> Reclaims::found_no_room(NodeRecord& record, const Error& error) {
  const auto& rules = s_.pools.reclaim;
  if (!rules.for_jobs || rules.classes.empty() || !asked_by_slurm(record) ||
      record.wanted != Wanted::present || record.registered)
    return false;
  if (error.kind != ErrorKind::quota && error.kind != ErrorKind::no_valid_host) return false;
  const Pool* pool = s_.pools.find(record.name).pool;
  if (pool == nullptr || is_opportunistic(s_.pools, *pool)) return false;
  // Slurm's own patience, less what a boot may take.
  const Time deadline = record.want_since + s_.resume_timeout * 8 / 10;
  if (now() >= deadline) return false;
  if (auto read = load(); !read) return tl::unexpected(read.error());
  const Book book = error.kind == ErrorKind::quota ? Book::quota : Book::placement;
  for (auto& r : requests_) {
    if (r.kind != ReclaimKind::node || r.by != record.name) continue;
    const bool stale = r.since < record.want_since || r.book != book;
    const bool hopeless = !stale && r.step == ReclaimStep::free && ++r.refusals >= kMostRefusals;
    if (stale || hopeless) {
      auto ended = end(
          r, hopeless ? ReclaimStep::missed : ReclaimStep::over,
          hopeless ? fmt::format("there is room, and yet: {}", error.message) : "asked for anew");
      if (!ended) return tl::unexpected(ended.error());
      if (hopeless) return false;
      continue;
    }
    if (r.step == ReclaimStep::free) {
      // Others were quicker, or the room was in the wrong place: more of it.
      r.step = ReclaimStep::open;
      r.step_since = now();
      if (auto done = fill_in(r); !done) return tl::unexpected(done.error());
      if (auto saved = s_.store.save_reclaim(r); !saved) return tl::unexpected(saved.error());
      event(r, LogLevel::warning, "refused again", error.message);
    }
  }
  ReclaimRecord r;
  r.kind = ReclaimKind::node;
  r.by = record.name;
  r.since = now();
  r.deadline = deadline;
  r.book = book;
  r.note = error.message;
  auto id = s_.store.add_reclaim(r, true);
  if (!id) return tl::unexpected(id.error());
  fault_point("reclaims.node");
  record.attempts = 0;
  record.next_try = {};
  record.create_begun = {};
  record.last_error = fmt::format("waits for room (request {}): {}", *id, error.message);
  note(s_.store, LogLevel::warning,
       {record.name, "waits for room", fmt::format("request {}: {}", *id, error.message),
        record.server_id, error.request_id});
  if (auto saved = s_.store.save(record); !saved) return tl::unexpected(saved.error());
  if (auto read = load(); !read) return tl::unexpected(read.error());
  woken_ = true;
  return true;
}

// A node's request is made where the size of its server is not known.
Result<void> Reclaims::fill_in(ReclaimRecord& r) {
  if (r.kind != ReclaimKind::node) return {};
  const Pool* pool = s_.pools.find(r.by).pool;
  const auto size = pool == nullptr ? sizes_.end() : sizes_.find(pool->name);
  if (size == sizes_.end()) return {};
  Amount need = size->second.size;
  // The quota says how much is free; placement does not say where: room for one more each time.
  if (r.book != Book::quota)
    for (int i = 0; i < r.refusals; ++i) need += size->second.size;
  if (r.need == need) return {};
  r.need = need;
  return s_.store.save_reclaim(r);
}

Result<void> Reclaims::look_at_headroom() {
  const auto& rules = s_.pools.reclaim;
  const auto mine = std::find_if(requests_.begin(), requests_.end(),
                                 [](const auto& r) { return r.kind == ReclaimKind::headroom; });
  const bool there = mine != requests_.end();
  if (!rules.headroom.given()) {
    if (!there) return {};
    return end(*mine, ReclaimStep::over, "the pool file asks for no headroom");
  }
  if (!limits_needed() && limits_ == openstack::Limits{}) return {};
  const Amount keep = kept_free(rules.headroom, quota_limits(limits_));
  if (there) {
    if (is_quiet(rules.quiet_hours, now())) return end(*mine, ReclaimStep::over, "quiet hours");
    if (mine->need == keep) return {};
    mine->need = keep;
    again_ = true;
    return s_.store.save_reclaim(*mine);
  }
  Amount left = balance_.room;
  for (const auto& r : requests_)
    if (r.book == Book::quota) left -= balance_.shares[r.id].given;
  if (left.covers(keep) || is_quiet(rules.quiet_hours, now())) return {};
  ReclaimRecord r;
  r.kind = ReclaimKind::headroom;
  r.by = "headroom";
  r.since = now();
  r.need = keep;
  auto id = s_.store.add_reclaim(r, true);
  if (!id) return tl::unexpected(id.error());
  r.id = *id;
  event(r, LogLevel::info, "headroom is undercut",
        fmt::format("{} of the quota free", to_string(missing_of(left, Amount{}))));
  again_ = true;
  return {};
}

// What is free of it, and where the rest is.
std::string Reclaims::in_the_way(const ReclaimRecord& r) const {
  const auto it = balance_.shares.find(r.id);
  const RoomShare share = it == balance_.shares.end() ? RoomShare{} : it->second;
  std::string words = fmt::format("{} of {} {}", to_string(share.given), to_string(r.need),
                                  r.book == Book::quota ? "free in the quota" : "freed");
  if (!share.coming.none()) words += fmt::format("; {} on the way", to_string(share.coming));
  const Amount lacks = missing_of(missing_of(share.done, share.given), share.coming);
  if (r.book == Book::quota && !share.covered && !lacks.none())
    words += fmt::format(
        "; what has stepped aside should have freed {}: the cloud does not show "
        "it, or others have taken it",
        to_string(share.done));
  return words;
}

Result<void> Reclaims::settle_node(ReclaimRecord& r) {
  auto found = s_.store.node(r.by);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return end(r, ReclaimStep::over, "the node is not known any more");
  NodeRecord& record = **found;
  if (record.wanted != Wanted::present || record.failure || record.want_since > r.since)
    return end(r, ReclaimStep::over, "the node is not waited for any more");
  if (!record.server_id.empty() && r.step == ReclaimStep::free) {
    limits_at_ = {};
    return end(r, ReclaimStep::over, "its server is being made");
  }
  if (now() < r.deadline) return {};
  const std::string why =
      fmt::format("no room within {}: {}{}{}", rough_duration(r.deadline - r.since), in_the_way(r),
                  r.note.empty() ? "" : "; ", r.note);
  if (auto done = end(r, ReclaimStep::missed, why); !done) return done;
  Error error;
  error.kind = r.book == Book::quota ? ErrorKind::quota : ErrorKind::no_valid_host;
  error.message = why;
  return failures_.give_up(record, error, true);
}

Result<void> Reclaims::settle_other(ReclaimRecord& r) {
  if (r.step == ReclaimStep::free) {
    if (now() - r.step_since < r.keep) return {};
    return end(r, ReclaimStep::over, fmt::format("kept for {}", rough_duration(r.keep)));
  }
  if (r.deadline == Time{} || now() < r.deadline) return {};
  return end(r, ReclaimStep::missed,
             fmt::format("{}{}{}", in_the_way(r), r.note.empty() ? "" : "; ", r.note));
}

Result<void> Reclaims::settle() {
  for (auto& r : requests_) {
    if (!r.active()) continue;
    Result<void> done;
    const bool covered = balance_.shares[r.id].covered && !r.need.none();
    if (!r.cancelled.empty()) {
      done = end(r, ReclaimStep::over, "cancelled by " + r.cancelled);
    } else if (r.step == ReclaimStep::open && covered && r.kind == ReclaimKind::headroom) {
      done = end(r, ReclaimStep::over, in_the_way(r));
    } else {
      if (r.step == ReclaimStep::open && covered) {
        fault_point("reclaims.free");
        r.step = ReclaimStep::free;
        r.step_since = now();
        r.note = in_the_way(r);
        if (auto saved = s_.store.save_reclaim(r); !saved) return saved;
        event(r, LogLevel::info, "free", r.note);
        changed_ = true;
      }
      done = r.kind == ReclaimKind::node ? settle_node(r) : settle_other(r);
    }
    if (!done) return done;
  }
  return {};
}

}  // namespace tidepool
