// The store: one SQLite file with every node's want and deed, the pools' rests, and events.
// Hooks, people and the worker open it at the same time; each call is one transaction.
// Errors: io, disk_full, busy (20 s), conflict (a lease that another node has), invalid (a store
// of a newer version, or of another cluster).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/hold_record.hpp"
#include "store/node_record.hpp"
#include "store/reclaim_record.hpp"
#include "store/sqlite.hpp"

namespace tidepool {

struct NodeKey {
  std::string name, pool;
};

struct JobNodes {
  std::int64_t job_id = 0;
  std::vector<std::string> nodes;
};

struct PoolState {
  std::string name;
  Time rest_until{};  // no create before; epoch: none
  std::string rest_reason;
  int rest_step = 0;      // failures in a row: the rest doubles with each
  int boot_failures = 0;  // in a row
};

struct Event {
  Time at{};
  std::string node, what, detail, server_id, request_id;
};

class Store {
 public:
  static constexpr int kSchemaVersion = 4;

  // Opens, or makes, DIR/tidepool.db. One of an older tidepool is migrated, and kept beside it as
  // it was: tidepool.db.schema-VERSION.TIME. Without room for that it stays as it is, an error.
  static Result<Store> open(const std::filesystem::path& dir, const std::string& cluster);

  // ---- wants
  // Durable when it returns. Nodes not seen before are added.
  Result<void> want(const std::vector<NodeKey>& nodes, Wanted wanted, const std::string& by,
                    const std::vector<JobNodes>& jobs = {});
  // Only if the node's want_seq is still `seq`: for conclusions drawn from an older look.
  Result<bool> want_if(const NodeKey& node, std::int64_t seq, Wanted wanted, const std::string& by);
  // The first of `candidates` that is free (absent, no lease, nothing to tell) becomes wanted
  // present; not_found when none is.
  Result<std::string> claim(const std::vector<NodeKey>& candidates, const std::string& by,
                            const std::string& extras);

  // ---- deeds (the worker)
  // Writes the worker's columns of one node. conflict: lease id or address belongs to another.
  Result<void> save(const NodeRecord& record);
  // Drops a node that is absent, has no lease and is in no pool any more.
  Result<void> forget(const std::string& name);

  Result<std::vector<NodeRecord>> nodes();  // in Slurm's order
  Result<std::optional<NodeRecord>> node(const std::string& name);
  // Every job that needs the node, with all its nodes, as the last resume file said.
  Result<std::vector<JobNodes>> jobs_of(const std::string& node);

  // ---- holds
  // Writes a new hold down (step planned), durable when it returns; its id. conflict: a node or job
  // of it is in another hold that has not ended; the message names both.
  Result<std::int64_t> add_hold(const HoldRecord& hold);
  // A hold that was lost with its store, under its own id and in its step. conflict: as above, or
  // the id is taken.
  Result<void> restore_hold(const HoldRecord& hold);
  // The want: release, or hold on. not_found: no such hold, or it has ended. conflict: hold on, but
  // it is on its way back already.
  Result<void> want_hold(std::int64_t id, HoldWanted wanted, const std::string& by);
  // Writes the worker's columns of a hold and of its nodes.
  Result<void> save_hold(const HoldRecord& hold);
  // Those that have not ended, oldest first; `ended` adds the newest `ended` ones that have.
  Result<std::vector<HoldRecord>> holds(int ended = 0);
  Result<std::optional<HoldRecord>> hold(std::int64_t id);

  // One that stepped aside and that the cloud would not take back: held again, its return not
  // before `after`. false: a person has said otherwise meanwhile.
  Result<bool> put_back(std::int64_t id, Time after);

  // ---- requests for room
  // Durable when it returns; its id. `once`: while one of the same kind and asker goes on, that
  // one's.
  Result<std::int64_t> add_reclaim(const ReclaimRecord& reclaim, bool once = false);
  // not_found: no such request, or it has ended.
  Result<void> cancel_reclaim(std::int64_t id, const std::string& by);
  // Writes the worker's columns, and what is needed: a later try may need more.
  Result<void> save_reclaim(const ReclaimRecord& reclaim);
  // Those that go on, oldest first; `ended` adds the newest `ended` ones that have ended.
  Result<std::vector<ReclaimRecord>> reclaims(int ended = 0);
  Result<std::optional<ReclaimRecord>> reclaim(std::int64_t id);
  // The newest one of that kind and asker, whether it goes on or not.
  Result<std::optional<ReclaimRecord>> last_reclaim(ReclaimKind kind, const std::string& by);
  // All holds for it, ended ones too.
  Result<std::vector<HoldRecord>> holds_for(std::int64_t reclaim);
  // By job, of those that have stepped aside.
  Result<std::map<std::int64_t, HoldHistory>> hold_history();
  // Idle nodes that shall go. false: another request has it, or a hold.
  Result<bool> take_idle_node(const ReclaimNode& node);
  Result<void> save_idle_node(const ReclaimNode& node);
  Result<void> drop_idle_node(const std::string& node);
  Result<std::vector<ReclaimNode>> idle_nodes();

  Result<PoolState> pool(const std::string& name);  // defaults when never saved
  Result<void> save_pool(const PoolState& pool);

  // ---- nodes that missed a change of slurm.conf (they were held), and so run with an older one
  Result<void> missed_conf(const std::vector<std::string>& nodes);
  Result<std::vector<std::string>> behind_conf();
  Result<void> has_conf(const std::vector<std::string>& nodes);

  // ---- events: newest first; the oldest beyond 20,000 are dropped
  Result<void> add_event(const Event& event);
  Result<std::vector<Event>> events(int limit, const std::string& node = {});

  // Differs from an earlier answer when another process has committed since. Cheap.
  Result<std::int64_t> data_version();
  // A copy in `path`, consistent whatever others write meanwhile.
  Result<void> backup(const std::filesystem::path& path);
  // SQLite's own check; the message says what is broken.
  Result<void> check();

 private:
  explicit Store(Database db) : db_(std::move(db)) {}
  Result<void> prepare_schema(const std::filesystem::path& dir, const std::string& cluster);
  Result<void> no_other_hold(const HoldRecord& hold);
  Result<std::int64_t> insert_hold(const HoldRecord& hold);
  Result<void> read_members(HoldRecord& hold);
  Result<std::vector<HoldRecord>> read_holds(Statement& s);
  Database db_;
};

}  // namespace tidepool
