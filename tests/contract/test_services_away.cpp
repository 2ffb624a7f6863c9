// Services that are away: the whole cloud's, so nothing else may run meanwhile.
#include <thread>

#include "act_fixture.hpp"

namespace tidepool::openstack {
namespace {

using A = ServerAction;

class AloneOutage : public ActTest {
 protected:
  void SetUp() override {
    ActTest::SetUp();
    if (HasFatalFailure() || IsSkipped()) return;
    operators = std::make_unique<Operator>(simulator.get(), folder());
    if (!operators->available()) GTEST_SKIP() << "nobody can stop this cloud's services";
  }
  // What was asked while something was away: done in the end, or lost, and then the server hangs in
  // its task. It takes a delete either way.
  void expect_suspended_or_hung(const std::string& id) {
    const auto settled = [&] {
      const auto server = run(cloud->compute().get_server(id));
      return server && server->task_state.empty();
    };
    if (wait_until(settled, std::chrono::seconds(simulator ? 2 : 45))) {
      const std::string status = must(run(cloud->compute().get_server(id))).status;
      EXPECT_TRUE(status == "SUSPENDED" || status == "ACTIVE") << status;
    } else if (const auto again = run(cloud->compute().act(id, A::suspend)); !again) {
      EXPECT_EQ(again.error().kind, ErrorKind::conflict) << again.error().message;
    } else {
      EXPECT_TRUE(settled()) << "a second suspend beside the first";
    }
    expect_gone(id);
  }
  // The first ones after an outage may fail, or wait for ever for a scheduler that never heard of
  // them; it holds again when one comes up. Each try has an address of its own, from the n-th on.
  void expect_creates_work(int n) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(400);
    std::string last;
    while (std::chrono::steady_clock::now() < end) {
      if (comes_up(n++, last)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(simulator ? 50 : 3000));
    }
    ADD_FAILURE() << "no server comes up: " << last;
  }
  bool comes_up(int n, std::string& why) {
    const auto id = create(request(n));
    if (!id) {
      why = id.error().message;
      EXPECT_TRUE(id.error().kind == ErrorKind::server_error ||
                  id.error().kind == ErrorKind::timeout ||
                  id.error().kind == ErrorKind::unreachable)
          << why;
      return false;
    }
    Result<Server> server = Server{};
    wait_until(
        [&] {
          server = run(cloud->compute().get_server(*id));
          return server && server->task_state.empty() &&
                 (server->status == "ERROR" || server->status == "ACTIVE");
        },
        std::chrono::seconds(60));
    if (server && server->status == "ACTIVE" && server->task_state.empty()) return true;
    why = server ? server->status + " " + server->task_state + " " + server->fault
                 : server.error().message;
    return false;
  }

  std::unique_ptr<Operator> operators;
};

TEST_F(AloneOutage, AComputeHostThatIsAwayTakesOrdersAndNothingIsDone) {
  const std::string held = create_active(0);
  const std::string unwanted = create_active(1);
  operators->stop_compute();
  must(run(cloud->compute().act(held, A::suspend)));
  const Server waiting = must(run(cloud->compute().get_server(held)));
  EXPECT_EQ(waiting.status, "ACTIVE");
  EXPECT_EQ(waiting.task_state, "suspending");
  EXPECT_EQ(run(cloud->compute().act(held, A::suspend)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(cloud->compute().act(held, A::stop)).error().kind, ErrorKind::conflict);
  // Deletes are taken, too.
  must(run(cloud->compute().delete_server(unwanted)));
  must(run(cloud->compute().delete_server(unwanted)));
  operators->start_compute();
  expect_suspended_or_hung(held);
  wait_gone(unwanted);
  expect_creates_work(1);  // under the address that was given back
}

TEST_F(AloneOutage, NovaApiIsRestartedInTheMiddle) {
  const std::string id = create_active(0);
  operators->stop_api();
  const auto refused = run(cloud->compute().act(id, A::suspend));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unreachable) << refused.error().message;
  EXPECT_FALSE(refused.error().maybe_done);
  EXPECT_EQ(run(cloud->compute().list_servers()).error().kind, ErrorKind::unreachable);
  operators->start_api();
  const bool back = wait_until([&] { return run(cloud->compute().list_servers()).has_value(); });
  EXPECT_TRUE(back);
  EXPECT_EQ(must(run(cloud->compute().get_server(id))).status, "ACTIVE");
  act(id, A::suspend, "SUSPENDED");
  expect_creates_work(1);
}

TEST_F(AloneOutage, TheQueueIsRestartedInTheMiddle) {
  const std::string id = create_active(0);
  operators->stop_queue();
  // Nova writes down that it suspends and then finds nobody to tell, for as long as the client
  // waits.
  ApiRequest suspend;
  suspend.method = "POST";
  suspend.path = "/servers/" + id + "/action";
  suspend.body = R"({"suspend": null})";
  suspend.timeout = std::chrono::milliseconds(10'000);
  const auto answer = run(cloud->session().call(suspend));
  if (!answer) {
    EXPECT_TRUE(answer.error().maybe_done) << answer.error().message;
  }
  operators->start_queue();
  expect_creates_work(1);
  expect_suspended_or_hung(id);
}

}  // namespace
}  // namespace tidepool::openstack
