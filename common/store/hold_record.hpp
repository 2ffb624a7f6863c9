// What the store knows of one hold: jobs that are held, or shall be, together with the nodes they
// run on. A job on several nodes is one hold; jobs that share a node are one hold too. As with
// nodes, the want (people, policy) and the deed (the worker) are different columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/pool_file.hpp"

namespace tidepool {

enum class HoldWanted { held, released };
std::string_view to_string(HoldWanted wanted);

// How far a hold has come. Each step is idempotent and recorded before its first request: a worker
// that finds a hold in a step begins that step again. node/hold_table.hpp has the whole table.
enum class HoldStep {
  // on the way out
  planned,   // written down; slurmctld and the cloud know nothing of it
  draining,  // nodes are drained, with Reason and Extra
  halting,   // jobs suspended (a mode that keeps memory) or requeued and held (one that loses it)
  redirecting,  // NodeAddr becomes the stand-in's
  leaving,      // per server: the guest hibernates, then the mode's action, until it is observed
  held,
  // on the way back, also of a hold that was refused
  returning,   // per server: ACTIVE again and its slurmd's port answers
  rejoining,   // NodeAddr is the real one, the node responds
  resuming,    // same boot: jobs resumed (or released, when they had been requeued and held)
  undraining,  // last, or slurmctld would give a suspended job's CPUs to another
  // ends without its jobs on these nodes
  requeueing,  // mode requeue, lost memory, or then: requeue: the jobs go back to the queue
  discarding,  // the nodes are given back to Slurm, their servers deleted
  done
};
std::string_view to_string(HoldStep step);
std::optional<HoldStep> hold_step(std::string_view word);
// Is a hold in this step on its way back to its nodes, or at its end? Then it cannot be held on.
bool is_way_back(HoldStep step);

// "hibernate,suspend,requeue"; words that are no mode are left out.
std::string join_modes(const std::vector<HoldMode>& modes);
std::vector<HoldMode> split_modes(std::string_view text);

struct HoldJob {
  std::int64_t id = 0;
  std::string name, user;
};

// One node of a hold. Its server's part in the steps leaving and returning is told apart by what is
// observed, plus what cannot be observed:
struct HoldNode {
  std::string node;
  std::string address;    // the real one
  std::string server_id;  // the node's server at the start
  // slurmd's BootTime and SlurmdStartTime at the start; 0: not known. Both have changed: another
  // boot. BootTime alone may move: a guest's uptime stands still while it is suspended.
  std::int64_t boot_time_s = 0;
  std::int64_t slurmd_start_s = 0;
  std::string prior_reason;  // the node was drained by a person already: kept so afterwards
  bool prior_drain = false;
  Time hibernate_begun{};   // the guest has been, or may have been, told to hibernate; epoch: no
  bool hibernated = false;  // and it has answered with success
  bool given_up = false;    // hangs in a task on the way out: where it answers, there it is
  std::string image_id;     // mode snapshot: the image its server is kept in
};

// HoldRecord::want_by of the worker's own.
inline constexpr const char* kByReclaim = "reclaim";
inline constexpr const char* kByReturn = "return";

struct HoldRecord {
  std::int64_t id = 0;

  // the want
  HoldWanted wanted = HoldWanted::held;
  std::string want_by;  // operator, policy, reclaim, cancelled…: for people
  Time want_since{};
  std::vector<HoldMode> modes;     // first choice first
  std::optional<Millis> max_held;  // since `held` was reached; then: requeue
  std::vector<HoldJob> jobs;
  std::vector<HoldNode> nodes;
  std::int64_t reclaim = 0;  // the request for room for which its jobs step aside; 0: none
  std::string class_name;    // the opportunistic class of its jobs; empty: none

  // the deed
  HoldStep step = HoldStep::planned;
  Time step_since{};
  std::size_t mode_index = 0;  // which of `modes` is being carried out
  Time held_since{};           // epoch: never was
  int attempts = 0;            // tries of this step in a row that failed
  Time next_try{};
  std::string last_error;  // of the last try, for `status`
  std::string outcome;     // how it ended or must end: "released", "refused: …", "cancelled", …
  Time ended{};            // epoch: goes on
  // Of one that stepped aside: how often the cloud has refused its return, and not before when the
  // next one is tried.
  int returns = 0;
  Time return_after{};

  HoldMode mode() const {
    return mode_index < modes.size() ? modes[mode_index] : HoldMode::requeue;
  }
  bool active() const { return step != HoldStep::done; }
  // Comes back because there is room again; not because a person says so.
  bool returns_by_itself() const {
    return reclaim != 0 && wanted == HoldWanted::released && want_by == kByReturn;
  }
};

}  // namespace tidepool
