// Pools' rests and the record of events.
#include "store/store.hpp"

namespace tidepool {

Result<PoolState> Store::pool(const std::string& name) {
  auto s = db_.prepare(
      "SELECT rest_until, rest_reason, rest_step, boot_failures FROM pools WHERE name=?");
  if (!s) return tl::unexpected(s.error());
  auto row = s->bind(1, name).step();
  if (!row) return tl::unexpected(row.error());
  PoolState state;
  state.name = name;
  if (*row) {
    state.rest_until = from_millis(s->integer(0));
    state.rest_reason = s->text(1);
    state.rest_step = static_cast<int>(s->integer(2));
    state.boot_failures = static_cast<int>(s->integer(3));
  }
  return state;
}

Result<void> Store::save_pool(const PoolState& pool) {
  auto s = db_.prepare("INSERT OR REPLACE INTO pools VALUES (?, ?, ?, ?, ?)");
  if (!s) return tl::unexpected(s.error());
  return s->bind(1, pool.name)
      .bind(2, to_millis(pool.rest_until))
      .bind(3, pool.rest_reason)
      .bind(4, std::int64_t{pool.rest_step})
      .bind(5, std::int64_t{pool.boot_failures})
      .run();
}

Result<void> Store::add_event(const Event& event) {
  auto s = db_.prepare(
      "INSERT INTO events (at, node, what, detail, server_id, request_id) VALUES (?,?,?,?,?,?)");
  if (!s) return tl::unexpected(s.error());
  if (auto done = s->bind(1, to_millis(event.at))
                      .bind(2, event.node)
                      .bind(3, event.what)
                      .bind(4, event.detail)
                      .bind(5, event.server_id)
                      .bind(6, event.request_id)
                      .run();
      !done)
    return done;
  return db_.execute("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - 20000");
}

Result<std::vector<Event>> Store::events(int limit, const std::string& node) {
  auto s = db_.prepare(
      "SELECT at, node, what, detail, server_id, request_id FROM events"
      " WHERE ?1='' OR node=?1 ORDER BY id DESC LIMIT ?2");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, node).bind(2, std::int64_t{limit});
  std::vector<Event> all;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    all.push_back(
        {from_millis(s->integer(0)), s->text(1), s->text(2), s->text(3), s->text(4), s->text(5)});
  }
}

}  // namespace tidepool
