#include "work/apply_plan.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

#include "base/hostlist.hpp"
#include "work/queue_snapshot.hpp"

namespace tidepool {
namespace {

using What = ConfChange::What;
using Names = std::vector<std::string>;

bool is_on(const slurm::JobInfo& job, const std::string& node) {
  return std::find(job.nodes.begin(), job.nodes.end(), node) != job.nodes.end();
}
bool has_nodes(const slurm::JobInfo& job) {
  return !has_ended(job) && !job.nodes.empty();
}

std::string ids(const std::vector<const slurm::JobInfo*>& jobs) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < jobs.size() && i < kMost; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", jobs[i]->id);
  if (jobs.size() > kMost) text += fmt::format(" and {} more", jobs.size() - kMost);
  return text;
}

class Planner {
 public:
  Planner(const ClusterPicture& picture, bool may_drain, ApplyPlan& plan)
      : picture_(picture), may_drain_(may_drain), plan_(plan) {}

  void run() {
    for (const auto& change : plan_.conf) judge(change);
    for (const auto& why : plan_.pool.refused) plan_.refused.push_back(why);
    if (!plan_.pool.only_empty.empty() && any_lease())
      for (const auto& why : plan_.pool.only_empty)
        plan_.refused.push_back(why + "; possible once no node has a lease");
    for (const auto& node : plan_.pool.removed) going_.insert(node);
    for (const auto& node : plan_.pool.moved) going_.insert(node);
    leave();
    named_nodes();
    for (const auto& hold : picture_.holds)
      for (const auto& node : hold.nodes) plan_.away.push_back(node.node);
    if (plan_.takes != Takes::nothing) touched();
  }

 private:
  std::vector<const slurm::JobInfo*> those(const auto& wanted) const {
    std::vector<const slurm::JobInfo*> out;
    for (const auto& job : picture_.jobs)
      if (!has_ended(job) && wanted(job)) out.push_back(&job);
    return out;
  }
  bool any_lease() const {
    return std::any_of(picture_.records.begin(), picture_.records.end(),
                       [](const auto& r) { return r.leased(); });
  }

  void judge(const ConfChange& change) {
    plan_.takes = std::max(plan_.takes, change.takes);
    if (change.takes == Takes::by_hand)
      plan_.refused.push_back(fmt::format(
          "{}: jobs would not survive this; stop slurmctld and do it by hand", change.key));
    if (change.takes == Takes::empty_cluster) {
      const auto running = those(has_nodes);
      if (!running.empty() || any_lease())
        plan_.refused.push_back(
            fmt::format("{}: only while no job runs or is held, and no node is up{}", change.key,
                        running.empty() ? "" : " (now there are jobs " + ids(running) + ")"));
    }
    if (change.what == What::node_removed)
      for (const auto& node : change.nodes) going_.insert(node);
    if (change.what == What::node_changed && change.cpus) {
      const auto on = those([&](const auto& job) {
        return std::any_of(change.nodes.begin(), change.nodes.end(),
                           [&](const auto& node) { return is_on(job, node); });
      });
      if (!on.empty())
        plan_.refused.push_back(fmt::format(
            "{}: Slurm ends jobs on nodes whose CPUs change, and jobs {} are on them: drain the "
            "nodes first, or give the change to other nodes",
            to_string(change), ids(on)));
    }
    if (change.what == What::partition_removed) {
      const auto in = those([&](const auto& job) { return in_partition(job, change.key); });
      if (!in.empty())
        plan_.refused.push_back(fmt::format(
            "partition {}: Slurm cancels the jobs of a partition that goes: {}; let them end, or "
            "move those that wait (scontrol update JobId=… Partition=…)",
            change.key, ids(in)));
    }
    if (change.what == What::partition_changed) {
      const auto waiting = those(
          [&](const auto& job) { return job.nodes.empty() && in_partition(job, change.key); });
      if (!waiting.empty())
        plan_.touched.push_back(
            fmt::format("{} waiting jobs in partition {}: judged by its new limits", waiting.size(),
                        change.key));
    }
  }

  static bool in_partition(const slurm::JobInfo& job, const std::string& name) {
    return ("," + job.partition + ",").find("," + name + ",") != std::string::npos;
  }

  // Nodes that go.
  void leave() {
    std::map<std::string, Names> by_use;
    for (const auto& node : going_)
      for (const auto& use : uses_of(node, picture_)) by_use[use].push_back(node);
    std::set<std::string> in_use;
    for (const auto& [use, nodes] : by_use) in_use.insert(nodes.begin(), nodes.end());
    plan_.to_drain.assign(in_use.begin(), in_use.end());
    sort_hosts(plan_.to_drain);
    for (const auto& [use, nodes] : by_use) {
      const auto text = fmt::format("{} {}", format_hostlist(nodes), use);
      if (may_drain_)
        plan_.touched.push_back(text + ": drained first, and waited for");
      else
        plan_.refused.push_back(text +
                                ", but goes or becomes another: --drain waits for it to be free");
    }
  }

  // Slurm fails a waiting job that asks for a node that it does not know.
  void named_nodes() {
    const auto asking = those([&](const auto& job) {
      return job.nodes.empty() &&
             std::any_of(job.required_nodes.begin(), job.required_nodes.end(),
                         [&](const auto& node) { return removed_from_slurm(node); });
    });
    if (!asking.empty())
      plan_.refused.push_back(fmt::format(
          "waiting jobs {} ask for nodes that go by name (-w), and Slurm would fail them",
          ids(asking)));
  }
  bool removed_from_slurm(const std::string& node) const {
    if (std::find(plan_.unmake.begin(), plan_.unmake.end(), node) != plan_.unmake.end())
      return true;
    return std::any_of(plan_.conf.begin(), plan_.conf.end(), [&](const auto& change) {
      return change.what == What::node_removed &&
             std::find(change.nodes.begin(), change.nodes.end(), node) != change.nodes.end();
    });
  }

  void touched() {
    const auto running =
        those([](const auto& job) { return has_nodes(job) && job.state != "SUSPENDED"; });
    const auto held = those([](const auto& job) { return job.state == "SUSPENDED"; });
    const auto waiting = those([](const auto& job) { return job.nodes.empty(); });
    const bool restart = plan_.takes >= Takes::restart;
    if (!running.empty())
      plan_.touched.push_back(fmt::format("{} running jobs: go on{}", running.size(),
                                          restart ? " while slurmctld restarts" : ""));
    if (!held.empty())
      plan_.touched.push_back(fmt::format(
          "{} suspended jobs: stay so{}", held.size(),
          plan_.away.empty() ? "" : "; held nodes get the new slurm.conf when they come back"));
    if (!waiting.empty())
      plan_.touched.push_back(fmt::format("{} waiting jobs: keep their places", waiting.size()));
  }

  const ClusterPicture& picture_;
  const bool may_drain_;
  ApplyPlan& plan_;
  std::set<std::string> going_;
};

}  // namespace

std::vector<std::string> uses_of(const std::string& node, const ClusterPicture& picture) {
  std::vector<std::string> uses;
  for (const auto& hold : picture.holds)
    if (std::any_of(hold.nodes.begin(), hold.nodes.end(),
                    [&](const auto& n) { return n.node == node; }))
      uses.push_back(fmt::format("is held (hold {})", hold.id));
  for (const auto& job : picture.jobs)
    if (has_nodes(job) && is_on(job, node))
      uses.push_back(fmt::format("has job {} ({})", job.id, job.state));
  for (const auto& record : picture.records)
    if (record.name == node && (record.leased() || record.wanted == Wanted::present))
      uses.push_back("has a lease");
  return uses;
}

ApplyPlan plan_apply(const ApplyFiles& files, const ClusterPicture& picture, SlurmVersion version,
                     bool may_drain) {
  ApplyPlan plan;
  plan.conf = conf_changes(files.conf_before, files.conf_after, version);
  plan.pool = pool_changes(files.pools_before, files.pools_after);
  if (files.pools_before.slurm.dynamic && files.pools_after.slurm.dynamic) {
    plan.make = plan.pool.added;
    plan.make.insert(plan.make.end(), plan.pool.moved.begin(), plan.pool.moved.end());
    plan.unmake = plan.pool.removed;
    plan.unmake.insert(plan.unmake.end(), plan.pool.moved.begin(), plan.pool.moved.end());
  }
  Planner(picture, may_drain, plan).run();
  return plan;
}

}  // namespace tidepool
