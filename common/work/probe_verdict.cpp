#include "work/probe_verdict.hpp"

#include <fmt/format.h>

namespace tidepool {
namespace {

using Known = std::optional<bool>;

// Did the use of one quota fall by `size` while the server was held? Of the two pairs of moments,
// before and during, during and after, one without others' doings in between is enough.
Known fell(const ProbeMeasure& m, int openstack::Limits::*used, int size) {
  if (!m.during || size <= 0) return std::nullopt;
  const auto compare = [&](const std::optional<ProbeMoment>& with) -> Known {
    if (!with || with->others != m.during->others) return std::nullopt;
    const int difference = with->limits.*used - m.during->limits.*used;
    if (difference == 0) return false;
    if (difference == size) return true;
    return std::nullopt;
  };
  const Known first = compare(m.before), second = compare(m.after);
  if (first && second && *first != *second) return std::nullopt;
  return first ? first : second;
}

Known placement_gone(const ProbeMeasure& m) {
  if (!m.before || !m.during || !m.before->placement || !m.during->placement) return std::nullopt;
  if (m.before->placement->providers == 0) return std::nullopt;
  return m.during->placement->providers == 0;
}

// Nova frees a server's allocation when it leaves its host: offloaded, or deleted.
Known placement_by_contract(const ProbeMeasure& m) {
  if (!m.during) return std::nullopt;
  return m.during->status.empty() || m.during->status == "SHELVED_OFFLOADED";
}

// https://docs.openstack.org/api-guide/compute/server_concepts.html, "Server actions".
Known contract(ProbeStep step) {
  return step == ProbeStep::pause || step == ProbeStep::suspend;
}

const char* modes_own_remark(HoldMode mode) {
  switch (mode) {
    case HoldMode::pause:
      return "the hypervisor's CPU is free, its memory is not";
    case HoldMode::suspend:
      return "the hypervisor's CPU and memory are free, the room in its books is not";
    case HoldMode::hibernate:
      return "the cloud's half was probed (shelve); the guest must be prepared for hibernation";
    case HoldMode::stop:
    case HoldMode::shelve:
    case HoldMode::snapshot:
      return "the processes end: jobs are requeued";
    case HoldMode::requeue:
      return "nothing is held: jobs are requeued, the server is deleted";
    default:
      return "";
  }
}

}  // namespace

ProbeStep step_of(HoldMode mode) {
  switch (mode) {
    case HoldMode::pause:
      return ProbeStep::pause;
    case HoldMode::suspend:
      return ProbeStep::suspend;
    case HoldMode::stop:
      return ProbeStep::stop;
    case HoldMode::hibernate:
    case HoldMode::shelve:
      return ProbeStep::shelve;
    case HoldMode::snapshot:
      return ProbeStep::snapshot;
    case HoldMode::requeue:
      break;
  }
  return ProbeStep::remove;
}

StepVerdict judge(const ProbeReport& report, const ProbeMeasure& m) {
  StepVerdict v;
  if (m.guest_kept) {
    v.keeps_processes = m.guest_kept;
  } else {
    v.keeps_processes = contract(m.step);
    v.by_contract = true;
  }
  if (m.step == ProbeStep::remove) {
    v.keeps_address = false;
  } else if (m.before && m.after && !m.before->address.empty()) {
    v.keeps_address = m.before->address == m.after->address;
  }
  v.releases.instances = fell(m, &openstack::Limits::used_instances, 1);
  v.releases.cores = fell(m, &openstack::Limits::used_cores, report.vcpus);
  v.releases.ram = fell(m, &openstack::Limits::used_ram_mib, report.ram_mib);
  v.releases.placement = placement_gone(m);
  if (!v.releases.placement) {
    v.releases.placement = placement_by_contract(m);
    v.releases.placement_by_contract = v.releases.placement.has_value();
  }
  return v;
}

ModeVerdict judge(const ProbeReport& report, HoldMode mode) {
  ModeVerdict v;
  v.mode = mode;
  v.remark = modes_own_remark(mode);
  const ProbeMeasure* m = report.find(step_of(mode));
  if (m == nullptr || m->outcome == ProbeOutcome::not_tried) {
    v.why_not = m == nullptr || m->why.empty() ? "not probed" : m->why;
    return v;
  }
  v.usable = m->outcome == ProbeOutcome::done;
  if (!*v.usable) {
    v.why_not = fmt::format(
        "{}: {}{}", to_string(m->step),
        m->outcome == ProbeOutcome::forbidden ? "not allowed to this user: " : "", m->why);
    return v;
  }
  const StepVerdict step = judge(report, *m);
  v.keeps_processes = step.keeps_processes;
  v.releases = step.releases;
  if (mode == HoldMode::hibernate) v.keeps_processes = std::nullopt;  // the guest's business
  if ((mode == HoldMode::pause || mode == HoldMode::suspend) && v.keeps_processes == false) {
    v.usable = false;
    v.why_not =
        fmt::format("the guest came back without its processes after {}", to_string(m->step));
  } else if (mode == HoldMode::snapshot && step.keeps_address == false) {
    v.usable = false;
    v.why_not = "the server made from the snapshot did not get its address back";
  }
  return v;
}

}  // namespace tidepool
