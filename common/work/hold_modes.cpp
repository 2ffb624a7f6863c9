#include "work/hold_modes.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "config/job_wish.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

using Modes = std::vector<HoldMode>;

bool has(const Modes& modes, HoldMode mode) {
  return std::find(modes.begin(), modes.end(), mode) != modes.end();
}

// In the first list's order.
Modes common_to(const std::vector<Modes>& lists) {
  Modes common = lists.empty() ? Modes{} : lists.front();
  for (const auto& list : lists)
    std::erase_if(common, [&](HoldMode mode) { return !has(list, mode); });
  return common;
}

bool runs_on(const slurm::JobInfo& job, const Pool& pool) {
  return std::any_of(pool.nodes.begin(), pool.nodes.end(), [&](const PoolNode& node) {
    return std::find(job.nodes.begin(), job.nodes.end(), node.name) != job.nodes.end();
  });
}

std::vector<Modes> wanted_lists(const HoldGroup& group) {
  std::vector<Modes> lists;
  for (const auto* job : group.jobs) {
    const auto wish = read_job_wish(job->admin_comment).wish;
    if (!wish.modes.empty()) {
      lists.push_back(wish.modes);
      continue;
    }
    for (const auto* pool : group.pools)
      if (group.pools.size() == 1 || runs_on(*job, *pool)) lists.push_back(pool->hold.modes);
  }
  return lists;
}

// Why these jobs cannot go back to the queue; empty: they can.
std::string no_requeue(const HoldGroup& group) {
  for (const auto* job : group.jobs) {
    // The other components of a heterogeneous job have no script of their own.
    if (job->het_job_id != 0 && job->het_job_id != job->id) continue;
    if (job->batch_host.empty())
      return fmt::format("job {} is interactive (srun or salloc), it cannot be requeued",
                         slurm::name_of(*job));
    if (!job->requeueable)
      return fmt::format("job {} may not be requeued (Requeue=0)", slurm::name_of(*job));
  }
  return {};
}

std::string trouble_with(HoldMode mode, const Modes& before, const HoldSight& sight,
                         const HoldGroup& group) {
  if (!keeps_memory(mode)) {
    if (auto why = no_requeue(group); !why.empty()) return why;
  } else if (std::any_of(before.begin(), before.end(), [](auto m) { return !keeps_memory(m); })) {
    return fmt::format("it comes after {}, which loses the processes", to_string(before.back()));
  }
  for (const auto* pool : group.pools) {
    const auto it = sight.unusable.find(pool->name);
    if (it == sight.unusable.end()) continue;
    if (const auto why = it->second.find(mode); why != it->second.end())
      return fmt::format("pool {}: {}", pool->name, why->second);
  }
  return {};
}

}  // namespace

std::string jobs_in_words(const std::vector<const slurm::JobInfo*>& jobs) {
  if (jobs.size() == 1) return "job " + slurm::name_of(*jobs[0]);
  std::string words = "jobs";
  constexpr std::size_t kNamed = 6;
  const std::size_t named = jobs.size() > kNamed ? kNamed - 1 : jobs.size();
  for (std::size_t i = 0; i < named; ++i)
    words += fmt::format("{} {}",
                         i == 0                 ? ""
                         : i + 1 == jobs.size() ? " and"
                                                : ",",
                         slurm::name_of(*jobs[i]));
  if (named < jobs.size()) words += fmt::format(" and {} more", jobs.size() - named);
  return words;
}

ChosenModes choose_modes(const HoldRequest& request, const HoldSight& sight,
                         const HoldGroup& group) {
  ChosenModes chosen;
  const std::string who = jobs_in_words(group.jobs);
  const Modes list = request.modes.empty() ? common_to(wanted_lists(group)) : request.modes;
  if (list.empty()) {
    chosen.refusal = fmt::format(
        "{}: their owners' wishes and their pools have no hold mode in common; name one with "
        "--mode",
        who);
    return chosen;
  }
  std::string reasons;
  for (const HoldMode mode : list) {
    const std::string why = trouble_with(mode, chosen.modes, sight, group);
    if (why.empty()) {
      chosen.modes.push_back(mode);
      continue;
    }
    const std::string line = fmt::format("{}: {}", to_string(mode), why);
    reasons += (reasons.empty() ? "" : "; ") + line;
    chosen.notes.push_back(fmt::format("{}: without mode {}", who, line));
  }
  if (chosen.modes.empty()) {
    chosen.refusal = fmt::format(
        "{} cannot be held in mode {}; another one can be named with --mode", who, reasons);
    chosen.notes.clear();
    return chosen;
  }
  const bool needs_standin = chosen.modes.front() != HoldMode::requeue;
  if (needs_standin && !sight.standin.empty()) {
    chosen.modes.clear();
    chosen.refusal = fmt::format("{}: {}", who, sight.standin);
  }
  return chosen;
}

ModeTroubles mode_troubles(const Pool& pool, const std::optional<ProbeReport>& report,
                           const std::string& device) {
  ModeTroubles troubles;
  if (report)
    for (const auto mode : kHoldModes)
      if (const auto verdict = judge(*report, mode); verdict.usable == false)
        troubles[mode] = fmt::format(
            "it does not work on this cloud: {} (probe of {}; 'tidepool probe' "
            "asks again)",
            verdict.why_not, format_time(report->at).substr(0, 10));
  // A guest that is not prepared would be shut down, and its job with it.
  if (pool.guest.hibernate == GuestHibernate::no && pool.hold.hibernate_command.empty())
    troubles[HoldMode::hibernate] =
        "nothing says that its guests can hibernate; give the pool guest: {hibernate: true}, or "
        "image, or a hold.hibernate_command that refuses where they cannot";
  if (!device.empty())
    for (const auto mode : {HoldMode::pause, HoldMode::suspend, HoldMode::hibernate})
      troubles[mode] = fmt::format(
          "flavor {} has {}, a device of the host, whose state would be "
          "lost",
          pool.flavor, device);
  return troubles;
}

std::optional<Millis> choose_max_held(const HoldRequest& request, const HoldGroup& group) {
  if (request.max_held) return request.max_held;
  std::optional<Millis> shortest;
  const auto take = [&](std::optional<Millis> one) {
    if (one && (!shortest || *one < *shortest)) shortest = one;
  };
  for (const auto* job : group.jobs) take(read_job_wish(job->admin_comment).wish.max_held);
  for (const auto* pool : group.pools) take(pool->hold.max_held);
  return shortest;
}

}  // namespace tidepool
