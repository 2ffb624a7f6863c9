// What `tidepool probe` measured on a cloud, with servers of its own.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "openstack/compute.hpp"
#include "openstack/placement.hpp"

namespace tidepool {

// What a server was put through, in this order.
enum class ProbeStep { pause, suspend, stop, shelve, shelve_offload, snapshot, remove };
inline constexpr std::array kProbeSteps{
    ProbeStep::pause,          ProbeStep::suspend,  ProbeStep::stop,  ProbeStep::shelve,
    ProbeStep::shelve_offload, ProbeStep::snapshot, ProbeStep::remove};
std::string_view to_string(ProbeStep step);  // "shelve-offload", "snapshot+delete", "delete"

enum class ProbeOutcome {
  done,       // held and brought back
  forbidden,  // 403: policy does not let this user
  refused,    // Nova said no for another reason
  failed,     // accepted, but it did not come to that, or did not come back
  slow,       // not done within the step's time
  not_tried,  // nothing to try it on, or another step has answered it
};
std::string_view to_string(ProbeOutcome outcome);

// The project's use as `GET /limits` says, and what the probe's server holds.
struct ProbeMoment {
  std::string status;   // Nova's; empty: there is no server
  std::string address;  // empty: none
  openstack::Limits limits;
  std::optional<openstack::Allocations> placement;  // nullopt: not visible to this project
  // Stands for all other servers of the project and their states: when it changes between two
  // moments, the limits' difference says nothing of our server.
  std::string others;
};

struct ProbeMeasure {
  ProbeStep step = ProbeStep::pause;
  ProbeOutcome outcome = ProbeOutcome::not_tried;
  std::string why;  // Nova's words, or ours; empty when done
  std::optional<ProbeMoment> before, during, after;
  std::optional<Millis> hold, back;  // from the request until the state was seen
  std::optional<bool> guest_kept;    // the guest's own word; nullopt: it does not answer
};

struct ProbeReport {
  Time at{};
  std::string cluster, cloud, auth_url, project, user;
  std::vector<std::string> roles;
  std::string pool, flavor, image, network;
  int vcpus = 0, ram_mib = 0;
  std::string placement_note;  // why placement is not visible; empty: it is
  std::vector<ProbeMeasure> measures;

  const ProbeMeasure* find(ProbeStep step) const;  // nullptr: not in the report
};

}  // namespace tidepool
