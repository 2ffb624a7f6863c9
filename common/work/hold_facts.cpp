#include "work/hold_facts.hpp"

#include <algorithm>
#include <set>

namespace tidepool {
namespace {

bool has_one_of(const slurm::JobInfo& job, const HoldRecord& hold) {
  return std::any_of(hold.nodes.begin(), hold.nodes.end(), [&](const HoldNode& n) {
    return std::find(job.nodes.begin(), job.nodes.end(), n.node) != job.nodes.end();
  });
}

}  // namespace

const slurm::JobInfo* HoldFacts::job(std::int64_t id) const {
  const auto it = jobs.find(id);
  return it == jobs.end() ? nullptr : &it->second;
}

const slurm::NodeInfo* HoldFacts::node(const std::string& name) const {
  const auto it = nodes.find(name);
  return it == nodes.end() ? nullptr : &it->second;
}

std::vector<node::JobStands> HoldFacts::stands(const HoldRecord& hold) const {
  std::vector<node::JobStands> all;
  for (const auto& j : hold.jobs) {
    const auto* info = job(j.id);
    all.push_back(info == nullptr ? node::JobStands::ended
                                  : node::stands(info->state, info->reason, has_one_of(*info, hold),
                                                 info->priority));
  }
  return all;
}

std::vector<const slurm::JobInfo*> HoldFacts::strangers(const HoldRecord& hold) const {
  std::vector<const slurm::JobInfo*> all;
  for (const auto& [id, info] : jobs) {
    // A hold names a heterogeneous job by its leader; the other components are as much its own.
    const std::int64_t whole = info.het_job_id != 0 ? info.het_job_id : id;
    const bool ours =
        std::any_of(hold.jobs.begin(), hold.jobs.end(),
                    [whole, own = id](const HoldJob& j) { return j.id == whole || j.id == own; });
    if (ours || !has_one_of(info, hold)) continue;
    switch (node::stands(info.state, info.reason, true)) {
      case node::JobStands::running:
      case node::JobStands::suspended:
      case node::JobStands::leaving:
      case node::JobStands::starting:
        all.push_back(&info);
        break;
      default:
        break;
    }
  }
  return all;
}

Task<Result<void>> read_facts(slurm::Controller& controller, const std::vector<HoldRecord>& holds,
                              bool jobs_too, HoldFacts& facts) {
  std::set<std::string> names;
  for (const auto& hold : holds)
    for (const auto& n : hold.nodes) names.insert(n.node);
  std::vector<std::string> list(names.begin(), names.end());
  auto nodes = co_await controller.nodes(std::move(list));
  if (!nodes) co_return tl::unexpected(nodes.error());
  facts.nodes.clear();
  for (auto& info : *nodes) {
    std::string name = info.name;
    facts.nodes.emplace(std::move(name), std::move(info));
  }
  if (!jobs_too) co_return Result<void>{};
  std::vector<std::int64_t> all_jobs;
  auto jobs = co_await controller.jobs(std::move(all_jobs));
  if (!jobs) co_return tl::unexpected(jobs.error());
  facts.jobs.clear();
  for (auto& info : *jobs) {
    const std::int64_t id = info.id;
    facts.jobs.emplace(id, std::move(info));
  }
  facts.jobs_at = now();
  co_return Result<void>{};
}

}  // namespace tidepool
