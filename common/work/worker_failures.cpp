// The worker's answers to a cloud that does not answer, and to servers that went to ERROR.
#include <fmt/format.h>
#include <algorithm>

#include "openstack/errors.hpp"
#include "work/worker.hpp"

namespace tidepool {

void Worker::server_failed(NodeRecord& record, const openstack::Server& server) {
  Error error;
  error.kind = openstack::fault_kind(server.fault);
  error.message = fmt::format("server went to ERROR: {}",
                              server.fault.empty() ? "no fault given" : server.fault);
  Result<void> done;
  if (record.registered && asked_by_slurm(record)) {
    // Its job cannot go on, and slurmctld would not know for long.
    done = failures_.give_up(record, error, false);
  } else if (error.kind == ErrorKind::server_error && !record.replaced) {
    // Once, a fresh try on another host may do.
    record.replaced = true;
    record.last_error = error.message;
    note(s_.store, LogLevel::warning,
         {record.name, "server replaced", error.message, server.id, ""});
    done = s_.store.save(record);
    if (done) launch(record.name, actions_.remove(record.name, server.id));
  } else if (error.kind == ErrorKind::server_error) {
    done = failures_.boot_failed(record, error);
  } else {
    done = failures_.give_up(record, error, true);
    // It waits for room: this server would only take some.
    if (done && !record.failure) launch(record.name, actions_.remove(record.name, server.id));
  }
  if (!done) complain("store", done.error());
}

void Worker::list_failed(const std::vector<NodeRecord>& records, const Error& error) {
  ++list_failures_;
  Millis wait = node::back_off(list_failures_);
  if (error.retry_after) wait = std::max(wait, Millis(*error.retry_after));
  list_not_before_ = now() + wait;
  complain(kCannotListCloud, error);
  for (NodeRecord record : records) {
    if (in_flight_.contains(record.name) || holds_.owns(record.name)) continue;
    if (record.fresh_want()) {
      if (auto taken = take_up(record); !taken || !*taken) continue;
    }
    // Nodes that wait for the cloud wait no longer than their patience; nodes that are up, and
    // removals, just wait.
    if (record.wanted != Wanted::present || record.failure || record.active_since != Time{})
      continue;
    const Pool* pool = s_.pools.pool(record.pool);
    const auto patience =
        node::patience_of(pool != nullptr ? pool->policy : s_.pools.policy, s_.resume_timeout);
    const auto verdict =
        node::judge(error, list_failures_, now() - record.want_since, patience.give_up);
    if (!verdict.give_up) continue;
    if (auto done = failures_.give_up(record, error, verdict.rest_pool); !done)
      complain("store", done.error());
  }
}

}  // namespace tidepool
