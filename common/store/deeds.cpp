// The store's second half: what has been done. Only the worker writes here.
#include <algorithm>

#include "base/hostlist.hpp"
#include "store/store.hpp"

namespace tidepool {

std::string_view to_string(Wanted wanted) {
  return wanted == Wanted::present ? "present" : "absent";
}

std::string_view to_string(Tell tell) {
  switch (tell) {
    case Tell::nothing:
      return "nothing";
    case Tell::down:
      return "down";
    case Tell::power_down:
      return "power_down";
  }
  return "nothing";
}

namespace {

constexpr const char* kColumns =
    "name, pool, wanted, want_seq, want_since, want_by, extras, seen_seq, lease_id, address,"
    " lease_since, server_id, server_state, create_begun, active_since, registered, attempts,"
    " next_try, last_error, failure_kind, failure_text, failure_at, failure_until, tell, replaced";

NodeRecord read(const Statement& s) {
  NodeRecord r;
  int c = 0;
  r.name = s.text(c++);
  r.pool = s.text(c++);
  r.wanted = s.text(c++) == "present" ? Wanted::present : Wanted::absent;
  r.want_seq = s.integer(c++);
  r.want_since = from_millis(s.integer(c++));
  r.want_by = s.text(c++);
  r.extras = s.text(c++);
  r.seen_seq = s.integer(c++);
  r.lease_id = s.text(c++);
  r.address = s.text(c++);
  r.lease_since = from_millis(s.integer(c++));
  r.server_id = s.text(c++);
  r.server_state = s.text(c++);
  r.create_begun = from_millis(s.integer(c++));
  r.active_since = from_millis(s.integer(c++));
  r.registered = s.integer(c++) != 0;
  r.attempts = static_cast<int>(s.integer(c++));
  r.next_try = from_millis(s.integer(c++));
  r.last_error = s.text(c++);
  if (const auto kind = error_kind(s.text(c++))) {
    r.failure =
        Failure{*kind, s.text(c), from_millis(s.integer(c + 1)), from_millis(s.integer(c + 2))};
  }
  c += 3;
  const std::string tell = s.text(c++);
  r.tell = tell == "down" ? Tell::down : tell == "power_down" ? Tell::power_down : Tell::nothing;
  r.replaced = s.integer(c++) != 0;
  return r;
}

}  // namespace

Result<void> Store::save(const NodeRecord& r) {
  auto s = db_.prepare(
      "UPDATE nodes SET seen_seq=?, lease_id=?, address=?, lease_since=?, server_id=?,"
      " server_state=?, create_begun=?, active_since=?, registered=?, attempts=?, next_try=?,"
      " last_error=?, failure_kind=?, failure_text=?, failure_at=?, failure_until=?, tell=?, "
      "replaced=?"
      " WHERE name=?");
  if (!s) return tl::unexpected(s.error());
  int i = 1;
  s->bind(i++, r.seen_seq);
  s->bind_or_null(i++, r.lease_id);
  s->bind_or_null(i++, r.address);
  s->bind(i++, to_millis(r.lease_since));
  s->bind_or_null(i++, r.server_id);
  s->bind(i++, r.server_state);
  s->bind(i++, to_millis(r.create_begun));
  s->bind(i++, to_millis(r.active_since));
  s->bind(i++, std::int64_t{r.registered ? 1 : 0});
  s->bind(i++, std::int64_t{r.attempts});
  s->bind(i++, to_millis(r.next_try));
  s->bind(i++, r.last_error);
  const Failure f = r.failure.value_or(Failure{});
  s->bind_or_null(i++, r.failure ? to_string(f.kind) : std::string_view());
  s->bind(i++, f.text);
  s->bind(i++, to_millis(f.at));
  s->bind(i++, to_millis(f.until));
  s->bind(i++, to_string(r.tell));
  s->bind(i++, std::int64_t{r.replaced ? 1 : 0});
  s->bind(i++, r.name);
  return s->run();
}

Result<void> Store::forget(const std::string& name) {
  auto s = db_.prepare(
      "DELETE FROM nodes WHERE name=? AND wanted='absent' AND lease_id IS NULL AND tell='nothing'");
  if (!s) return tl::unexpected(s.error());
  return s->bind(1, name).run();
}

Result<std::vector<NodeRecord>> Store::nodes() {
  auto s = db_.prepare(std::string("SELECT ") + kColumns + " FROM nodes");
  if (!s) return tl::unexpected(s.error());
  std::vector<NodeRecord> all;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    all.push_back(read(*s));
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return host_less(a.name, b.name); });
  return all;
}

Result<std::optional<NodeRecord>> Store::node(const std::string& name) {
  auto s = db_.prepare(std::string("SELECT ") + kColumns + " FROM nodes WHERE name=?");
  if (!s) return tl::unexpected(s.error());
  auto row = s->bind(1, name).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return read(*s);
}

Result<std::vector<JobNodes>> Store::jobs_of(const std::string& node) {
  auto s = db_.prepare(
      "SELECT job_id, node FROM job_nodes WHERE job_id IN (SELECT job_id FROM job_nodes WHERE"
      " node=?) ORDER BY job_id, node");
  if (!s) return tl::unexpected(s.error());
  s->bind(1, node);
  std::vector<JobNodes> jobs;
  while (true) {
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return jobs;
    if (jobs.empty() || jobs.back().job_id != s->integer(0)) jobs.push_back({s->integer(0), {}});
    jobs.back().nodes.push_back(s->text(1));
  }
}

}  // namespace tidepool
