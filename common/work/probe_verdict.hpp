// What a probe's measurements mean. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/pool_file.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

// Each: yes, no, or nullopt: the measurements do not say.
struct ProbeReleases {
  std::optional<bool> instances, cores, ram;  // of the project's quota
  std::optional<bool> placement;              // the hypervisor's room
  bool placement_by_contract = false;         // not visible to us: what Nova's states mean
  bool operator==(const ProbeReleases&) const = default;
};

struct StepVerdict {
  std::optional<bool> keeps_processes;
  bool by_contract = false;  // of keeps_processes: Nova's documentation says so, nobody looked
  std::optional<bool> keeps_address;
  ProbeReleases releases;
};
// `flavor` sizes come from the report: a quota is released when its use fell by what the server is.
StepVerdict judge(const ProbeReport& report, const ProbeMeasure& measure);

struct ModeVerdict {
  HoldMode mode = HoldMode::suspend;
  std::optional<bool> usable;  // nullopt: not measured
  std::string why_not;         // empty when usable
  std::string remark;          // what one should know all the same; empty: nothing
  std::optional<bool> keeps_processes;
  ProbeReleases releases;
};
inline constexpr std::array kHoldModes{HoldMode::pause,  HoldMode::suspend, HoldMode::hibernate,
                                       HoldMode::shelve, HoldMode::stop,    HoldMode::snapshot,
                                       HoldMode::requeue};
ModeVerdict judge(const ProbeReport& report, HoldMode mode);

// The step that does a mode's work in the cloud: hibernate's is shelve, requeue's is delete.
ProbeStep step_of(HoldMode mode);

}  // namespace tidepool
