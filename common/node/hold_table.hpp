// The table of a hold: where it stands and what is observed give what happens next. Pure; no I/O.
//
// clang-format off
//   way out, memory kept     planned → draining → halting (suspend, ≥ 4 s) → redirecting → leaving → held
//   way out, memory lost     planned → draining → halting (requeue and hold) → redirecting → leaving → held
//   mode requeue             planned → draining → requeueing → discarding → done
//   way back                 held → returning → rejoining → resuming → undraining → done
//   refused before `leaving` → the way back from where it stands
//   refused in `leaving`     → leaving in the next mode (halting first, when that one loses memory);
//                              no mode left: returning …, outcome "refused: …"
//   released on the way out  → the way back from where it stands
//   memory lost (other boot, server in ERROR or gone, patience over), no job left (cancelled)
//                            → requeueing → discarding → done
//
// The order is facts: a suspended job's CPUs count as free, so nodes are drained first and undrained
// last; slurmd needs four seconds to stop a job's processes; resuming a job before its node's address
// is back leaves its processes stopped.
//
// Rows: what Nova says of a server. Columns: the mode in which it shall leave. "away" is where it
// shall be; "lost": what it had in memory is gone, whatever else happens.
//
//   observed  | pause     suspend   hibernate             stop     shelve   snapshot
//   ----------+---------------------------------------------------------------------------------
//   active    | pause     suspend   hibernate, then wait  stop     shelve   save
//   paused    | away      away      away                  unpause  shelve   unpause
//   suspended | away      away      away                  away     shelve   resume
//   stopped   | lost      lost      shelve; not asked to: away     shelve   save
//             |                     lost
//   shelved   | lost      lost      away; not asked to:   away     away     unshelve
//             |                     lost
//   error     | lost      lost      lost                  lost     lost     lost; saved: remove
//   none      | lost      lost      lost                  lost     lost     lost; saved: away
//   building, busy, deleting, foreign: wait
//
// save: an image is asked for; when it is active the server is removed. On the way back:
//
//   active: here · paused: unpause · suspended: resume · stopped: start · shelved: unshelve ·
//   none: create from its image (snapshot), else lost · error: lost · else wait
//   A server that was given up while it hung in its task is here wherever its slurmd answers.
// clang-format on
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/pool_file.hpp"
#include "node/observed.hpp"
#include "store/hold_record.hpp"

namespace tidepool::node {

enum class SavedImage { none, saving, ready };

// ---- one server on its way out
enum class Leave {
  away,  // where it shall be
  wait,
  pause,
  unpause,
  suspend,
  resume,
  hibernate,  // the guest is told to
  stop,
  shelve,
  unshelve,
  save,    // an image is begun
  remove,  // its image is active
  lost
};
std::string_view to_string(Leave leave);

struct Leaving {
  HoldMode mode = HoldMode::suspend;
  Observed observed = Observed::active;
  bool hibernate_begun = false;
  SavedImage image = SavedImage::none;
};
Leave leave(const Leaving& l);

// ---- one server on its way back
enum class Back { here, wait, unpause, resume, start, unshelve, create, lost };
std::string_view to_string(Back back);

struct Returning {
  Observed observed = Observed::active;
  SavedImage image = SavedImage::none;
  bool create_in_doubt = false;  // a POST /servers whose answer was lost may still become one
  bool given_up = false;
};
Back come_back(const Returning& r);

// The memory of a server that shall be away in this mode is gone: its jobs' processes with it.
bool memory_gone(HoldMode mode, Observed observed, bool hibernate_begun);

// ---- jobs
enum class JobStands {
  running,     // on the hold's nodes
  suspended,   // on the hold's nodes
  leaving,     // COMPLETING, or about to: wait
  starting,    // CONFIGURING on the nodes: wait
  waiting,     // in the queue, may start anywhere
  waits_held,  // in the queue, held there (JobHeldAdmin and its like)
  elsewhere,   // runs on other nodes
  ended        // or slurmctld has forgotten it
};
std::string_view to_string(JobStands stands);
// Of a job as slurmctld shows it: state, reason, priority (0: held, before the reason says so), and
// whether it has one of the hold's nodes.
JobStands stands(std::string_view state, std::string_view reason, bool on_these_nodes,
                 std::int64_t priority = 1);

// ---- steps
// Where the way back begins for a hold that was released, or refused, in this step.
HoldStep way_back_from(HoldStep step);

// After a refusal in `leaving`: the next mode and the step that begins it. A server that hangs in
// its task gets no other mode.
struct NextMode {
  HoldStep step = HoldStep::returning;
  std::size_t mode_index = 0;
};
NextMode after_refusal(const std::vector<HoldMode>& modes, std::size_t index, bool hangs);

// ---- a hold at rest
enum class Turn {
  stay,
  suspend_again,  // somebody has resumed a job
  leave_again,    // somebody has woken a server
  come_back,      // released
  requeue,        // memory lost, or max_held is over
  discard         // no job is left
};
std::string_view to_string(Turn turn);

struct Resting {
  HoldMode mode = HoldMode::suspend;
  HoldWanted wanted = HoldWanted::held;
  bool memory_lost = false;  // of any server
  bool awake = false;        // any server is ACTIVE
  bool too_long = false;     // max_held is over
  std::vector<JobStands> jobs;
};
Turn next_turn(const Resting& r);

// Does this job still belong to the hold? In a mode that keeps memory: while it is on its nodes; in
// one that loses it: while it waits for its release.
bool belongs(HoldMode mode, JobStands stands);

}  // namespace tidepool::node
