#include "probe_table.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "output.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

using Known = std::optional<bool>;

std::string took(std::optional<Millis> time) {
  if (!time) return "-";
  return fmt::format("{:.1f} s", static_cast<double>(time->count()) / 1000);
}

std::string processes(const StepVerdict& v) {
  if (!v.keeps_processes) return "?";
  return fmt::format("{} ({})", *v.keeps_processes ? "kept" : "lost",
                     v.by_contract ? "by contract" : "the guest says");
}

// "before > during > after", or one value when nothing changed.
std::string three(const ProbeMeasure& m, std::string (*show)(const ProbeMoment&)) {
  std::vector<std::string> parts;
  for (const auto* moment : {&m.before, &m.during, &m.after})
    if (*moment) parts.push_back(show(**moment));
  if (parts.empty()) return "-";
  if (std::all_of(parts.begin(), parts.end(), [&](const auto& p) { return p == parts.front(); }))
    return parts.front();
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : " > ") + part;
  return all;
}

std::string quota(const ProbeMoment& m) {
  return fmt::format("{}/{}/{}", m.limits.used_instances, m.limits.used_cores,
                     m.limits.used_ram_mib);
}

std::string placement(const ProbeMoment& m) {
  if (!m.placement) return "not visible";
  if (m.placement->providers == 0) return "none";
  return fmt::format("{}/{}/{}", m.placement->vcpus, m.placement->ram_mib, m.placement->disk_gib);
}

std::string who(const ProbeMeasure& m) {
  if (m.outcome == ProbeOutcome::forbidden) return "not this user (403)";
  if (m.outcome == ProbeOutcome::not_tried) return "-";
  return "this user";
}

std::string yes_no(Known value) {
  return !value ? "?" : *value ? "yes" : "no";
}

std::string released(const ProbeReleases& r) {
  std::vector<std::string> parts;
  if (r.placement == true)
    parts.emplace_back(r.placement_by_contract ? "placement (by contract)" : "placement");
  if (r.instances == true) parts.emplace_back("instances");
  if (r.cores == true) parts.emplace_back("cores");
  if (r.ram == true) parts.emplace_back("memory");
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : ", ") + part;
  if (all.empty()) all = r.cores.has_value() ? "no quota, no placement" : "?";
  return all;
}

void print_steps(const ProbeReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& m : report.measures) {
    const StepVerdict v = judge(report, m);
    const bool done = m.outcome == ProbeOutcome::done;
    rows.push_back({std::string(to_string(m.step)),
                    done ? m.during ? m.during->status.empty() ? "gone" : m.during->status : "?"
                         : std::string(to_string(m.outcome)),
                    done ? processes(v) : "-", three(m, placement), three(m, quota),
                    !v.keeps_address   ? "-"
                    : *v.keeps_address ? "kept"
                                       : "lost",
                    took(m.hold), took(m.back), who(m)});
  }
  print_table({"STEP", "BECOMES", "PROCESSES", "PLACEMENT", "QUOTA IN USE", "ADDRESS", "HOLD",
               "BACK", "WHO MAY"},
              rows);
}

void print_modes(const ProbeReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const auto mode : kHoldModes) {
    const ModeVerdict v = judge(report, mode);
    rows.push_back({std::string(to_string(mode)), yes_no(v.usable),
                    v.usable == true ? released(v.releases) : "-",
                    v.usable == true ? v.remark : v.why_not});
  }
  print_table({"HOLD MODE", "USABLE", "GIVES BACK", "REMARK"}, rows);
}

}  // namespace

void print_probe(const ProbeReport& r) {
  std::string roles;
  for (const auto& role : r.roles) roles += (roles.empty() ? "" : ", ") + role;
  fmt::print("Cloud {}, project {}, user {} ({}), {}\n", r.cloud, r.project, r.user, roles,
             format_time(r.at));
  fmt::print("Pool {}: flavor {} ({} VCPU, {} MiB), image {}, network {}\n\n", r.pool, r.flavor,
             r.vcpus, r.ram_mib, r.image, r.network);
  print_steps(r);
  fmt::print(
      "\nBefore > during > after where they differ. Placement: VCPU/MiB/GiB that the server holds "
      "of its\nhypervisor. Quota: instances/cores/MiB that the whole project uses.\n");
  if (!r.placement_note.empty()) fmt::print("Placement: {}\n", r.placement_note);
  for (const auto& m : r.measures)
    if (!m.why.empty()) fmt::print("{}: {}: {}\n", to_string(m.step), to_string(m.outcome), m.why);
  fmt::print("\n");
  print_modes(r);
}

}  // namespace tidepool
