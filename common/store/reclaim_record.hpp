// What the store knows of one request for room: who asks, how much, how far it has come. The want
// (people, files, the worker's own look at nodes and headroom) and the deed are different columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/reclaim_policy.hpp"

namespace tidepool {

enum class ReclaimKind {
  request,  // `tidepool reclaim`, a file in the drop folder
  node,     // a node of a normal job found no room
  headroom  // less of the quota is free than reclaim.headroom says
};
std::string_view to_string(ReclaimKind kind);
std::optional<ReclaimKind> reclaim_kind(std::string_view word);

enum class ReclaimStep {
  open,    // room is missing; jobs step aside
  free,    // the room is there, and is kept for whoever asked
  missed,  // ended: not there by the deadline
  over     // ended: used, kept long enough, cancelled, not needed any more
};
std::string_view to_string(ReclaimStep step);
std::optional<ReclaimStep> reclaim_step(std::string_view word);

struct ReclaimRecord {
  std::int64_t id = 0;

  // the want
  ReclaimKind kind = ReclaimKind::request;
  std::string by;  // a person, a file's name, the node's name
  Time since{};
  Time deadline{};  // epoch: none
  Millis keep{0};   // how long the room is kept once it is there
  Book book = Book::quota;
  Amount need;
  std::string partition;  // only jobs of this one step aside; empty: of any
  std::string cancelled;  // by whom; empty: it is wanted

  // the deed
  ReclaimStep step = ReclaimStep::open;
  Time step_since{};
  int refusals = 0;  // kind node: how often its server was refused though there was room
  std::string note;  // what was decided last, in words
  Time ended{};      // epoch: goes on

  bool active() const { return step == ReclaimStep::open || step == ReclaimStep::free; }
};

// An idle node that shall go for a request: drained, looked at again, powered down.
struct ReclaimNode {
  std::int64_t reclaim = 0;
  std::string node;
  Time since{};
  bool powered_down = false;  // slurmctld was told, or is about to be
};

// How often a job has stepped aside for a request, and when it last came back.
struct HoldHistory {
  int holds = 0;
  Time back{};  // epoch: never
};

}  // namespace tidepool
