// Idle nodes that shall go for a request for room.
#include "store/store.hpp"

namespace tidepool {

Result<bool> Store::take_idle_node(const ReclaimNode& node) {
  auto s = db_.prepare(
      "INSERT OR IGNORE INTO reclaim_nodes (node, reclaim, since)"
      " SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM hold_nodes n JOIN holds h ON"
      " h.id = n.hold WHERE n.node = ?1 AND h.step <> 'done')");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, node.node).bind(2, node.reclaim).bind(3, to_millis(node.since));
  if (auto done = s->run(); !done) return tl::unexpected(done.error());
  return db_.changes() == 1;
}

Result<void> Store::save_idle_node(const ReclaimNode& node) {
  auto s = db_.prepare("UPDATE reclaim_nodes SET powered_down=?, since=? WHERE node=?");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, std::int64_t{node.powered_down}).bind(2, to_millis(node.since)).bind(3, node.node);
  return s->run();
}

Result<void> Store::drop_idle_node(const std::string& node) {
  auto s = db_.prepare("DELETE FROM reclaim_nodes WHERE node=?");
  if (!s) return tl::unexpected(s.error());
  return s->bind(1, node).run();
}

Result<std::vector<ReclaimNode>> Store::idle_nodes() {
  auto s =
      db_.prepare("SELECT reclaim, node, since, powered_down FROM reclaim_nodes ORDER BY node");
  if (!s) return tl::unexpected(s.error());
  std::vector<ReclaimNode> all;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    all.push_back({s->integer(0), s->text(1), from_millis(s->integer(2)), s->integer(3) != 0});
  }
}

}  // namespace tidepool
