// Nodes and servers that cannot be held: refused before the job is touched.
#include "hold_fixture.hpp"

namespace tidepool {
namespace {

class HoldNodes : public HoldCluster {
 protected:
  void SetUp() override {
    HoldCluster::SetUp();
    job(12, {"a1", "a2"});
  }
};

TEST_F(HoldNodes, InNoPool) {
  sight.jobs[0].nodes.push_back("static1");
  expect_refused(plan("12"), "job 12 runs also on node static1, which is in no pool of /pool.yaml");
}

TEST_F(HoldNodes, InSlurm) {
  const auto with = [&](const std::string& state, std::vector<std::string> flags) {
    node("a2").state = state;
    node("a2").flags = std::move(flags);
    return plan("12");
  };
  expect_refused(with("DOWN", {"CLOUD"}), "node a2 is down");
  expect_refused(with("ALLOCATED", {"CLOUD", "NOT_RESPONDING"}), "node a2 does not respond");
  expect_refused(with("ALLOCATED", {"CLOUD", "POWERING_UP"}), "node a2 is still booting");
  expect_refused(with("ALLOCATED", {"CLOUD", "POWER_DOWN"}), "node a2 is being powered down");
  expect_refused(with("IDLE", {"CLOUD", "POWERING_DOWN"}), "node a2 is being powered down");
  expect_refused(with("UNKNOWN", {"CLOUD"}), "node a2 is UNKNOWN in slurmctld");
  expect_refused(with("ALLOCATED", {}), "node a2 is not State=CLOUD");
  expect_held(with("MIXED", {"CLOUD", "DRAIN"}), "12 on a1,a2 by suspend,requeue");
  sight.nodes.erase(sight.nodes.begin() + 1);
  expect_refused(plan("12"), "node a2 is not known to slurmctld");
}

TEST_F(HoldNodes, InTheStore) {
  record("a2").wanted = Wanted::absent;
  record("a2").want_by = "suspend";
  expect_refused(plan("12"), "node a2 is being put away (suspend)");
  record("a2").wanted = Wanted::present;
  record("a2").server_id.clear();
  expect_refused(plan("12"), "node a2 has no server that tidepool knows of");
  record("a2").server_id = "server-a2";
  record("a2").lease_id.clear();
  expect_refused(plan("12"), "node a2 has no server that tidepool knows of");
  sight.records.clear();
  EXPECT_EQ(plan("12").refusals.size(), 2u);
}

TEST_F(HoldNodes, InTheCloud) {
  auto& server = sight.servers.at("server-a2");
  server.locked = true;
  expect_refused(plan("12"), "its server server-a2 is locked; 'openstack server unlock server-a2'");
  server.locked = false;
  server.status = "PAUSED";
  server.vm_state = "paused";
  expect_refused(plan("12"), "node a2 cannot be held: its server server-a2 is PAUSED, not ACTIVE");
  server.status = "ACTIVE";
  server.vm_state = "active";
  server.task_state = "rebooting";
  expect_refused(plan("12"), "is ACTIVE (rebooting)");
  sight.servers.erase("server-a2");
  expect_refused(plan("12"), "its server server-a2 is gone from the cloud");
}

TEST_F(HoldNodes, AddressIsThatOfTheLease) {
  node("a1").address = "a1";  // as slurmctld shows a node that was never told
  EXPECT_EQ(plan("12").holds.at(0).nodes.at(0).address, "10.0.0.1");
  record("a1").address.clear();  // address: dhcp, not known to the store
  node("a1").address = "10.0.0.50";
  EXPECT_EQ(plan("12").holds.at(0).nodes.at(0).address, "10.0.0.50");
  node("a1").address = "10.0.0.99";
  expect_refused(plan("12"), "node a1 has the stand-in's address, though no hold is known");
}

}  // namespace
}  // namespace tidepool
