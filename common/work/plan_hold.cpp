#include "work/plan_hold.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>

#include "base/hostlist.hpp"
#include "config/job_wish.hpp"
#include "work/hold_modes.hpp"
#include "work/hold_nodes.hpp"

namespace tidepool {
namespace {

using Jobs = std::vector<const slurm::JobInfo*>;

bool waits(const slurm::JobInfo& job) {
  return job.state == "PENDING" || job.state == "REQUEUED" || job.state == "REQUEUE_HOLD" ||
         job.state == "REQUEUE_FED" || job.state == "SPECIAL_EXIT" || job.state == "RESV_DEL_HOLD";
}

bool has_ended(const slurm::JobInfo& job) {
  for (const char* state :
       {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL",
        "DEADLINE", "OUT_OF_MEMORY", "REVOKED", "LAUNCH_FAILED", "RECONFIG_FAIL"})
    if (job.state == state) return true;
  return false;
}

// Jobs by node, of those that occupy nodes.
using ByNode = std::map<std::string, Jobs, std::less<>>;

ByNode by_node_of(const std::vector<slurm::JobInfo>& jobs) {
  ByNode by_node;
  for (const auto& job : jobs)
    if (occupies_nodes(job))
      for (const auto& node : job.nodes) by_node[node].push_back(&job);
  return by_node;
}

// The jobs given, and all that share nodes with one of the set, or are of the same heterogeneous
// job.
std::set<const slurm::JobInfo*> closure(std::set<const slurm::JobInfo*> set, const ByNode& by_node,
                                        const std::vector<slurm::JobInfo>& all) {
  Jobs todo(set.begin(), set.end());
  while (!todo.empty()) {
    const auto* job = todo.back();
    todo.pop_back();
    const auto add = [&](const slurm::JobInfo* other) {
      if (set.insert(other).second) todo.push_back(other);
    };
    for (const auto& node : job->nodes)
      if (const auto it = by_node.find(node); it != by_node.end())
        for (const auto* other : it->second) add(other);
    if (job->het_job_id == 0) continue;
    for (const auto& other : all)
      if (other.het_job_id == job->het_job_id && occupies_nodes(other)) add(&other);
  }
  return set;
}

class Planner {
 public:
  Planner(const PoolFile& pools, const HoldRequest& request, const HoldSight& sight, Time at)
      : pools_(pools), request_(request), sight_(sight), at_(at), by_node_(by_node_of(sight.jobs)) {
    for (const auto& hold : sight.holds) {
      for (const auto& job : hold.jobs) hold_of_job_[job.id] = &hold;
      for (const auto& node : hold.nodes) hold_of_node_[node.node] = &hold;
    }
  }

  HoldPlan run() {
    for (const auto& spec : request_.jobs) by_job(spec);
    for (const auto& node : request_.nodes) by_node(node);
    if (!plan_.refusals.empty()) return std::move(plan_);
    const auto asked = asked_;
    const auto whole = closure(asked_, by_node_, sight_.jobs);
    for (const auto* job : sorted(whole))
      if (!asked.contains(job)) sharer(*job, asked);
    if (!plan_.refusals.empty()) return std::move(plan_);
    for (auto& group : groups(whole)) plan(group);
    if (!plan_.refusals.empty()) plan_.holds.clear();
    return std::move(plan_);
  }

 private:
  void refuse(std::string what) {
    // Two words for one job (12 and its node) lead to the same refusal.
    if (std::find(plan_.refusals.begin(), plan_.refusals.end(), what) == plan_.refusals.end())
      plan_.refusals.push_back(std::move(what));
  }

  static Jobs sorted(const std::set<const slurm::JobInfo*>& set) {
    Jobs jobs(set.begin(), set.end());
    std::sort(jobs.begin(), jobs.end(), [](auto* a, auto* b) { return a->id < b->id; });
    return jobs;
  }

  const HoldRecord* hold_of(const slurm::JobInfo& job) const {
    const auto it = hold_of_job_.find(job.het_job_id != 0 ? job.het_job_id : job.id);
    return it == hold_of_job_.end() ? nullptr : it->second;
  }

  // Why a job of that state cannot be held; empty: it runs.
  std::string why_not(const slurm::JobInfo& job) const {
    const std::string name = slurm::name_of(job);
    if (const auto* hold = hold_of(job)) {
      const bool back = hold->wanted == HoldWanted::released;
      return fmt::format("job {} is in hold {} already ({}){}", name, hold->id,
                         to_string(hold->step),
                         back ? ", on its way back; hold it again when it runs" : "");
    }
    if (job.state == "RUNNING") return {};
    if (waits(job))
      return fmt::format(
          "job {} is pending: nothing of it runs yet; 'scontrol hold {}' keeps it "
          "in the queue",
          name, name);
    if (job.state == "CONFIGURING")
      return fmt::format(
          "job {} is configuring: its nodes are still booting; try again when it runs", name);
    if (job.state == "COMPLETING")
      return fmt::format("job {} is completing; try again when it has left its nodes", name);
    if (job.state == "SUSPENDED")
      return fmt::format("job {} has been suspended by somebody else; 'scontrol resume {}' first",
                         name, name);
    if (has_ended(job)) return fmt::format("job {} has ended ({})", name, job.state);
    return fmt::format("job {} is {}: only a running job can be held", name, job.state);
  }

  void by_job(const slurm::JobSpec& spec) {
    Jobs found;
    for (const auto& job : sight_.jobs)
      if (slurm::matches(spec, job)) found.push_back(&job);
    if (found.empty()) return unknown(spec);
    const bool array = spec.task.empty() && found.front()->array_job_id == spec.id;
    if (!array) return one(*found.front());
    // Each running task is a hold of its own; the others are left as they are.
    std::size_t running = 0;
    std::string others;
    for (const auto* job : found) {
      auto why = why_not(*job);
      if (why.empty()) {
        ++running;
        asked_.insert(job);
      } else if (!has_ended(*job)) {
        others += (others.empty() ? "" : "; ") + why;
      }
    }
    if (running == 0)
      refuse(fmt::format("no task of job array {} runs{}", spec.id,
                         others.empty() ? "" : ": " + others));
    else if (!others.empty())
      plan_.notes.push_back("left out: " + others);
  }

  void unknown(const slurm::JobSpec& spec) {
    for (const auto& job : sight_.jobs)
      if (!spec.task.empty() && job.array_job_id == spec.id && waits(job) &&
          job.array_task.find_first_not_of("0123456789") != std::string::npos)
        return refuse(fmt::format("task {} does not run; tasks {} of the array are pending",
                                  spec.str(), job.array_task));
    refuse(fmt::format("slurmctld knows no job {}; see 'squeue'", spec.str()));
  }

  void one(const slurm::JobInfo& job) {
    if (job.het_job_id != 0) return whole_het(job.het_job_id);
    if (auto why = why_not(job); !why.empty()) return refuse(std::move(why));
    asked_.insert(&job);
  }

  // slurmctld suspends a heterogeneous job through its first component, and only as a whole.
  void whole_het(std::int64_t leader) {
    for (const auto& job : sight_.jobs) {
      if (job.het_job_id != leader) continue;
      if (auto why = why_not(job); !why.empty())
        return refuse(fmt::format("heterogeneous job {} is held whole, but {}", leader, why));
      asked_.insert(&job);
    }
  }

  void by_node(const std::string& name) {
    if (pools_.find(name).pool == nullptr)
      return refuse(fmt::format("node {} is in no pool of {}", name, pools_.path.string()));
    if (const auto it = hold_of_node_.find(name); it != hold_of_node_.end())
      return refuse(fmt::format("node {} is in hold {} already ({})", name, it->second->id,
                                to_string(it->second->step)));
    const auto it = by_node_.find(name);
    if (it == by_node_.end())
      return refuse(
          fmt::format("no job runs on node {}: there is nothing to hold; 'scontrol update "
                      "NodeName={} State=DRAIN' keeps jobs away",
                      name, name));
    for (const auto* job : it->second) one(*job);
  }

  // A job that was not asked for, on a node of one that was.
  void sharer(const slurm::JobInfo& job, const std::set<const slurm::JobInfo*>& asked) {
    if (request_.all_jobs) {
      if (auto why = why_not(job); !why.empty())
        refuse(fmt::format("{}, and it shares nodes with a job that shall be held", why));
      return;
    }
    for (const auto& node : job.nodes) {
      const auto it = by_node_.find(node);
      if (it == by_node_.end()) continue;
      for (const auto* other : it->second)
        if (asked.contains(other))
          return refuse(fmt::format(
              "node {} of job {} is shared with job {} of {}, which would stop too; hold it as "
              "well with --all-jobs",
              node, slurm::name_of(*other), slurm::name_of(job), job.user));
    }
    // Shares with a sharer only: that one has been refused.
  }

  // Jobs that hang together through nodes, each such set one hold.
  std::vector<HoldGroup> groups(std::set<const slurm::JobInfo*> left) const {
    std::vector<HoldGroup> all;
    for (const auto* first : sorted(left)) {
      if (!left.contains(first)) continue;
      HoldGroup group;
      std::set<std::string> nodes;
      for (const auto* job : sorted(closure({first}, by_node_, sight_.jobs))) {
        left.erase(job);
        group.jobs.push_back(job);
        nodes.insert(job->nodes.begin(), job->nodes.end());
      }
      group.nodes.assign(nodes.begin(), nodes.end());
      sort_hosts(group.nodes);
      all.push_back(std::move(group));
    }
    return all;
  }

  void plan(HoldGroup& group) {
    const std::size_t before = plan_.refusals.size();
    for (const auto* job : group.jobs)
      if (!request_.force && read_job_wish(job->admin_comment).wish.no_hold)
        refuse(
            fmt::format("job {} of {} was submitted with --no-hold; --force holds it all the same",
                        slurm::name_of(*job), job->user));
    HoldRecord record;
    for (const auto& name : group.nodes) {
      const auto place = pools_.find(name);
      if (place.pool == nullptr) {
        refuse(fmt::format("{} also on node {}, which is in no pool of {}: a job is held whole",
                           jobs_in_words(group.jobs) + (group.jobs.size() == 1 ? " runs" : " run"),
                           name, pools_.path.string()));
        continue;
      }
      if (std::find(group.pools.begin(), group.pools.end(), place.pool) == group.pools.end())
        group.pools.push_back(place.pool);
      auto node = plan_node(pools_, sight_, name);
      if (node)
        record.nodes.push_back(std::move(*node));
      else
        refuse(node.error().message);
    }
    if (plan_.refusals.size() != before) return;
    auto chosen = choose_modes(request_, sight_, group);
    plan_.notes.insert(plan_.notes.end(), chosen.notes.begin(), chosen.notes.end());
    if (chosen.modes.empty()) return refuse(std::move(chosen.refusal));
    record.modes = std::move(chosen.modes);
    record.max_held = choose_max_held(request_, group);
    record.want_by = request_.by;
    record.want_since = record.step_since = at_;
    for (const auto* job : group.jobs)
      if (job->het_job_id == 0 || job->het_job_id == job->id)
        record.jobs.push_back({job->id, job->name, job->user});
    plan_.holds.push_back(std::move(record));
  }

  const PoolFile& pools_;
  const HoldRequest& request_;
  const HoldSight& sight_;
  const Time at_;
  const ByNode by_node_;
  std::map<std::int64_t, const HoldRecord*> hold_of_job_;
  std::map<std::string, const HoldRecord*, std::less<>> hold_of_node_;
  std::set<const slurm::JobInfo*> asked_;
  HoldPlan plan_;
};

}  // namespace

bool occupies_nodes(const slurm::JobInfo& job) {
  return !job.nodes.empty() && !waits(job) && !has_ended(job);
}

std::vector<std::string> nodes_to_look_at(const HoldRequest& request,
                                          const std::vector<slurm::JobInfo>& jobs) {
  const auto by_node = by_node_of(jobs);
  std::set<const slurm::JobInfo*> asked;
  for (const auto& job : jobs)
    if (occupies_nodes(job) &&
        std::any_of(request.jobs.begin(), request.jobs.end(),
                    [&](const auto& spec) { return slurm::matches(spec, job); }))
      asked.insert(&job);
  std::set<std::string> names;
  for (const auto& node : request.nodes) {
    names.insert(node);
    if (const auto it = by_node.find(node); it != by_node.end())
      asked.insert(it->second.begin(), it->second.end());
  }
  for (const auto* job : closure(std::move(asked), by_node, jobs))
    names.insert(job->nodes.begin(), job->nodes.end());
  return {names.begin(), names.end()};
}

HoldPlan plan_holds(const PoolFile& pools, const HoldRequest& request, const HoldSight& sight,
                    Time at) {
  return Planner(pools, request, sight, at).run();
}

}  // namespace tidepool
