#include <map>
#include <set>

#include "cloud_fixture.hpp"

namespace tidepool::openstack {
namespace {

using A = ServerAction;
constexpr A kMembers[] = {A::pause, A::unpause, A::suspend, A::resume,
                          A::stop,  A::start,   A::shelve,  A::unshelve};

// Where each action leads; whatever is not here is a conflict, repeats included.
const std::map<std::string, std::map<A, std::string>> kTable{
    {"ACTIVE",
     {{A::pause, "PAUSED"},
      {A::suspend, "SUSPENDED"},
      {A::stop, "SHUTOFF"},
      {A::shelve, "SHELVED"}}},
    {"PAUSED", {{A::unpause, "ACTIVE"}, {A::shelve, "SHELVED"}}},
    {"SUSPENDED", {{A::resume, "ACTIVE"}, {A::shelve, "SHELVED"}}},
    {"SHUTOFF", {{A::start, "ACTIVE"}, {A::shelve, "SHELVED"}}},
    {"SHELVED", {{A::unshelve, "ACTIVE"}}},
};

// SHELVED_OFFLOADED is where SHELVED leads by itself, when the cloud is set so.
std::string plain(const Server& server) {
  return server.status == "SHELVED_OFFLOADED" ? "SHELVED" : server.status;
}

class Actions : public CloudTest {
 protected:
  void act(const std::string& id, A action, const std::string& leads_to) {
    must(run(cloud->compute().act(id, action)));
    wait(id, [&](const Server& s) { return plain(s) == leads_to && s.task_state.empty(); });
  }
  void bring(const std::string& id, const std::string& state) {
    for (const auto& [action, target] : kTable.at("ACTIVE"))
      if (target == state) act(id, action, state);
  }
  void expect_conflicts(const std::string& id, const std::string& state) {
    for (const A action : kMembers) {
      if (kTable.at(state).count(action) != 0) continue;
      const auto result = run(cloud->compute().act(id, action));
      ASSERT_FALSE(result) << to_string(action) << " on " << state;
      EXPECT_EQ(result.error().kind, ErrorKind::conflict) << result.error().message;
      EXPECT_FALSE(result.error().maybe_done);
    }
  }
  void expect_gone(const std::string& id) {
    must(run(cloud->compute().delete_server(id)));
    must(run(cloud->compute().delete_server(id)));  // deleting, or gone: both are success
    wait_gone(id);
    must(run(cloud->compute().delete_server(id)));
  }
};

class InState : public Actions, public testing::WithParamInterface<const char*> {};

TEST_P(InState, WrongActionsConflictAndRightOnesLeadWhereTheyShould) {
  const std::string id = create_active(0);
  for (const auto& [action, target] : kTable.at(GetParam())) {
    bring(id, GetParam());
    expect_conflicts(id, GetParam());
    if (HasFatalFailure()) return;
    act(id, action, target);
    // Back to where the next action begins.
    if (target != "ACTIVE") {
      for (const auto& [way_back, end] : kTable.at(target))
        if (end == "ACTIVE") act(id, way_back, end);
    }
  }
}

TEST_P(InState, DeleteWorks) {
  const std::string id = create_active(0);
  bring(id, GetParam());
  expect_gone(id);
}

INSTANTIATE_TEST_SUITE_P(Nova, InState,
                         testing::Values("ACTIVE", "PAUSED", "SUSPENDED", "SHUTOFF", "SHELVED"),
                         [](const auto& state) { return std::string(state.param); });

TEST_F(Actions, DeleteWorksWhileBuildingAndInError) {
  expect_gone(must(create(request(0))));
  ServerRequest wanted = request(1);
  wanted.fixed_ip = "192.0.2.77";
  const std::string id = must(create(wanted));
  wait(id, [](const Server& s) { return s.status == "ERROR"; });
  expect_gone(id);
}

TEST_F(Actions, TheAddressAndMetadataAreKept) {
  const std::string id = create_active(0);
  const Server before = must(run(cloud->compute().get_server(id)));
  for (const char* state : {"PAUSED", "SUSPENDED", "SHUTOFF", "SHELVED"}) {
    bring(id, state);
    const Server held = must(run(cloud->compute().get_server(id)));
    EXPECT_EQ(held.addresses, before.addresses) << state;
    EXPECT_EQ(held.metadata, before.metadata) << state;
    for (const auto& [way_back, end] : kTable.at(state))
      if (end == "ACTIVE") act(id, way_back, end);
  }
}

TEST_F(Actions, OffloadingIsNotForMembers) {
  const std::string id = create_active(0);
  const auto result = run(cloud->compute().act(id, A::shelve_offload));
  ASSERT_FALSE(result);
  const std::set<ErrorKind> expected{ErrorKind::forbidden, ErrorKind::conflict};
  EXPECT_EQ(expected.count(result.error().kind), 1u) << to_string(result.error().kind);
}

TEST_F(Actions, OnAServerThatIsNotThere) {
  const auto result = run(cloud->compute().act("00000000-0000-0000-0000-000000000000", A::suspend));
  EXPECT_EQ(result.error().kind, ErrorKind::not_found);
  // What is no id never reaches the cloud.
  EXPECT_EQ(run(cloud->compute().act("x/../y", A::suspend)).error().kind, ErrorKind::invalid);
  EXPECT_EQ(run(cloud->compute().delete_server("")).error().kind, ErrorKind::invalid);
}

class ActionsHeldUp : public SimulatorTest {};

TEST_F(ActionsHeldUp, AnotherActionConflictsButDeleteWorks) {
  const std::string id = create_active(0);
  simulator->control("POST", "/outcomes", {{"action", "suspend"}, {"result", "hang"}});
  must(run(cloud->compute().act(id, A::suspend)));
  const Server busy = must(run(cloud->compute().get_server(id)));
  EXPECT_EQ(busy.task_state, "suspending");
  EXPECT_EQ(run(cloud->compute().act(id, A::stop)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(cloud->compute().act(id, A::suspend)).error().kind, ErrorKind::conflict);
  must(run(cloud->compute().delete_server(id)));
  wait_gone(id);
}

TEST_F(ActionsHeldUp, ALockedServerConflicts) {
  const std::string id = create_active(0);
  simulator->control("PUT", "/servers/" + id, {{"locked", "admin"}});
  EXPECT_TRUE(must(run(cloud->compute().get_server(id))).locked);
  EXPECT_EQ(run(cloud->compute().act(id, A::suspend)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(cloud->compute().delete_server(id)).error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace tidepool::openstack
