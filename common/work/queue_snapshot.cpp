#include "work/queue_snapshot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace tidepool {
namespace {

using nlohmann::json;
using slurm::JobInfo;

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool waits(const JobInfo& job) {
  return is_one_of(job.state, {"PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT", "REQUEUE_FED",
                               "RESV_DEL_HOLD"});
}

// The tasks of an array that wait are one record with one id; each leaves it with an id of its own
// when it starts, and the last of them keeps the first one.
bool is_rest_of_array(const JobInfo& job) {
  return job.array_job_id != 0 &&
         job.array_task.find_first_not_of("0123456789") != std::string::npos;
}

std::string words_for(const JobInfo& job) {
  if (job.array_job_id == 0 || job.array_task.empty()) return fmt::format("job {}", job.id);
  if (is_rest_of_array(job)) return fmt::format("job {} (array)", job.id);
  return fmt::format("job {}_{}", job.array_job_id, job.array_task);
}

// Empty: nothing is lost.
std::string loss(const JobInfo& was, const JobInfo& is, bool held) {
  if (is.restarts > was.restarts) return "requeued";
  if (is_one_of(is.state, {"NODE_FAIL", "BOOT_FAIL", "LAUNCH_FAILED", "RECONFIG_FAIL"}))
    return is.state;
  if (!waits(was) && waits(is)) return "was " + was.state + ", is " + is.state;
  // Of others that are suspended or resumed it is Slurm's preemption, or their owners.
  if (held && was.state == "SUSPENDED" && is.state == "RUNNING") return "was held, runs";
  if (waits(was) && is.state == "FAILED" && is.run_time_s == 0 &&
      !is_one_of(is.reason, {"NonZeroExitCode", "RaisedSignal"}))
    return "failed before it ran: " + is.reason;
  if (waits(was) && waits(is) && was.priority != 0 && is.priority == 0)
    return "held by Slurm: " + is.reason;
  return {};
}

}  // namespace

bool has_ended(const JobInfo& job) {
  return is_one_of(job.state, {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL",
                               "PREEMPTED", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY", "REVOKED"});
}

QueueSnapshot take_snapshot(std::vector<JobInfo> jobs, Time at) {
  std::erase_if(jobs, has_ended);
  return {at, std::move(jobs), {}};
}

std::string snapshot_to_json(const QueueSnapshot& snapshot) {
  json jobs = json::array();
  for (const auto& j : snapshot.jobs)
    jobs.push_back({{"id", j.id},
                    {"array", j.array_job_id},
                    {"task", j.array_task},
                    {"state", j.state},
                    {"reason", j.reason},
                    {"priority", j.priority},
                    {"dependency", j.dependency},
                    {"restarts", j.restarts},
                    {"nodes", j.nodes}});
  const json root{
      {"at", to_millis(snapshot.at)}, {"held", snapshot.held}, {"jobs", std::move(jobs)}};
  return root.dump(1, ' ', false, json::error_handler_t::replace);
}

Result<QueueSnapshot> snapshot_from_json(const std::string& text) {
  QueueSnapshot all;
  try {
    const auto root = json::parse(text);
    all.at = from_millis(root.at("at").get<std::int64_t>());
    root.at("held").get_to(all.held);
    for (const auto& one : root.at("jobs")) {
      JobInfo j;
      one.at("id").get_to(j.id);
      one.at("array").get_to(j.array_job_id);
      one.at("task").get_to(j.array_task);
      one.at("state").get_to(j.state);
      one.at("reason").get_to(j.reason);
      one.at("priority").get_to(j.priority);
      one.at("dependency").get_to(j.dependency);
      one.at("restarts").get_to(j.restarts);
      one.at("nodes").get_to(j.nodes);
      all.jobs.push_back(std::move(j));
    }
  } catch (const json::exception& e) {
    return fail(ErrorKind::invalid, fmt::format("snapshot of the queue: {}", e.what()));
  }
  return all;
}

QueueChange compare_queue(const QueueSnapshot& before, const std::vector<JobInfo>& after, Time at,
                          Millis forgets, const std::set<std::int64_t>& moved) {
  std::map<std::int64_t, const JobInfo*> by_id;
  std::set<std::int64_t> arrays;
  for (const auto& job : after) {
    by_id.emplace(job.id, &job);
    if (job.array_job_id != 0) arrays.insert(job.array_job_id);
  }
  QueueChange change;
  const bool may_be_forgotten = forgets > Millis(0) && at - before.at >= forgets;
  for (const auto& was : before.jobs) {
    const auto it = by_id.find(was.id);
    if (it == by_id.end()) {
      if (is_rest_of_array(was) && arrays.contains(was.array_job_id)) continue;
      if (may_be_forgotten)
        change.noted.push_back(words_for(was) +
                               ": ended meanwhile, and slurmctld has forgotten it");
      else
        change.lost.push_back(words_for(was) + ": slurmctld does not know it any more");
      continue;
    }
    const JobInfo& is = *it->second;
    const bool held =
        std::find(before.held.begin(), before.held.end(), was.id) != before.held.end();
    if (auto what = loss(was, is, held); !what.empty())
      (moved.contains(was.id) ? change.noted : change.lost).push_back(words_for(was) + ": " + what);
    else if (is.state == "CANCELLED")
      change.noted.push_back(words_for(was) + ": cancelled meanwhile");
    else if (!was.dependency.empty() && is.reason == "DependencyNeverSatisfied" &&
             was.reason != is.reason)
      change.noted.push_back(words_for(was) + ": its dependency can never be satisfied");
  }
  return change;
}

}  // namespace tidepool
