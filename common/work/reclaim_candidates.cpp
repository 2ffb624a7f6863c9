#include "work/reclaim_candidates.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>
#include <set>

#include "base/hostlist.hpp"
#include "config/job_wish.hpp"
#include "work/hold_modes.hpp"
#include "work/reclaim_books.hpp"

namespace tidepool {
namespace {

using Job = slurm::JobInfo;

std::int64_t het_or_own(const Job& job) {
  return job.het_job_id != 0 ? job.het_job_id : job.id;
}

slurm::JobSpec spec_of(const Job& job) {
  if (job.het_job_id != 0) return {job.het_job_id, ""};
  if (job.array_job_id != 0) return {job.array_job_id, job.array_task};
  return {job.id, ""};
}

bool helps(const Amount& frees, const Amount& missing) {
  return (frees.instances > 0 && missing.instances > 0) || (frees.cores > 0 && missing.cores > 0) ||
         (frees.ram_mib > 0 && missing.ram_mib > 0);
}

// Frees some kind of what is missing of which `other` frees nothing.
bool helps_beyond(const Amount& frees, const Amount& other, const Amount& missing) {
  return (missing.instances > 0 && other.instances == 0 && frees.instances > 0) ||
         (missing.cores > 0 && other.cores == 0 && frees.cores > 0) ||
         (missing.ram_mib > 0 && other.ram_mib == 0 && frees.ram_mib > 0);
}

// Sets of jobs that hang together through nodes or as components of one heterogeneous job.
std::vector<std::vector<const Job*>> job_groups(const std::vector<Job>& jobs) {
  std::vector<const Job*> those;
  for (const auto& job : jobs)
    if (occupies_nodes(job)) those.push_back(&job);
  std::vector<std::size_t> parent(those.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::map<std::string, std::size_t> first;
  const auto tie = [&](const std::string& key, std::size_t i) {
    const auto [it, fresh] = first.try_emplace(key, i);
    if (!fresh) parent[root(i)] = root(it->second);
  };
  for (std::size_t i = 0; i < those.size(); ++i) {
    for (const auto& node : those[i]->nodes) tie(node, i);
    if (those[i]->het_job_id != 0) tie(fmt::format("/{}", those[i]->het_job_id), i);
  }
  std::map<std::size_t, std::vector<const Job*>> by_root;
  for (std::size_t i = 0; i < those.size(); ++i) by_root[root(i)].push_back(those[i]);
  std::vector<std::vector<const Job*>> groups;
  for (auto& [_, group] : by_root) {
    std::sort(group.begin(), group.end(), [](auto* a, auto* b) { return a->id < b->id; });
    groups.push_back(std::move(group));
  }
  return groups;
}

class Maker {
 public:
  Maker(const PoolFile& pools, const ReclaimSight& sight, const ReclaimNeed& need, Time at)
      : pools_(pools), sight_(sight), need_(need), at_(at) {
    for (const auto& hold : sight.hold.holds)
      for (const auto& node : hold.nodes) held_.insert(node.node);
    for (const auto& node : sight.idle) held_.insert(node.node);
    for (const auto& record : sight.hold.records) records_[record.name] = &record;
  }

  ReclaimCandidates run() {
    for (const auto& group : job_groups(sight_.hold.jobs)) add_jobs(group);
    std::set<std::string> busy;
    for (const auto& job : sight_.hold.jobs)
      if (occupies_nodes(job)) busy.insert(job.nodes.begin(), job.nodes.end());
    for (const auto& info : sight_.hold.nodes)
      if (!busy.contains(info.name)) add_idle(info);
    return std::move(found_);
  }

 private:
  const OpportunisticClass* class_for(const Job& job) const {
    return class_of(pools_.reclaim, job.partition, job.qos, job.account);
  }

  void add_jobs(const std::vector<const Job*>& jobs) {
    const bool any = std::any_of(jobs.begin(), jobs.end(), [&](auto* job) {
      return class_for(*job) != nullptr &&
             (need_.partition.empty() || job->partition == need_.partition);
    });
    if (!any) return;
    HoldGroup group;
    group.jobs = jobs;
    std::set<std::string> nodes;
    for (const auto* job : jobs) nodes.insert(job->nodes.begin(), job->nodes.end());
    // On its way out, away, or on its way back: no part of this.
    for (const auto& node : nodes)
      if (held_.contains(node)) return;
    group.nodes.assign(nodes.begin(), nodes.end());
    sort_hosts(group.nodes);
    for (const auto& node : group.nodes)
      if (const auto* pool = pools_.find(node).pool;
          pool != nullptr &&
          std::find(group.pools.begin(), group.pools.end(), pool) == group.pools.end())
        group.pools.push_back(pool);

    node::Candidate c;
    c.nodes = group.nodes;
    ReclaimWay way;
    for (const auto* job : jobs) {
      if (job->het_job_id == 0 || job->het_job_id == job->id) {
        c.jobs.push_back(job->id);
        way.jobs.push_back(spec_of(*job));
      }
      if (c.why_not.empty()) c.why_not = trouble_with_job(*job);
    }
    if (c.why_not.empty()) c.why_not = trouble_with_nodes(group);
    if (c.why_not.empty()) {
      weigh(jobs, c, way);
      choose_way(group, c, way);
    }
    found_.all.push_back(std::move(c));
    found_.ways.push_back(std::move(way));
  }

  std::string trouble_with_job(const Job& job) const {
    const std::string name = slurm::name_of(job);
    if (class_for(job) == nullptr)
      return fmt::format("shares a node with job {}, which is not opportunistic", name);
    if (!need_.partition.empty() && job.partition != need_.partition)
      return fmt::format("shares a node with job {} of partition {}", name, job.partition);
    if (const auto it = need_.refused.find(het_or_own(job)); it != need_.refused.end())
      return it->second;
    if (job.state != "RUNNING") return fmt::format("job {} is {}", name, job.state);
    if (read_job_wish(job.admin_comment).wish.no_hold)
      return fmt::format("job {} was submitted with --no-hold", name);
    return {};
  }

  std::string trouble_with_nodes(const HoldGroup& group) const {
    for (const auto& node : group.nodes) {
      const auto* pool = pools_.find(node).pool;
      if (pool == nullptr) return fmt::format("node {} is in no pool", node);
      const auto size = sight_.pools.find(pool->name);
      if (size == sight_.pools.end())
        return fmt::format("the cloud has no flavor '{}' of pool {}", pool->flavor, pool->name);
    }
    return {};
  }

  void weigh(const std::vector<const Job*>& jobs, node::Candidate& c, ReclaimWay& way) const {
    bool first = true;
    for (const auto* job : jobs) {
      const auto& rules = *class_for(*job);
      Time began = from_millis(job->start_time_s * 1000);
      int holds = 0;
      if (const auto it = sight_.history.find(het_or_own(*job)); it != sight_.history.end()) {
        began = std::max(began, it->second.back);
        holds = it->second.holds;
      }
      const Millis ran = std::max(Millis(0), at_ - began);
      c.priority = first ? rules.priority : std::max(c.priority, rules.priority);
      c.ran = first ? ran : std::min(c.ran, ran);
      c.holds = std::max(c.holds, holds);
      c.min_run = std::max(c.min_run, rules.min_run);
      if (rules.max_holds > 0)
        c.max_holds = c.max_holds == 0 ? rules.max_holds : std::min(c.max_holds, rules.max_holds);
      c.at_stake += job->run_time_s * std::max(1, job->cpus);
      if (first) way.class_name = rules.name;
      // The pool's limit stands unless the class has one; an owner's shorter wish stands always.
      if (rules.max_held && (!way.max_held || *rules.max_held < *way.max_held))
        way.max_held = rules.max_held;
      first = false;
    }
    if (!way.max_held) return;
    for (const auto* job : jobs)
      if (const auto wish = read_job_wish(job->admin_comment).wish.max_held; wish)
        way.max_held = std::min<Millis>(*way.max_held, *wish);
  }

  Amount freed_by(const HoldGroup& group, HoldMode mode) const {
    Amount all;
    for (const auto& node : group.nodes) {
      const auto& pool = sight_.pools.at(pools_.find(node).pool->name);
      all += freed_in(need_.book, mode, pool.size, pool.probe);
    }
    return all;
  }

  // The modes of the first class that names some: of jobs that share nodes, what all classes name.
  std::vector<HoldMode> class_modes(const HoldGroup& group) const {
    std::vector<HoldMode> modes;
    for (const auto* job : group.jobs) {
      const auto& own = class_for(*job)->modes;
      if (own.empty()) continue;
      if (modes.empty())
        modes = own;
      else
        std::erase_if(
            modes, [&](HoldMode m) { return std::find(own.begin(), own.end(), m) == own.end(); });
    }
    return modes;
  }

  void choose_way(const HoldGroup& group, node::Candidate& c, ReclaimWay& way) const {
    HoldRequest request;
    request.modes = class_modes(group);
    const auto usable = choose_modes(request, sight_.hold, group);
    const bool may_lose = std::all_of(group.jobs.begin(), group.jobs.end(),
                                      [&](auto* job) { return class_for(*job)->may_requeue; });
    std::vector<HoldMode> keep, lose;
    for (const auto mode : usable.modes)
      if (helps(freed_by(group, mode), need_.missing))
        (keeps_memory(mode) ? keep : lose).push_back(mode);
    if (may_lose && std::find(lose.begin(), lose.end(), HoldMode::requeue) == lose.end()) {
      HoldRequest last;
      last.modes = {HoldMode::requeue};
      if (!choose_modes(last, sight_.hold, group).modes.empty() &&
          helps(freed_by(group, HoldMode::requeue), need_.missing))
        lose.push_back(HoldMode::requeue);
    }
    if (!may_lose) lose.clear();
    const bool take_work =
        !lose.empty() &&
        (keep.empty() ||
         (need_.whole && helps_beyond(freed_by(group, lose.back()), freed_by(group, keep.front()),
                                      need_.missing)));
    if (take_work) {
      // The last one frees the most: requeue, where it stands.
      way.modes = need_.whole ? std::vector<HoldMode>(1, lose.back()) : lose;
      c.loses_work = true;
    } else {
      way.modes = keep;
    }
    if (!way.modes.empty()) {
      c.frees = freed_by(group, way.modes.front());
      return;
    }
    if (usable.modes.empty()) {
      c.why_not = usable.refusal;
      return;
    }
    const auto& probe = sight_.pools.at(group.pools.front()->name).probe;
    for (const auto mode : usable.modes) {
      if (!c.why_not.empty()) c.why_not += "; ";
      if (!keeps_memory(mode) && helps(freed_by(group, mode), need_.missing))
        c.why_not += fmt::format("{} loses its work, and may_requeue is false", to_string(mode));
      else if (freed_by(group, mode).none())
        c.why_not += frees_nothing(need_.book, mode, probe);
      else
        c.why_not += fmt::format("{} frees nothing of what is missing", to_string(mode));
    }
  }

  void add_idle(const slurm::NodeInfo& info) {
    if (info.state != "IDLE" || held_.contains(info.name)) return;
    for (const char* flag :
         {"DRAIN", "POWERED_DOWN", "POWERING_DOWN", "POWER_DOWN", "POWERING_UP", "POWER_UP",
          "NOT_RESPONDING", "COMPLETING", "RESERVED", "MAINTENANCE", "FAIL"})
      if (info.has(flag)) return;
    const auto* pool = pools_.find(info.name).pool;
    const auto record = records_.find(info.name);
    if (pool == nullptr || record == records_.end()) return;
    const auto& r = *record->second;
    // What a person has made by hand is no business of Slurm's.
    if (r.wanted != Wanted::present || !r.registered || r.server_id.empty() || r.failure ||
        r.want_by == "operator")
      return;
    std::size_t partitions = 0;
    bool asked = need_.partition.empty();
    for (std::string_view rest = info.partitions; !rest.empty();) {
      const auto comma = rest.find(',');
      const std::string one(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      // A node that others' jobs may use as well is left to them.
      if (!is_opportunistic(pools_.reclaim, one)) return;
      asked = asked || one == need_.partition;
      ++partitions;
    }
    const auto size = sight_.pools.find(pool->name);
    if (partitions == 0 || !asked || size == sight_.pools.end()) return;
    node::Candidate c;
    c.nodes = {info.name};
    c.frees = freed_by_idle(need_.book, *pool, size->second.size, size->second.probe);
    if (!helps(c.frees, need_.missing))
      c.why_not = fmt::format(
          "it is idle, but pool {} puts idle nodes away by {}, which frees "
          "nothing of what is missing",
          pool->name, to_string(pool->on_suspend));
    found_.all.push_back(std::move(c));
    found_.ways.emplace_back();
  }

  const PoolFile& pools_;
  const ReclaimSight& sight_;
  const ReclaimNeed& need_;
  const Time at_;
  std::set<std::string> held_;
  std::map<std::string, const NodeRecord*> records_;
  ReclaimCandidates found_;
};

}  // namespace

ReclaimCandidates reclaim_candidates(const PoolFile& pools, const ReclaimSight& sight,
                                     const ReclaimNeed& need, Time at) {
  return Maker(pools, sight, need, at).run();
}

ReclaimChoice choose_for(const PoolFile& pools, const ReclaimSight& sight, ReclaimNeed need,
                         Time at) {
  ReclaimChoice choice;
  need.whole = false;
  choice.candidates = reclaim_candidates(pools, sight, need, at);
  choice.victims = node::choose_victims(need.missing, choice.candidates.all);
  if (choice.victims.enough) return choice;
  need.whole = true;
  ReclaimChoice whole;
  whole.candidates = reclaim_candidates(pools, sight, need, at);
  whole.victims = node::choose_victims(need.missing, whole.candidates.all);
  return whole.victims.enough ? whole : choice;
}

std::string candidate_in_words(const node::Candidate& c) {
  if (c.jobs.empty()) return "idle node " + format_hostlist(c.nodes);
  std::string ids;
  for (const auto id : c.jobs) ids += fmt::format("{}{}", ids.empty() ? "" : ",", id);
  return fmt::format("job{} {} on {}", c.jobs.size() == 1 ? "" : "s", ids,
                     format_hostlist(c.nodes));
}

}  // namespace tidepool
