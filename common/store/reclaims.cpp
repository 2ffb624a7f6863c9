// Requests for room.
#include <fmt/format.h>
#include <algorithm>

#include "store/store.hpp"

namespace tidepool {
namespace {

constexpr const char* kReclaimColumns =
    "id, kind, asked_by, since, deadline, keep, book, instances, cores, ram_mib, part, cancelled,"
    " step, step_since, refusals, note, ended";

ReclaimRecord read_reclaim(const Statement& s) {
  ReclaimRecord r;
  int c = 0;
  r.id = s.integer(c++);
  r.kind = reclaim_kind(s.text(c++)).value_or(ReclaimKind::request);
  r.by = s.text(c++);
  r.since = from_millis(s.integer(c++));
  r.deadline = from_millis(s.integer(c++));
  r.keep = Millis(s.integer(c++));
  r.book = book_of(s.text(c++)).value_or(Book::quota);
  r.need.instances = s.integer(c++);
  r.need.cores = s.integer(c++);
  r.need.ram_mib = s.integer(c++);
  r.partition = s.text(c++);
  r.cancelled = s.text(c++);
  r.step = reclaim_step(s.text(c++)).value_or(ReclaimStep::over);
  r.step_since = from_millis(s.integer(c++));
  r.refusals = static_cast<int>(s.integer(c++));
  r.note = s.text(c++);
  r.ended = from_millis(s.integer(c++));
  return r;
}

constexpr const char* kGoesOn = "step IN ('open', 'free')";

}  // namespace

std::string_view to_string(ReclaimKind kind) {
  switch (kind) {
    case ReclaimKind::request:
      return "request";
    case ReclaimKind::node:
      return "node";
    case ReclaimKind::headroom:
      return "headroom";
  }
  return "request";
}

std::optional<ReclaimKind> reclaim_kind(std::string_view word) {
  for (const auto kind : {ReclaimKind::request, ReclaimKind::node, ReclaimKind::headroom})
    if (to_string(kind) == word) return kind;
  return std::nullopt;
}

std::string_view to_string(ReclaimStep step) {
  switch (step) {
    case ReclaimStep::open:
      return "open";
    case ReclaimStep::free:
      return "free";
    case ReclaimStep::missed:
      return "missed";
    case ReclaimStep::over:
      return "over";
  }
  return "over";
}

std::optional<ReclaimStep> reclaim_step(std::string_view word) {
  for (const auto step :
       {ReclaimStep::open, ReclaimStep::free, ReclaimStep::missed, ReclaimStep::over})
    if (to_string(step) == word) return step;
  return std::nullopt;
}

Result<std::int64_t> Store::add_reclaim(const ReclaimRecord& r, bool once) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  if (once) {
    auto same = db_.prepare(
        fmt::format("SELECT id FROM reclaims WHERE kind=? AND asked_by=? AND {}", kGoesOn));
    if (!same) return tl::unexpected(same.error());
    auto row = same->bind(1, to_string(r.kind)).bind(2, r.by).step();
    if (!row) return tl::unexpected(row.error());
    if (*row) return same->integer(0);
  }
  auto s = db_.prepare(
      "INSERT INTO reclaims (kind, asked_by, since, deadline, keep, book, instances, cores,"
      " ram_mib, part, step_since, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!s) return tl::unexpected(s.error());
  const std::int64_t since = to_millis(r.since == Time{} ? now() : r.since);
  s->bind(1, to_string(r.kind)).bind(2, r.by).bind(3, since).bind(4, to_millis(r.deadline));
  s->bind(5, std::int64_t{r.keep.count()}).bind(6, to_string(r.book)).bind(7, r.need.instances);
  s->bind(8, r.need.cores).bind(9, r.need.ram_mib).bind(10, r.partition).bind(11, since);
  if (auto done = s->bind(12, r.note).run(); !done) return tl::unexpected(done.error());
  const std::int64_t id = db_.last_id();
  // Ended ones are kept for people.
  if (auto done = db_.execute("DELETE FROM reclaims WHERE ended <> 0 AND id <="
                              " (SELECT max(id) FROM reclaims) - 5000");
      !done)
    return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return id;
}

Result<void> Store::cancel_reclaim(std::int64_t id, const std::string& by) {
  auto s = db_.prepare(fmt::format("UPDATE reclaims SET cancelled=? WHERE id=? AND {}", kGoesOn));
  if (!s) return tl::unexpected(s.error());
  if (auto done = s->bind(1, by).bind(2, id).run(); !done) return done;
  if (db_.changes() == 1) return {};
  auto known = reclaim(id);
  if (!known) return tl::unexpected(known.error());
  return fail(ErrorKind::not_found,
              *known ? fmt::format("request {} has ended ({})", id, to_string((*known)->step))
                     : fmt::format("there is no request {}", id));
}

Result<void> Store::save_reclaim(const ReclaimRecord& r) {
  auto s = db_.prepare(
      "UPDATE reclaims SET instances=?, cores=?, ram_mib=?, step=?, step_since=?, refusals=?,"
      " note=?, ended=? WHERE id=?");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, r.need.instances).bind(2, r.need.cores).bind(3, r.need.ram_mib);
  s->bind(4, to_string(r.step)).bind(5, to_millis(r.step_since));
  s->bind(6, std::int64_t{r.refusals}).bind(7, r.note).bind(8, to_millis(r.ended));
  return s->bind(9, r.id).run();
}

Result<std::vector<ReclaimRecord>> Store::reclaims(int ended) {
  auto s = db_.prepare(
      fmt::format("SELECT {} FROM reclaims WHERE {} OR id IN (SELECT id FROM reclaims WHERE"
                  " ended <> 0 ORDER BY ended DESC, id DESC LIMIT ?) ORDER BY id",
                  kReclaimColumns, kGoesOn));
  if (!s) return tl::unexpected(s.error());
  s->bind(1, std::int64_t{std::max(ended, 0)});
  std::vector<ReclaimRecord> all;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    all.push_back(read_reclaim(*s));
  }
}

Result<std::optional<ReclaimRecord>> Store::reclaim(std::int64_t id) {
  auto s = db_.prepare(fmt::format("SELECT {} FROM reclaims WHERE id=?", kReclaimColumns));
  if (!s) return tl::unexpected(s.error());
  auto row = s->bind(1, id).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return read_reclaim(*s);
}

Result<std::optional<ReclaimRecord>> Store::last_reclaim(ReclaimKind kind, const std::string& by) {
  auto s = db_.prepare(
      fmt::format("SELECT {} FROM reclaims WHERE kind=? AND asked_by=? ORDER BY id DESC LIMIT 1",
                  kReclaimColumns));
  if (!s) return tl::unexpected(s.error());
  auto row = s->bind(1, to_string(kind)).bind(2, by).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return read_reclaim(*s);
}

Result<std::map<std::int64_t, HoldHistory>> Store::hold_history() {
  auto s = db_.prepare(
      "SELECT j.job, count(*), max(h.ended) FROM holds h JOIN hold_jobs j ON j.hold = h.id"
      " WHERE h.reclaim <> 0 AND h.held_since <> 0 GROUP BY j.job");
  if (!s) return tl::unexpected(s.error());
  std::map<std::int64_t, HoldHistory> all;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    all[s->integer(0)] = {static_cast<int>(s->integer(1)), from_millis(s->integer(2))};
  }
}

}  // namespace tidepool
