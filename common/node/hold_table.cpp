// The table's part about jobs and about a hold as a whole.
#include "node/hold_table.hpp"

#include <algorithm>

namespace tidepool::node {

std::string_view to_string(JobStands stands) {
  switch (stands) {
    case JobStands::running:
      return "running";
    case JobStands::suspended:
      return "suspended";
    case JobStands::leaving:
      return "leaving";
    case JobStands::starting:
      return "starting";
    case JobStands::waiting:
      return "waiting";
    case JobStands::waits_held:
      return "waits held";
    case JobStands::elsewhere:
      return "elsewhere";
    case JobStands::ended:
      return "ended";
  }
  return "ended";
}

std::string_view to_string(Turn turn) {
  switch (turn) {
    case Turn::stay:
      return "stay";
    case Turn::suspend_again:
      return "suspend again";
    case Turn::leave_again:
      return "leave again";
    case Turn::come_back:
      return "come back";
    case Turn::requeue:
      return "requeue";
    case Turn::discard:
      return "discard";
  }
  return "stay";
}

JobStands stands(std::string_view state, std::string_view reason, bool on_these_nodes,
                 std::int64_t priority) {
  if (state == "COMPLETING" || state == "STAGE_OUT" || state == "SIGNALING")
    return on_these_nodes ? JobStands::leaving : JobStands::ended;
  if (state == "RUNNING") return on_these_nodes ? JobStands::running : JobStands::elsewhere;
  if (state == "SUSPENDED" || state == "STOPPED")
    return on_these_nodes ? JobStands::suspended : JobStands::elsewhere;
  if (state == "CONFIGURING" || state == "RESIZING")
    return on_these_nodes ? JobStands::starting : JobStands::elsewhere;
  if (state == "PENDING" || state == "REQUEUED" || state == "REQUEUE_HOLD" ||
      state == "REQUEUE_FED" || state == "SPECIAL_EXIT") {
    const bool held = priority == 0 || reason == "JobHeldAdmin" || reason == "JobHeldUser" ||
                      reason == "job_requeued_in_held_state" || state == "REQUEUE_HOLD" ||
                      state == "SPECIAL_EXIT";
    return held ? JobStands::waits_held : JobStands::waiting;
  }
  return JobStands::ended;
}

HoldStep way_back_from(HoldStep step) {
  switch (step) {
    case HoldStep::planned:
      return HoldStep::done;
    case HoldStep::draining:
      return HoldStep::undraining;
    case HoldStep::halting:
      return HoldStep::resuming;
    case HoldStep::redirecting:
      return HoldStep::rejoining;
    case HoldStep::leaving:
    case HoldStep::held:
      return HoldStep::returning;
    case HoldStep::returning:
    case HoldStep::rejoining:
    case HoldStep::resuming:
    case HoldStep::undraining:
    case HoldStep::requeueing:
    case HoldStep::discarding:
    case HoldStep::done:
      return step;
  }
  return step;
}

NextMode after_refusal(const std::vector<HoldMode>& modes, std::size_t index, bool hangs) {
  if (hangs || index + 1 >= modes.size()) return {HoldStep::returning, index};
  const HoldMode next = modes[index + 1];
  if (next == HoldMode::requeue) return {HoldStep::requeueing, index + 1};
  const bool requeued_already = !keeps_memory(modes[index]);
  // The jobs of a mode that loses memory are in the queue by now; there is nothing to keep.
  if (requeued_already) return {HoldStep::leaving, index + 1};
  return {keeps_memory(next) ? HoldStep::leaving : HoldStep::halting, index + 1};
}

bool belongs(HoldMode mode, JobStands stands) {
  if (!keeps_memory(mode)) return stands == JobStands::waits_held || stands == JobStands::leaving;
  return stands == JobStands::running || stands == JobStands::suspended ||
         stands == JobStands::leaving || stands == JobStands::starting;
}

Turn next_turn(const Resting& r) {
  const bool any =
      std::any_of(r.jobs.begin(), r.jobs.end(), [&](JobStands j) { return belongs(r.mode, j); });
  if (!any) return Turn::discard;
  if (r.memory_lost) return Turn::requeue;
  if (r.wanted == HoldWanted::released) return Turn::come_back;
  if (r.too_long) return Turn::requeue;
  const bool resumed = std::find(r.jobs.begin(), r.jobs.end(), JobStands::running) != r.jobs.end();
  if (keeps_memory(r.mode) && resumed) return Turn::suspend_again;
  return r.awake ? Turn::leave_again : Turn::stay;
}

}  // namespace tidepool::node
