// A server's state as the table needs it, from what Nova says.
#pragma once

#include <string_view>

#include "openstack/server.hpp"

namespace tidepool::node {

enum class Observed {
  none,      // no server carries the node's lease
  building,  // BUILD
  active,    // ACTIVE, no task running
  busy,      // a task is running (suspending, powering-on, …)
  paused,
  suspended,
  stopped,   // SHUTOFF
  shelved,   // SHELVED or SHELVED_OFFLOADED
  error,     // ERROR
  deleting,  // the delete was accepted and is not done
  foreign,   // RESCUED, VERIFY_RESIZE, …: a person works on it
};

inline constexpr Observed kAllObserved[] = {
    Observed::none,   Observed::building,  Observed::active,  Observed::busy,
    Observed::paused, Observed::suspended, Observed::stopped, Observed::shelved,
    Observed::error,  Observed::deleting,  Observed::foreign};

std::string_view to_string(Observed observed);

// Put away and kept: what on_suspend: stop, shelve or suspend leads to.
bool is_parked(Observed observed);
// The same of to_string()'s word, as the store keeps it.
bool is_parked(std::string_view observed);

// vm_state and task_state decide; where a cloud hides them, status does.
// https://docs.openstack.org/api-guide/compute/server_concepts.html
Observed observe(const openstack::Server& server);

}  // namespace tidepool::node
