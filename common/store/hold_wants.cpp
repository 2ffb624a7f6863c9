// Holds, the first half: what people and policy want.
#include <fmt/format.h>

#include "store/store.hpp"

namespace tidepool {

// A node or a job can be in one hold at a time.
Result<void> Store::no_other_hold(const HoldRecord& hold) {
  auto by_node = db_.prepare(
      "SELECT h.id FROM holds h JOIN hold_nodes n ON n.hold = h.id"
      " WHERE n.node = ? AND h.step <> 'done'");
  auto by_job = db_.prepare(
      "SELECT h.id FROM holds h JOIN hold_jobs j ON j.hold = h.id"
      " WHERE j.job = ? AND h.step <> 'done'");
  if (!by_node || !by_job) return fail(db_.error("query"));
  for (const auto& node : hold.nodes) {
    auto row = by_node->bind(1, node.node).step();
    if (!row) return tl::unexpected(row.error());
    if (*row)
      return fail(ErrorKind::conflict,
                  fmt::format("node {} is in hold {} already", node.node, by_node->integer(0)));
    by_node->reset();
  }
  for (const auto& job : hold.jobs) {
    auto row = by_job->bind(1, job.id).step();
    if (!row) return tl::unexpected(row.error());
    if (*row)
      return fail(ErrorKind::conflict,
                  fmt::format("job {} is in hold {} already", job.id, by_job->integer(0)));
    by_job->reset();
  }
  return {};
}

// Within the caller's transaction. An id of 0: the next one.
Result<std::int64_t> Store::insert_hold(const HoldRecord& hold) {
  auto add = db_.prepare(
      "INSERT INTO holds (id, wanted, want_by, want_since, modes, max_held, step, step_since,"
      " reclaim, class) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!add) return tl::unexpected(add.error());
  add->bind(2, to_string(hold.wanted))
      .bind(3, hold.want_by)
      .bind(4, to_millis(now()))
      .bind(5, join_modes(hold.modes))
      .bind(7, to_string(hold.step))
      .bind(8, to_millis(now()))
      .bind(9, hold.reclaim)
      .bind(10, hold.class_name);
  if (hold.id != 0)
    add->bind(1, hold.id);
  else
    add->bind_null(1);
  if (hold.max_held)
    add->bind(6, std::int64_t{hold.max_held->count()});
  else
    add->bind_null(6);
  if (auto done = add->run(); !done) return tl::unexpected(done.error());
  const std::int64_t id = db_.last_id();
  auto job = db_.prepare("INSERT INTO hold_jobs VALUES (?, ?, ?, ?)");
  auto node = db_.prepare(
      "INSERT INTO hold_nodes (hold, place, node, address, server_id, boot_time, slurmd_start,"
      " prior_reason, prior_drain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!job || !node) return fail(db_.error("query"));
  for (const auto& j : hold.jobs)
    if (auto done = job->bind(1, id).bind(2, j.id).bind(3, j.name).bind(4, j.user).run(); !done)
      return tl::unexpected(done.error());
  std::int64_t place = 0;
  for (const auto& n : hold.nodes) {
    node->bind(1, id).bind(2, place++).bind(3, n.node).bind(4, n.address).bind(5, n.server_id);
    node->bind(6, n.boot_time_s).bind(7, n.slurmd_start_s).bind(8, n.prior_reason);
    node->bind(9, std::int64_t{n.prior_drain});
    if (auto done = node->run(); !done) return tl::unexpected(done.error());
  }
  return id;
}

Result<std::int64_t> Store::add_hold(const HoldRecord& hold) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  if (auto free = no_other_hold(hold); !free) return tl::unexpected(free.error());
  HoldRecord fresh = hold;
  fresh.id = 0;
  fresh.wanted = HoldWanted::held;
  fresh.step = HoldStep::planned;
  auto id = insert_hold(fresh);
  if (!id) return id;
  // Ended ones are kept for people; their members go with them.
  if (auto done = db_.execute("DELETE FROM holds WHERE step = 'done' AND id <="
                              " (SELECT max(id) FROM holds) - 5000");
      !done)
    return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return id;
}

Result<void> Store::restore_hold(const HoldRecord& hold) {
  {
    auto tx = Transaction::begin(db_);
    if (!tx) return tl::unexpected(tx.error());
    if (auto free = no_other_hold(hold); !free) return free;
    if (auto id = insert_hold(hold); !id) return tl::unexpected(id.error());
    if (auto done = tx->commit(); !done) return done;
  }
  return save_hold(hold);
}

Result<void> Store::want_hold(std::int64_t id, HoldWanted wanted, const std::string& by) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  auto found = hold(id);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return fail(ErrorKind::not_found, fmt::format("there is no hold {}", id));
  if (!(*found)->active()) return fail(ErrorKind::not_found, fmt::format("hold {} has ended", id));
  if (wanted == HoldWanted::held && is_way_back((*found)->step))
    return fail(ErrorKind::conflict,
                fmt::format("hold {} is on its way back ({})", id, to_string((*found)->step)));
  // Asked for again: who asked first, and when, stays. But what a person wants is not undone when
  // the cloud has no room for a return of ours.
  if ((*found)->wanted == wanted && !((*found)->returns_by_itself() && by != kByReturn)) return {};
  auto s = db_.prepare("UPDATE holds SET wanted=?, want_by=?, want_since=? WHERE id=?");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, to_string(wanted)).bind(2, by).bind(3, to_millis(now())).bind(4, id);
  if (auto done = s->run(); !done) return done;
  return tx->commit();
}

Result<bool> Store::put_back(std::int64_t id, Time after) {
  auto s = db_.prepare(
      "UPDATE holds SET wanted='held', want_by=?, step='held', step_since=?, attempts=0,"
      " next_try=0, returns=returns+1, return_after=?"
      " WHERE id=? AND step='returning' AND wanted='released' AND want_by=?");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, kByReclaim).bind(2, to_millis(now())).bind(3, to_millis(after)).bind(4, id);
  if (auto done = s->bind(5, kByReturn).run(); !done) return tl::unexpected(done.error());
  return db_.changes() == 1;
}

}  // namespace tidepool
