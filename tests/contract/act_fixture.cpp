#include "act_fixture.hpp"

#include <set>

namespace tidepool::openstack {
namespace {

using A = ServerAction;
constexpr A kMembers[] = {A::pause, A::unpause, A::suspend, A::resume,
                          A::stop,  A::start,   A::shelve,  A::unshelve};

const std::map<std::string, std::map<A, std::string>> kWays{
    {"ACTIVE",
     {{A::pause, "PAUSED"},
      {A::suspend, "SUSPENDED"},
      {A::stop, "SHUTOFF"},
      {A::shelve, "SHELVED"}}},
    {"PAUSED", {{A::unpause, "ACTIVE"}, {A::shelve, "SHELVED"}}},
    {"SUSPENDED", {{A::resume, "ACTIVE"}, {A::shelve, "SHELVED"}}},
    {"SHUTOFF", {{A::start, "ACTIVE"}, {A::shelve, "SHELVED"}}},
    {"SHELVED", {{A::unshelve, "ACTIVE"}}},
    {"BUILD", {}},
    {"ERROR", {}},  // without a host
};

// The tasks that a server may be seen in on its way.
const std::map<A, std::set<std::string>> kTasks{
    {A::pause, {"pausing"}},
    {A::unpause, {"unpausing"}},
    {A::suspend, {"suspending"}},
    {A::resume, {"resuming"}},
    {A::stop, {"powering-off"}},
    {A::start, {"powering-on"}},
    {A::shelve,
     {"shelving", "shelving_image_pending_upload", "shelving_image_uploading",
      "shelving_offloading"}},
    {A::shelve_offload, {"shelving_offloading"}},
    {A::unshelve, {"powering-on", "unshelving", "spawning"}},
};

std::string plain(const std::string& status) {
  return status == "SHELVED_OFFLOADED" ? "SHELVED" : status;
}

}  // namespace

const std::map<A, std::string>& ActTest::ways_from(const std::string& state) {
  return kWays.at(state);
}

void ActTest::act(const std::string& id, A action, const std::string& leads_to) {
  const std::string from = plain(must(run(cloud->compute().get_server(id))).status);
  must(run(cloud->compute().act(id, action)));
  const auto again = run(cloud->compute().act(id, action));
  EXPECT_FALSE(again) << to_string(action) << " twice";
  if (!again) {
    EXPECT_EQ(again.error().kind, ErrorKind::conflict) << again.error().message;
  }
  std::set<std::string> seen;
  wait(id, [&](const Server& s) {
    const std::string status = plain(s.status);
    if (status != from && status != leads_to) seen.insert("status " + s.status);
    if (!s.task_state.empty() && kTasks.at(action).count(s.task_state) == 0)
      seen.insert("task " + s.task_state);
    return (status == leads_to && s.task_state.empty()) || s.status == "ERROR";
  });
  EXPECT_EQ(seen, std::set<std::string>()) << to_string(action) << " from " << from;
}

void ActTest::bring(const std::string& id, const std::string& state) {
  if (plain(must(run(cloud->compute().get_server(id))).status) == state) return;
  for (const auto& [action, target] : kWays.at("ACTIVE"))
    if (target == state) act(id, action, state);
}

void ActTest::go_back(const std::string& id, const std::string& state) {
  if (state == "ACTIVE") return;
  for (const auto& [action, target] : kWays.at(state))
    if (target == "ACTIVE") act(id, action, target);
}

void ActTest::expect_conflicts(const std::string& id, const std::string& state) {
  for (const A action : kMembers) {
    if (kWays.at(state).count(action) != 0) continue;
    const auto result = run(cloud->compute().act(id, action));
    ASSERT_FALSE(result) << to_string(action) << " on " << state;
    // Nova moves a server that no host fits from one table to another: for an instant it is in
    // none.
    if (state != "BUILD" || result.error().kind != ErrorKind::not_found) {
      EXPECT_EQ(result.error().kind, ErrorKind::conflict) << result.error().message;
    }
    EXPECT_NE(result.error().message.find(id), std::string::npos) << result.error().message;
    EXPECT_FALSE(result.error().maybe_done);
  }
}

void ActTest::expect_gone(const std::string& id) {
  must(run(cloud->compute().delete_server(id)));
  must(run(cloud->compute().delete_server(id)));  // deleting, or gone: both are success
  wait_gone(id);
  must(run(cloud->compute().delete_server(id)));
  // Nova's own word for what is gone; for an instant it still shows the server, as DELETED, and
  // takes another delete.
  EXPECT_TRUE(wait_until([&] {
    const auto answer = ask(*cloud, "DELETE", "/servers/" + id);
    return !answer && answer.error().kind == ErrorKind::not_found;
  })) << id;
}

}  // namespace tidepool::openstack
