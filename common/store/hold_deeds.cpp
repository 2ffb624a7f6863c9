// Holds, the second half: how far they have come. Only the worker writes here.
#include <algorithm>

#include "store/store.hpp"

namespace tidepool {
namespace {

constexpr const char* kHoldColumns =
    "id, wanted, want_by, want_since, modes, max_held, step, step_since, mode_index, held_since,"
    " attempts, next_try, last_error, outcome, ended, reclaim, class, returns, return_after";

HoldRecord read_hold(const Statement& s) {
  HoldRecord h;
  int c = 0;
  h.id = s.integer(c++);
  h.wanted = s.text(c++) == "held" ? HoldWanted::held : HoldWanted::released;
  h.want_by = s.text(c++);
  h.want_since = from_millis(s.integer(c++));
  h.modes = split_modes(s.text(c++));
  if (!s.is_null(c)) h.max_held = Millis(s.integer(c));
  ++c;
  h.step = hold_step(s.text(c++)).value_or(HoldStep::planned);
  h.step_since = from_millis(s.integer(c++));
  h.mode_index = static_cast<std::size_t>(s.integer(c++));
  h.held_since = from_millis(s.integer(c++));
  h.attempts = static_cast<int>(s.integer(c++));
  h.next_try = from_millis(s.integer(c++));
  h.last_error = s.text(c++);
  h.outcome = s.text(c++);
  h.ended = from_millis(s.integer(c++));
  h.reclaim = s.integer(c++);
  h.class_name = s.text(c++);
  h.returns = static_cast<int>(s.integer(c++));
  h.return_after = from_millis(s.integer(c++));
  return h;
}

}  // namespace

Result<void> Store::save_hold(const HoldRecord& h) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  auto s = db_.prepare(
      "UPDATE holds SET step=?, step_since=?, mode_index=?, held_since=?, attempts=?, next_try=?,"
      " last_error=?, outcome=?, ended=? WHERE id=?");
  auto n = db_.prepare(
      "UPDATE hold_nodes SET address=?, server_id=?, boot_time=?, slurmd_start=?, prior_reason=?, "
      "prior_drain=?,"
      " hibernate_begun=?, hibernated=?, given_up=?, image_id=? WHERE hold=? AND node=?");
  if (!s || !n) return fail(db_.error("query"));
  int i = 1;
  s->bind(i++, to_string(h.step));
  s->bind(i++, to_millis(h.step_since));
  s->bind(i++, static_cast<std::int64_t>(h.mode_index));
  s->bind(i++, to_millis(h.held_since));
  s->bind(i++, std::int64_t{h.attempts});
  s->bind(i++, to_millis(h.next_try));
  s->bind(i++, h.last_error);
  s->bind(i++, h.outcome);
  s->bind(i++, to_millis(h.ended));
  s->bind(i++, h.id);
  if (auto done = s->run(); !done) return done;
  for (const auto& node : h.nodes) {
    i = 1;
    n->bind(i++, node.address);
    n->bind(i++, node.server_id);
    n->bind(i++, node.boot_time_s);
    n->bind(i++, node.slurmd_start_s);
    n->bind(i++, node.prior_reason);
    n->bind(i++, std::int64_t{node.prior_drain});
    n->bind(i++, to_millis(node.hibernate_begun));
    n->bind(i++, std::int64_t{node.hibernated});
    n->bind(i++, std::int64_t{node.given_up});
    n->bind(i++, node.image_id);
    n->bind(i++, h.id);
    n->bind(i++, node.node);
    if (auto done = n->run(); !done) return done;
  }
  return tx->commit();
}

Result<void> Store::read_members(HoldRecord& h) {
  auto jobs = db_.prepare("SELECT job, name, user FROM hold_jobs WHERE hold=? ORDER BY job");
  auto nodes = db_.prepare(
      "SELECT node, address, server_id, boot_time, slurmd_start, prior_reason, prior_drain,"
      " hibernate_begun, hibernated, given_up, image_id"
      " FROM hold_nodes WHERE hold=? ORDER BY place");
  if (!jobs || !nodes) return fail(db_.error("query"));
  jobs->bind(1, h.id);
  while (true) {
    auto row = jobs->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    h.jobs.push_back({jobs->integer(0), jobs->text(1), jobs->text(2)});
  }
  nodes->bind(1, h.id);
  while (true) {
    auto row = nodes->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    HoldNode n;
    n.node = nodes->text(0);
    n.address = nodes->text(1);
    n.server_id = nodes->text(2);
    n.boot_time_s = nodes->integer(3);
    n.slurmd_start_s = nodes->integer(4);
    n.prior_reason = nodes->text(5);
    n.prior_drain = nodes->integer(6) != 0;
    n.hibernate_begun = from_millis(nodes->integer(7));
    n.hibernated = nodes->integer(8) != 0;
    n.given_up = nodes->integer(9) != 0;
    n.image_id = nodes->text(10);
    h.nodes.push_back(std::move(n));
  }
  return {};
}

Result<std::vector<HoldRecord>> Store::holds(int ended) {
  auto s = db_.prepare(std::string("SELECT ") + kHoldColumns +
                       " FROM holds WHERE step <> 'done' OR id IN (SELECT id FROM holds WHERE"
                       " step = 'done' ORDER BY ended DESC, id DESC LIMIT ?) ORDER BY id");
  if (!s) return tl::unexpected(s.error());
  return read_holds(s->bind(1, std::int64_t{std::max(ended, 0)}));
}

Result<std::vector<HoldRecord>> Store::holds_for(std::int64_t reclaim) {
  auto s = db_.prepare(std::string("SELECT ") + kHoldColumns +
                       " FROM holds WHERE reclaim=? AND reclaim <> 0 ORDER BY id");
  if (!s) return tl::unexpected(s.error());
  return read_holds(s->bind(1, reclaim));
}

Result<std::vector<HoldRecord>> Store::read_holds(Statement& s) {
  std::vector<HoldRecord> all;
  while (true) {
    auto row = s.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    all.push_back(read_hold(s));
  }
  for (auto& h : all)
    if (auto done = read_members(h); !done) return tl::unexpected(done.error());
  return all;
}

Result<std::optional<HoldRecord>> Store::hold(std::int64_t id) {
  auto s = db_.prepare(std::string("SELECT ") + kHoldColumns + " FROM holds WHERE id=?");
  if (!s) return tl::unexpected(s.error());
  auto row = s->bind(1, id).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  HoldRecord h = read_hold(*s);
  if (auto done = read_members(h); !done) return tl::unexpected(done.error());
  return h;
}

}  // namespace tidepool
