#include "plan/model.hpp"

#include <algorithm>

#include "work/probe_verdict.hpp"
#include "work/reclaim_books.hpp"

namespace tidepool::plan {
namespace {

// Until a guest has written its memory, and until it has read it (docs/releases.md).
constexpr Millis kGuestSleeps{25'000}, kGuestWakes{15'000};

std::optional<Latency> measured(const ProbeReport& report, HoldMode mode) {
  const ProbeMeasure* m = report.find(step_of(mode));
  if (m == nullptr || !m->hold) return std::nullopt;
  Latency l{*m->hold + kOwnHalf, m->back.value_or(Millis(0)) + kOwnHalf, true};
  if (mode == HoldMode::hibernate) l.hold += kGuestSleeps, l.back += kGuestWakes;
  return l;
}

Amount times(const Amount& one, std::int64_t n) {
  return {one.instances * n, one.cores * n, one.ram_mib * n};
}
Amount larger(const Amount& a, const Amount& b) {
  return {std::max(a.instances, b.instances), std::max(a.cores, b.cores),
          std::max(a.ram_mib, b.ram_mib)};
}

bool is_opportunistic(const ReclaimSection& reclaim, const PlanPool& pool) {
  return std::any_of(reclaim.classes.begin(), reclaim.classes.end(), [&](const auto& c) {
    return std::find(c.partitions.begin(), c.partitions.end(), pool.partition) !=
           c.partitions.end();
  });
}

PlanPool make_pool(const Pool& pool, const std::optional<ProbeReport>& probe, Book book,
                   const ModelOptions& options) {
  PlanPool p;
  p.name = pool.name;
  p.partition = pool.partition;
  p.nodes = static_cast<int>(pool.nodes.size());
  p.modes = pool.hold.modes;
  p.max_held = pool.hold.max_held;
  p.node = {1, kUsualCores, kUsualRamMib};
  // A probe that was made for all pools need not be of this one's flavor.
  if (probe && probe->vcpus > 0 && probe->flavor == pool.flavor)
    p.node.cores = probe->vcpus, p.node.ram_mib = probe->ram_mib;
  if (options.cores_per_node > 0) p.node.cores = options.cores_per_node;
  if (options.ram_per_node_mib > 0) p.node.ram_mib = options.ram_per_node_mib;
  for (const auto mode : kHoldModes)
    p.frees[static_cast<std::size_t>(mode)] = freed_in(book, mode, p.node, probe);
  return p;
}

}  // namespace

Latency usual_latency(HoldMode mode) {
  using std::chrono::seconds;
  switch (mode) {
    case HoldMode::pause:
      return {seconds(6), seconds(6)};
    case HoldMode::suspend:
      return {seconds(15), seconds(10)};
    case HoldMode::hibernate:
      return {seconds(60), seconds(60)};
    case HoldMode::shelve:
      return {seconds(60), seconds(40)};
    case HoldMode::stop:
      return {seconds(60), seconds(30)};
    case HoldMode::snapshot:
      return {seconds(60), seconds(60)};
    case HoldMode::requeue:
      return {seconds(6), seconds(0)};
  }
  return {};
}

Model make_model(const PoolFile& file, const std::vector<std::optional<ProbeReport>>& probes,
                 const ModelOptions& options) {
  Model model;
  const auto first = std::find_if(probes.begin(), probes.end(), [](const auto& p) { return !!p; });
  // Nobody has measured the quota: what is short is the cloud's own room, as far as one can know.
  model.book = options.book.value_or(first == probes.end() ? Book::placement : Book::quota);
  model.reclaim = file.reclaim;
  model.poll_moving = file.policy.poll;
  model.all_or_nothing = file.policy.all_or_nothing;
  for (const auto mode : kHoldModes) {
    auto& latency = model.modes[static_cast<std::size_t>(mode)];
    latency = usual_latency(mode);
    if (first != probes.end())
      if (const auto known = measured(**first, mode)) latency = *known;
    if (mode == HoldMode::requeue) continue;
    if (options.hold) latency.hold = *options.hold;
    if (options.back) latency.back = *options.back;
  }
  model.remove = model.modes[static_cast<std::size_t>(HoldMode::requeue)].hold;
  model.boot = options.boot.value_or(model.boot);
  model.idle = options.idle.value_or(model.idle);
  model.late = options.late.value_or(model.late);
  Amount theirs, ours;
  for (std::size_t i = 0; i < file.pools.size(); ++i) {
    // What the cloud gives back for one pool's servers it gives back for another's.
    const bool own = probes[i].has_value();
    const auto& probe = own || first == probes.end() ? probes[i] : *first;
    model.pools.push_back(make_pool(file.pools[i], probe, model.book, options));
    const auto& p = model.pools.back();
    (is_opportunistic(file.reclaim, p) ? theirs : ours) += times(p.node, p.nodes);
  }
  model.room = larger(theirs, ours);
  model.room += kept_free(file.reclaim.headroom, model.room);
  if (options.instances) model.room.instances = *options.instances;
  if (options.cores) model.room.cores = *options.cores;
  if (options.ram_mib) model.room.ram_mib = *options.ram_mib;
  return model;
}

}  // namespace tidepool::plan
