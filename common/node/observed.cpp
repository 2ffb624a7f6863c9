#include "node/observed.hpp"

#include <algorithm>
#include <iterator>

namespace tidepool::node {

std::string_view to_string(Observed observed) {
  switch (observed) {
    case Observed::none:
      return "none";
    case Observed::building:
      return "building";
    case Observed::active:
      return "active";
    case Observed::busy:
      return "busy";
    case Observed::paused:
      return "paused";
    case Observed::suspended:
      return "suspended";
    case Observed::stopped:
      return "stopped";
    case Observed::shelved:
      return "shelved";
    case Observed::error:
      return "error";
    case Observed::deleting:
      return "deleting";
    case Observed::foreign:
      return "foreign";
  }
  return "foreign";
}

bool is_parked(Observed observed) {
  return observed == Observed::stopped || observed == Observed::shelved ||
         observed == Observed::suspended || observed == Observed::paused;
}

bool is_parked(std::string_view observed) {
  return std::any_of(std::begin(kAllObserved), std::end(kAllObserved),
                     [&](Observed o) { return is_parked(o) && to_string(o) == observed; });
}

Observed observe(const openstack::Server& s) {
  if (s.task_state == "deleting" || s.task_state == "soft-deleting" || s.status == "DELETED" ||
      s.status == "SOFT_DELETED")
    return Observed::deleting;
  // An ERROR may still carry the task that failed: the error is what counts.
  if (s.status == "ERROR" || s.vm_state == "error") return Observed::error;
  if (s.status == "BUILD" || s.vm_state == "building") return Observed::building;
  if (!s.task_state.empty()) return Observed::busy;
  if (s.status == "ACTIVE") return Observed::active;
  if (s.status == "PAUSED") return Observed::paused;
  if (s.status == "SUSPENDED") return Observed::suspended;
  if (s.status == "SHUTOFF") return Observed::stopped;
  if (s.status == "SHELVED" || s.status == "SHELVED_OFFLOADED") return Observed::shelved;
  return Observed::foreign;
}

}  // namespace tidepool::node
