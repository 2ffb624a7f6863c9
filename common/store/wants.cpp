// The store's first half: what is wanted. Hooks and people write here.
#include "store/store.hpp"

namespace tidepool {
namespace {

constexpr const char* kWant =
    "INSERT INTO nodes (name, pool, wanted, want_seq, want_since, want_by, extras)"
    " VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)"
    " ON CONFLICT (name) DO UPDATE SET pool=?2, wanted=?3, want_seq=want_seq+1, want_since=?4,"
    " want_by=?5, extras=?6";

Result<void> run_want(Statement& s, const NodeKey& node, Wanted wanted, const std::string& by,
                      const std::string& extras) {
  return s.bind(1, node.name)
      .bind(2, node.pool)
      .bind(3, to_string(wanted))
      .bind(4, to_millis(now()))
      .bind(5, by)
      .bind(6, extras)
      .run();
}

}  // namespace

Result<void> Store::want(const std::vector<NodeKey>& nodes, Wanted wanted, const std::string& by,
                         const std::vector<JobNodes>& jobs) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  auto s = db_.prepare(kWant);
  auto forget_jobs = db_.prepare("DELETE FROM job_nodes WHERE node=?");
  auto add_job = db_.prepare("INSERT OR IGNORE INTO job_nodes VALUES (?, ?)");
  if (!s || !forget_jobs || !add_job) return fail(db_.error("query"));
  for (const auto& node : nodes) {
    if (auto done = run_want(*s, node, wanted, by, {}); !done) return done;
    if (auto done = forget_jobs->bind(1, node.name).run(); !done) return done;
  }
  for (const auto& job : jobs)
    for (const auto& node : job.nodes)
      if (auto done = add_job->bind(1, job.job_id).bind(2, node).run(); !done) return done;
  return tx->commit();
}

Result<bool> Store::want_if(const NodeKey& node, std::int64_t seq, Wanted wanted,
                            const std::string& by) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  auto found = this->node(node.name);
  if (!found) return tl::unexpected(found.error());
  if ((*found ? (*found)->want_seq : 0) != seq) return false;
  auto s = db_.prepare(kWant);
  if (!s) return tl::unexpected(s.error());
  if (auto done = run_want(*s, node, wanted, by, {}); !done) return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return true;
}

Result<std::string> Store::claim(const std::vector<NodeKey>& candidates, const std::string& by,
                                 const std::string& extras) {
  auto tx = Transaction::begin(db_);
  if (!tx) return tl::unexpected(tx.error());
  auto s = db_.prepare(kWant);
  if (!s) return tl::unexpected(s.error());
  for (const auto& candidate : candidates) {
    auto found = node(candidate.name);
    if (!found) return tl::unexpected(found.error());
    const auto& record = *found;
    if (record && (record->wanted == Wanted::present || record->leased() || record->failure ||
                   record->tell != Tell::nothing))
      continue;
    if (auto done = run_want(*s, candidate, Wanted::present, by, extras); !done)
      return tl::unexpected(done.error());
    if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
    return candidate.name;
  }
  return fail(ErrorKind::not_found, "no free node");
}

}  // namespace tidepool
