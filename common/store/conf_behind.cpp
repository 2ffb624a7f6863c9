// Nodes that missed a change of slurm.conf. Rows of `meta`, one a node: "behind:NAME".
#include "store/store.hpp"

namespace tidepool {
namespace {

Result<void> for_each_node(Database& db, const char* sql, const std::vector<std::string>& nodes) {
  auto tx = Transaction::begin(db);
  if (!tx) return tl::unexpected(tx.error());
  for (const auto& node : nodes) {
    auto s = db.prepare(sql);
    if (!s) return tl::unexpected(s.error());
    if (auto done = s->bind(1, "behind:" + node).run(); !done) return done;
  }
  return tx->commit();
}

}  // namespace

Result<void> Store::missed_conf(const std::vector<std::string>& nodes) {
  return for_each_node(db_, "INSERT OR REPLACE INTO meta VALUES (?, 'behind')", nodes);
}

Result<void> Store::has_conf(const std::vector<std::string>& nodes) {
  return for_each_node(db_, "DELETE FROM meta WHERE key=?", nodes);
}

Result<std::vector<std::string>> Store::behind_conf() {
  auto s = db_.prepare("SELECT substr(key, 8) FROM meta WHERE key LIKE 'behind:%' ORDER BY key");
  if (!s) return tl::unexpected(s.error());
  std::vector<std::string> all;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    all.push_back(s->text(0));
  }
}

}  // namespace tidepool
