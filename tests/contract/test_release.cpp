// What is given back, and when: placement's allocations, the quota's use, the address.
#include "act_fixture.hpp"

namespace tidepool::openstack {
namespace {

using A = ServerAction;

class Release : public ActTest {
 protected:
  Allocations whole() const { return {flavor.vcpus, flavor.ram_mib, flavor.disk_gib, 1}; }
  // What the project uses beyond `before`, as if in servers of our flavor.
  void expect_used(const Limits& before, int instances, int cores, const char* when) {
    const Limits limits = must(run(cloud->compute().limits()));
    EXPECT_EQ(limits.used_instances - before.used_instances, instances) << when;
    EXPECT_EQ(limits.used_cores - before.used_cores, cores * flavor.vcpus) << when;
    EXPECT_EQ(limits.used_ram_mib - before.used_ram_mib, cores * flavor.ram_mib) << when;
  }
};

TEST_F(Release, OnlyOffloadingAndDeletingFreeAllocationsAndOnlyDeletingFreesQuota) {
  const Limits before = must(run(cloud->compute().limits()));
  const std::string id = create_active(0);
  EXPECT_EQ(allocations(id), whole());
  for (const char* state : {"PAUSED", "SUSPENDED", "SHUTOFF", "SHELVED"}) {
    bring(id, state);
    const Server held = must(run(cloud->compute().get_server(id)));
    EXPECT_EQ(allocations(id), held.status == "SHELVED_OFFLOADED" ? Allocations{} : whole())
        << held.status;
    expect_used(before, 1, 1, state);
    go_back(id, state);
    EXPECT_EQ(allocations(id), whole()) << "ACTIVE after " << state;
  }
  expect_gone(id);
  EXPECT_EQ(allocations(id), Allocations{});
  expect_used(before, 0, 0, "deleted");
}

TEST_F(Release, AllocationsAreNotForMembers) {
  const auto refused = run(cloud->placement().allocations("00000000-0000-0000-0000-000000000000"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::forbidden) << refused.error().message;
}

// Settings of the whole cloud: nothing else may run meanwhile.
class AloneSettings : public Release {
 protected:
  void SetUp() override {
    Release::SetUp();
    if (HasFatalFailure() || IsSkipped()) return;
    operators = std::make_unique<Operator>(simulator.get(), folder());
    if (!operators->available()) GTEST_SKIP() << "nobody can change this cloud's settings";
  }
  void TearDown() override {
    Release::TearDown();
    if (operators && operators->available()) operators->set(0, false);
  }
  std::unique_ptr<Operator> operators;
};

TEST_F(AloneSettings, ShelvedServersStayUntilAnAdministratorOffloadsThemAndPlacementCountsThat) {
  operators->set(-1, true);
  const Limits before = must(run(cloud->compute().limits()));
  const std::string id = create_active(0);
  act(id, A::shelve, "SHELVED");
  EXPECT_EQ(must(run(cloud->compute().get_server(id))).status, "SHELVED");
  EXPECT_EQ(allocations(id), whole());
  expect_used(before, 1, 1, "SHELVED");
  EXPECT_EQ(run(cloud->compute().act(id, A::shelve_offload)).error().kind, ErrorKind::forbidden);
  // Full, for what is shelved still fills it.
  set_quota(-1, flavor.vcpus, -1);
  EXPECT_EQ(run(cloud->compute().create_server(request(1))).error().kind, ErrorKind::quota);
  // Back on its host.
  act(id, A::unshelve, "ACTIVE");
  act(id, A::shelve, "SHELVED");
  must(act_as_admin(id, "shelveOffload"));
  wait_status(id, "SHELVED_OFFLOADED");
  const auto twice = act_as_admin(id, "shelveOffload");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  EXPECT_EQ(allocations(id), Allocations{});
  expect_used(before, 1, 0, "SHELVED_OFFLOADED");
  // There is room for another, and none is kept for the way back: unshelve is not checked.
  create_active(1);
  act(id, A::unshelve, "ACTIVE");
  expect_used(before, 2, 2, "unshelved beyond the quota");
  EXPECT_EQ(allocations(id), whole());
  act(id, A::shelve, "SHELVED");
  expect_gone(id);
}

}  // namespace
}  // namespace tidepool::openstack
