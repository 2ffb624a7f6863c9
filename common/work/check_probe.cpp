#include "work/check_probe.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

#include "work/probe_file.hpp"
#include "work/probe_verdict.hpp"
#include "work/reclaim_sight.hpp"

namespace tidepool {
namespace {

constexpr Millis kOld = std::chrono::hours(24 * 180);

class Comparison {
 public:
  Comparison(const PoolFile& pools, const Pool& pool, const ProbeReport& report)
      : pools_(pools), pool_(pool), report_(report), date_(format_time(report.at).substr(0, 10)) {}

  void add(Severity severity, const char* key, std::string what, std::string fix) {
    found_.push_back({severity, pools_.path.string(), pool_.line, 0,
                      fmt::format("pools.{}.{}", pool_.name, key),
                      fmt::format("{} (probe of {})", what, date_), std::move(fix)});
  }

  void hold() {
    bool any = false;
    for (const auto mode : pool_.hold.modes) any |= judge(report_, mode).usable != false;
    for (const auto mode : pool_.hold.modes) {
      const ModeVerdict v = judge(report_, mode);
      if (v.usable == false)
        add(any ? Severity::warning : Severity::error, "hold.mode",
            fmt::format("pool {} holds by {}, which does not work on this cloud: {}", pool_.name,
                        to_string(mode), v.why_not),
            "usable here: " + usable());
      else if (mode == HoldMode::shelve || mode == HoldMode::hibernate)
        shelved(mode, v);
      else if (pool_.hold.preemptible &&
               (mode == HoldMode::pause || mode == HoldMode::suspend || mode == HoldMode::stop))
        kept(mode, v);
    }
  }

  void on_suspend() {
    std::optional<ProbeStep> step;
    if (pool_.on_suspend == OnSuspend::stop) step = ProbeStep::stop;
    if (pool_.on_suspend == OnSuspend::shelve) step = ProbeStep::shelve;
    if (pool_.on_suspend == OnSuspend::suspend) step = ProbeStep::suspend;
    const ProbeMeasure* m = step ? report_.find(*step) : nullptr;
    if (m == nullptr || m->outcome == ProbeOutcome::done || m->outcome == ProbeOutcome::not_tried)
      return;
    add(Severity::error, "on_suspend",
        fmt::format(
            "idle nodes of pool {} are put away by {}, which does not work on this cloud: {}",
            pool_.name, to_string(pool_.on_suspend), m->why),
        "write on_suspend: delete");
  }

  std::vector<Diagnostic> found() { return std::move(found_); }

 private:
  std::string usable() const {
    std::string list;
    for (const auto mode : kHoldModes)
      if (judge(report_, mode).usable == true)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", to_string(mode));
    return list.empty() ? "none" : list;
  }

  // These modes are chosen for what they give back.
  void shelved(HoldMode mode, const ModeVerdict& v) {
    if (v.releases.placement == false)
      add(Severity::warning, "hold.mode",
          fmt::format("pool {} holds by {}, but shelved servers keep their room on the hypervisor "
                      "here",
                      pool_.name, to_string(mode)),
          "the cloud's operator decides: nova's shelved_offload_time = 0; or snapshot, which frees "
          "all");
    if (v.releases.cores == false)
      add(Severity::warning, "hold.mode",
          fmt::format("pool {} holds by {}, but this cloud's quota still counts shelved servers",
                      pool_.name, to_string(mode)),
          "the cloud's operator decides: nova's [quota] count_usage_from_placement and "
          "shelved_offload_time = 0; or snapshot, which frees all");
    else if (v.releases.cores == true && v.releases.instances == false)
      add(Severity::note, "hold.mode",
          fmt::format("servers of pool {} that are held by {} give cores and memory back to the "
                      "quota, but still count as instances",
                      pool_.name, to_string(mode)),
          "let the quota of instances be larger than that of cores asks for");
  }

  void kept(HoldMode mode, const ModeVerdict& v) {
    if (v.releases.cores != false) return;
    add(Severity::note, "hold.mode",
        fmt::format("pool {} is preemptible and holds by {}, which gives no quota back on this "
                    "cloud: others get the hypervisor's time, not room for servers of their own",
                    pool_.name, to_string(mode)),
        "");
  }

  const PoolFile& pools_;
  const Pool& pool_;
  const ProbeReport& report_;
  std::string date_;
  std::vector<Diagnostic> found_;
};

// Something in the pool depends on what a probe finds out.
bool wants_probe(const PoolFile& pools, const Pool& pool) {
  const auto reclaimed = pools_of_classes(pools);
  return std::find(reclaimed.begin(), reclaimed.end(), &pool) != reclaimed.end() ||
         pool.hold.preemptible || pool.hold.modes != std::vector<HoldMode>{HoldMode::suspend};
}

}  // namespace

std::vector<Diagnostic> compare_with_probe(const PoolFile& pools, const Pool& pool,
                                           const ProbeReport& report, const std::string& cloud,
                                           Time at) {
  Comparison c(pools, pool, report);
  if (report.cloud != cloud || report.cluster != pools.cluster) {
    c.add(Severity::note, "hold",
          fmt::format("the stored probe is of cloud {} and cluster {}: it says nothing here",
                      report.cloud, report.cluster),
          fmt::format("tidepool probe --pool {}", pool.name));
    return c.found();
  }
  if (at - report.at > kOld)
    c.add(Severity::note, "hold",
          fmt::format("the probe is {} old", rough_duration(at - report.at)),
          fmt::format("tidepool probe --pool {}", pool.name));
  c.hold();
  c.on_suspend();
  auto found = c.found();
  for (auto& d : compare_reclaim_with_probe(pools, pool, report)) found.push_back(std::move(d));
  return found;
}

std::vector<Diagnostic> check_probes(const PoolFile& pools, const std::string& cloud) {
  std::vector<Diagnostic> all;
  for (const auto& pool : pools.pools) {
    const auto add = [&](Severity severity, std::string what, std::string fix) {
      all.push_back({severity, pools.path.string(), pool.line, 0, "pools." + pool.name + ".hold",
                     std::move(what), std::move(fix)});
    };
    auto report = load_probe(pools.state.dir, pool.name);
    if (!report) {
      // Whoever checks a file need not be able to read the state folder.
      const bool broken = report.error().kind == ErrorKind::invalid;
      add(broken ? Severity::warning : Severity::note, report.error().message, "");
    } else if (*report) {
      for (auto& d : compare_with_probe(pools, pool, **report, cloud, now()))
        all.push_back(std::move(d));
    } else if (wants_probe(pools, pool)) {
      add(Severity::note, "what this cloud gives back when a server is held is not known",
          fmt::format("tidepool probe --pool {}", pool.name));
    }
  }
  return all;
}

}  // namespace tidepool
