// reclaim: against a stored probe: can what it asks for be freed at all on this cloud?
#include <fmt/format.h>
#include <algorithm>
#include <functional>

#include "work/check_probe.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

using Released = std::optional<bool> ProbeReleases::*;

class ReclaimComparison {
 public:
  ReclaimComparison(const PoolFile& pools, const Pool& pool, const ProbeReport& report)
      : pools_(pools), pool_(pool), report_(report) {}

  std::vector<Diagnostic> run() {
    for (const auto& c : pools_.reclaim.classes) {
      const bool here = c.partitions.empty() || pool_.partition.empty() ||
                        std::find(c.partitions.begin(), c.partitions.end(), pool_.partition) !=
                            c.partitions.end();
      if (!here) continue;
      modes_ = c.modes.empty() ? pool_.hold.modes : c.modes;
      std::erase_if(modes_, [&](HoldMode m) { return !keeps_memory(m) && !c.may_requeue; });
      if (c.may_requeue) modes_.push_back(HoldMode::requeue);
      class_ = &c;
      headroom();
      if (pools_.reclaim.for_jobs) for_jobs();
    }
    return std::move(found_);
  }

 private:
  // Measured, and of no mode that may be used here.
  bool never(Released kind) const {
    return std::all_of(modes_.begin(), modes_.end(),
                       [&](HoldMode mode) { return judge(report_, mode).releases.*kind == false; });
  }

  std::string others(Released kind) const {
    std::string list;
    for (const auto mode : kHoldModes)
      if (judge(report_, mode).releases.*kind == true)
        list += fmt::format("{}{}{}", list.empty() ? "" : ", ", to_string(mode),
                            keeps_memory(mode) ? "" : " (with may_requeue: true)");
    return list.empty() ? "no mode does here" : "these do: " + list;
  }

  void add(Severity severity, const char* key, const std::string& what, std::string fix) {
    found_.push_back(
        {severity, pools_.path.string(), pools_.reclaim.line, 0, key,
         fmt::format("jobs of class {} on pool {} step aside by {}, {} (probe of {})", class_->name,
                     pool_.name, modes_.empty() ? "no mode" : format_hold_modes(modes_, ", "), what,
                     format_time(report_.at).substr(0, 10)),
         std::move(fix)});
  }

  void headroom() {
    const auto& h = pools_.reclaim.headroom;
    const auto one = [&](const Share& share, const char* key, Released kind, const char* word) {
      if (share == Share{} || !never(kind)) return;
      add(Severity::warning, key,
          fmt::format("which gives no {} back to the quota here: this headroom cannot be made",
                      word),
          others(kind));
    };
    one(h.instances, "reclaim.headroom.instances", &ProbeReleases::instances, "instances");
    one(h.cores, "reclaim.headroom.cores", &ProbeReleases::cores, "cores");
    one(h.ram_mib, "reclaim.headroom.ram", &ProbeReleases::ram, "memory");
  }

  void for_jobs() {
    if (never(&ProbeReleases::placement))
      add(Severity::warning, "reclaim.for_jobs",
          "which makes no room for another server here: a normal job that finds none gains nothing",
          others(&ProbeReleases::placement));
    else if (never(&ProbeReleases::cores))
      add(Severity::warning, "reclaim.for_jobs",
          "which gives no cores back to the quota here: a normal job that finds the quota full "
          "gains nothing",
          others(&ProbeReleases::cores));
    else if (never(&ProbeReleases::instances))
      add(Severity::note, "reclaim.for_jobs",
          "which gives no instances back to the quota here: let the quota of instances be larger "
          "than that of cores asks for",
          others(&ProbeReleases::instances));
  }

  const PoolFile& pools_;
  const Pool& pool_;
  const ProbeReport& report_;
  const OpportunisticClass* class_ = nullptr;
  std::vector<HoldMode> modes_;  // of class_, that may be used on pool_
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> compare_reclaim_with_probe(const PoolFile& pools, const Pool& pool,
                                                   const ProbeReport& report) {
  return ReclaimComparison(pools, pool, report).run();
}

}  // namespace tidepool
