// An apply's intent, on disk before its first change: what shall be, what was, how far it has come.
// Folder STATE_DIR/apply, gone when the apply has ended; so a folder that is there is an apply that
// runs, or one that was killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "work/queue_snapshot.hpp"

namespace tidepool {

// Each step can be begun again. The way back is the same steps with the old files.
enum class ApplyStep {
  draining,    // --drain: nodes that go are emptied; the worker works
  installing,  // the worker rests, until it is proven; files are replaced
  telling,     // slurmctld restarts or reconfigures
  answering,   // until it answers
  addressing,  // NodeAddr that it has forgotten
  creating,    // dynamic nodes are made and deleted
  pushing,     // the nodes read slurm.conf
  proving,     // queue and nodes against what they were; the worker works
  finishing,   // the store follows
  done
};
std::string_view to_string(ApplyStep step);

struct ApplyFile {
  std::filesystem::path path;  // where it is installed
  std::string before, after;   // whole texts; the same: not changed
  std::filesystem::path backup;

  bool changes() const { return before != after; }
};

// Dynamic nodes of one pool, and what slurmctld is told to make them.
struct ApplyNodes {
  std::vector<std::pair<std::string, std::string>> nodes;  // name and address
  std::vector<std::string> settings;  // empty: the worker makes them, when they are missing
};

struct ApplyRecord {
  Time began{};
  ApplyStep step = ApplyStep::draining;
  bool back = false;                          // being undone
  std::string why;                            // it is undone
  bool told = false;                          // slurmctld may have seen the new files
  bool restart = false, reconfigure = false;  // what slurmctld needs for them
  ApplyFile conf, pool;
  std::vector<ApplyNodes> made;      // dynamic nodes that come, or become others
  std::vector<ApplyNodes> unmade;    // and those that go, or were others
  std::vector<std::string> fresh;    // nodes that slurmctld did not have before
  std::vector<std::string> gone;     // nodes that no pool has afterwards
  std::vector<std::string> empty;    // that must be free before anything changes
  std::vector<std::string> drained;  // by us: undrained on the way back
  std::vector<std::string> up;       // nodes that answered slurmctld before
  std::vector<std::pair<std::string, std::string>> addresses;  // NodeAddr as slurmctld had it
  QueueSnapshot queue;
};

// nullopt: no apply is unfinished.
Result<std::optional<ApplyRecord>> load_apply(const std::filesystem::path& state_dir);
// Everything, durable when it returns: called once, before the first change.
Result<void> begin_apply(const std::filesystem::path& state_dir, const ApplyRecord& record);
// All but the files' texts and the snapshot.
Result<void> save_apply(const std::filesystem::path& state_dir, const ApplyRecord& record);
// The snapshot.
Result<void> save_queue(const std::filesystem::path& state_dir, const ApplyRecord& record);
Result<void> end_apply(const std::filesystem::path& state_dir);

// The files as the last apply left them: STATE_DIR/applied. nullopt: there was none.
std::optional<std::string> applied_text(const std::filesystem::path& state_dir, const char* name);
Result<void> keep_applied(const std::filesystem::path& state_dir, const ApplyRecord& record);
inline constexpr const char* kAppliedConf = "slurm.conf";
inline constexpr const char* kAppliedPool = "tidepool.yaml";

}  // namespace tidepool
