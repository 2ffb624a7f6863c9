#include "node/observed.hpp"

#include <gtest/gtest.h>

namespace tidepool::node {
namespace {

struct Row {
  const char* status;
  const char* vm_state;
  const char* task_state;
  Observed expected;
};

// Status, vm_state and task_state as a real Nova (2.93) showed them.
TEST(ObserveTest, NovasStates) {
  const Row rows[] = {
      {"BUILD", "building", "scheduling", Observed::building},
      {"BUILD", "building", "", Observed::building},
      {"ACTIVE", "active", "", Observed::active},
      {"ACTIVE", "active", "suspending", Observed::busy},
      {"ACTIVE", "active", "powering-off", Observed::busy},
      {"ACTIVE", "active", "shelving_image_uploading", Observed::busy},
      {"ACTIVE", "active", "deleting", Observed::deleting},
      {"PAUSED", "paused", "", Observed::paused},
      {"PAUSED", "paused", "unpausing", Observed::busy},
      {"SUSPENDED", "suspended", "", Observed::suspended},
      {"SUSPENDED", "suspended", "resuming", Observed::busy},
      {"SHUTOFF", "stopped", "", Observed::stopped},
      {"SHUTOFF", "stopped", "powering-on", Observed::busy},
      {"SHELVED", "shelved", "", Observed::shelved},
      {"SHELVED", "shelved", "shelving_offloading", Observed::busy},
      {"SHELVED_OFFLOADED", "shelved_offloaded", "", Observed::shelved},
      {"SHELVED_OFFLOADED", "shelved_offloaded", "spawning", Observed::busy},
      {"ERROR", "error", "", Observed::error},
      {"ERROR", "error", "spawning", Observed::error},
      {"ERROR", "error", "deleting", Observed::deleting},
      {"DELETED", "deleted", "", Observed::deleting},
      {"SOFT_DELETED", "soft-delete", "", Observed::deleting},
      {"RESCUE", "rescued", "", Observed::foreign},
      {"VERIFY_RESIZE", "resized", "", Observed::foreign},
      {"UNKNOWN", "", "", Observed::foreign},
      {"REBOOT", "active", "rebooting", Observed::busy},
  };
  for (const auto& row : rows) {
    openstack::Server s;
    s.status = row.status;
    s.vm_state = row.vm_state;
    s.task_state = row.task_state;
    EXPECT_EQ(observe(s), row.expected) << row.status << "/" << row.task_state;
  }
}

}  // namespace
}  // namespace tidepool::node
