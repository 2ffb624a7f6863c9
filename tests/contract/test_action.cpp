#include "act_fixture.hpp"

namespace tidepool::openstack {
namespace {

using A = ServerAction;

class InState : public ActTest, public testing::WithParamInterface<const char*> {};

TEST_P(InState, WrongActionsConflictAndRightOnesLeadWhereTheyShould) {
  const std::string id = create_active(0);
  bring(id, GetParam());
  expect_conflicts(id, GetParam());
  for (const auto& [action, target] : ways_from(GetParam())) {
    bring(id, GetParam());
    act(id, action, target);
    if (HasFatalFailure()) return;
    go_back(id, target);
  }
  bring(id, GetParam());
  expect_gone(id);
}

INSTANTIATE_TEST_SUITE_P(Nova, InState,
                         testing::Values("ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF", "SHELVED"),
                         [](const auto& state) { return std::string(state.param); });

class Actions : public ActTest {};

TEST_F(Actions, AllConflictWhileBuildingAndInError) {
  const auto wanted = huge_request(0);
  if (!wanted) GTEST_SKIP() << "no flavor that fits nowhere";
  const std::string id = must(create(*wanted));
  expect_conflicts(id, "BUILD");  // or ERROR by then: the same
  wait(id, [](const Server& s) { return s.status == "ERROR"; });
  expect_conflicts(id, "ERROR");
  expect_gone(id);
}

TEST_F(Actions, DeleteWorksWhileBuilding) {
  expect_gone(must(create(request(0))));
  create_active(0);  // the address is free again
}

TEST_F(Actions, AddressPortAndMetadataAreKept) {
  const std::string id = create_active(0);
  const Server before = must(run(cloud->compute().get_server(id)));
  const Port port = port_of(id);
  const auto expect_kept = [&](const char* state) {
    const Server held = must(run(cloud->compute().get_server(id)));
    EXPECT_EQ(held.addresses, before.addresses) << state;
    EXPECT_EQ(held.metadata, before.metadata) << state;
    EXPECT_EQ(port_of(id).id, port.id) << state;
    EXPECT_EQ(run(cloud->compute().create_server(request(0))).error().kind,
              ErrorKind::address_in_use)
        << state;
  };
  for (const char* state : {"PAUSED", "SUSPENDED", "SHUTOFF", "SHELVED"}) {
    bring(id, state);
    expect_kept(state);
    // What was off when it was shelved comes back on.
    if (state == std::string("SHUTOFF")) {
      act(id, A::shelve, "SHELVED");
      expect_kept("SHELVED from SHUTOFF");
      go_back(id, "SHELVED");
    } else {
      go_back(id, state);
    }
    expect_kept("ACTIVE again");
  }
}

TEST_F(Actions, OffloadingIsNotForMembers) {
  const std::string id = create_active(0);
  const auto result = run(cloud->compute().act(id, A::shelve_offload));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::forbidden) << result.error().message;
}

TEST_F(Actions, OnAServerThatIsNotThere) {
  const auto result = run(cloud->compute().act("00000000-0000-0000-0000-000000000000", A::suspend));
  EXPECT_EQ(result.error().kind, ErrorKind::not_found);
  // What is no id never reaches the cloud.
  EXPECT_EQ(run(cloud->compute().act("x/../y", A::suspend)).error().kind, ErrorKind::invalid);
  EXPECT_EQ(run(cloud->compute().delete_server("")).error().kind, ErrorKind::invalid);
}

TEST_F(Actions, AServerOfAnotherProjectIsNotThere) {
  const auto given = settings(option("TIDEPOOL_CONTRACT_OTHER", "other"));
  if (!given) GTEST_SKIP() << "clouds.yaml has no other project";
  const auto other = connect(*given);
  const std::string id = create_active(0);
  EXPECT_EQ(run(other->compute().get_server(id)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(other->compute().act(id, A::suspend)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(other->compute().create_image(id, "x")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(ask(*other, "DELETE", "/servers/" + id).error().kind, ErrorKind::not_found);
  for (const Server& server : must(run(other->compute().list_servers()))) EXPECT_NE(server.id, id);
  EXPECT_EQ(must(run(cloud->compute().get_server(id))).status, "ACTIVE");
}

class Locked : public AdminTest {};

TEST_F(Locked, ActionsAndDeleteConflict) {
  const std::string id = create_active(0);
  must(act_as_admin(id, "lock"));
  EXPECT_TRUE(must(run(cloud->compute().get_server(id))).locked);
  const auto refused = run(cloud->compute().act(id, A::suspend));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().message.find("locked"), std::string::npos) << refused.error().message;
  EXPECT_EQ(run(cloud->compute().delete_server(id)).error().kind, ErrorKind::conflict);
  // A member does not undo what an administrator did.
  EXPECT_EQ(ask(*cloud, "POST", "/servers/" + id + "/action", {{"unlock", nullptr}}).error().kind,
            ErrorKind::forbidden);
  must(act_as_admin(id, "unlock"));
  EXPECT_FALSE(must(run(cloud->compute().get_server(id))).locked);
}

}  // namespace
}  // namespace tidepool::openstack
