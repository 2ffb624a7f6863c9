// ActTest: servers brought from state to state, every step watched.
#pragma once

#include "admin_fixture.hpp"

#include <map>

namespace tidepool::openstack {

class ActTest : public AdminTest {
 protected:
  // Where each action leads from a state; whatever is not here is a conflict, repeats included.
  // SHELVED is also SHELVED_OFFLOADED, to which it leads by itself where shelved_offload_time is 0.
  static const std::map<ServerAction, std::string>& ways_from(const std::string& state);

  // Does it, sees that a repetition is a conflict, and waits for the end; a failure when the server
  // goes through a state that is not on the way.
  void act(const std::string& id, ServerAction action, const std::string& leads_to);
  // From ACTIVE; nothing when it is there already.
  void bring(const std::string& id, const std::string& state);
  void go_back(const std::string& id, const std::string& state);  // to ACTIVE
  // Everything that is not in ways_from(state).
  void expect_conflicts(const std::string& id, const std::string& state);
  void expect_gone(const std::string& id);
};

}  // namespace tidepool::openstack
