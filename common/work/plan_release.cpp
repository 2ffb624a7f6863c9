#include "work/plan_release.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace tidepool {
namespace {

bool has_job(const HoldRecord& hold, std::int64_t id) {
  return std::any_of(hold.jobs.begin(), hold.jobs.end(), [&](const auto& j) { return j.id == id; });
}

bool has_node(const HoldRecord& hold, const std::string& name) {
  return std::any_of(hold.nodes.begin(), hold.nodes.end(),
                     [&](const auto& n) { return n.node == name; });
}

// The ids by which holds may know the job.
std::set<std::int64_t> ids_of(const slurm::JobSpec& spec, const std::vector<slurm::JobInfo>& jobs) {
  std::set<std::int64_t> ids;
  if (spec.task.empty()) ids.insert(spec.id);
  for (const auto& job : jobs)
    if (slurm::matches(spec, job)) ids.insert(job.het_job_id != 0 ? job.het_job_id : job.id);
  return ids;
}

}  // namespace

ReleasePlan plan_release(const ReleaseRequest& request, const std::vector<HoldRecord>& holds,
                         const std::vector<slurm::JobInfo>& jobs) {
  ReleasePlan plan;
  std::set<std::int64_t> chosen, named;
  for (const auto& spec : request.jobs) {
    const auto ids = ids_of(spec, jobs);
    named.insert(ids.begin(), ids.end());
    bool found = false;
    for (const auto& hold : holds)
      for (const auto id : ids)
        if (has_job(hold, id)) found = true, chosen.insert(hold.id);
    if (!found)
      plan.refusals.push_back(
          fmt::format("job {} is in no hold; 'tidepool status' shows what is held", spec.str()));
  }
  for (const auto& name : request.nodes) {
    const auto it = std::find_if(holds.begin(), holds.end(),
                                 [&](const auto& hold) { return has_node(hold, name); });
    if (it != holds.end())
      chosen.insert(it->id);
    else
      plan.refusals.push_back(
          fmt::format("node {} is in no hold; 'tidepool status' shows what is held", name));
  }
  for (const auto& hold : holds) {
    if (!request.all && !chosen.contains(hold.id)) continue;
    plan.holds.push_back(hold);
    if (request.jobs.empty()) continue;
    for (const auto& job : hold.jobs)
      if (!named.contains(job.id))
        plan.notes.push_back(fmt::format("job {} of {} is in the same hold and comes back with it",
                                         job.id, job.user));
  }
  return plan;
}

}  // namespace tidepool
