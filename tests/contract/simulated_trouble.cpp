#include "cloud_fixture.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;
using std::chrono::seconds;

// The transport and the services at their worst.
class Trouble : public SimulatorTest {
 protected:
  static Json creates() { return {{"method", "POST"}, {"path", "/servers$"}}; }
  static Json lists() { return {{"method", "GET"}, {"path", "/servers/detail"}}; }
  int sent(const std::string& suffix) {
    int count = 0;
    for (const auto& [route, n] : cloud->counts())
      if (route.size() >= suffix.size() &&
          route.compare(route.size() - suffix.size(), suffix.size(), suffix) == 0)
        count += n;
    return count;
  }
};

TEST_F(Trouble, AThrottledListIsSentAgainAfterRetryAfter) {
  fault({{"match", lists()}, {"status", 429}, {"headers", {{"Retry-After", "1"}}}, {"body", "{}"}});
  const auto begun = std::chrono::steady_clock::now();
  must(run(cloud->compute().list_servers()));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(900));
  EXPECT_EQ(sent("/servers/detail"), 2);
}

TEST_F(Trouble, AThrottledCreateIsTheCallersToRepeat) {
  fault(
      {{"match", creates()}, {"status", 429}, {"headers", {{"Retry-After", "7"}}}, {"body", "{}"}});
  const auto id = create(request(0));
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, ErrorKind::throttled);
  EXPECT_EQ(id.error().retry_after, seconds(7));
  EXPECT_FALSE(id.error().maybe_done);
  EXPECT_EQ(sent("/servers"), 1);
}

TEST_F(Trouble, AShortOutageOfAServiceIsBridged) {
  fault({{"match", lists()}, {"status", 503}, {"times", 2}, {"body", "{}"}});
  must(run(cloud->compute().list_servers()));
  EXPECT_EQ(sent("/servers/detail"), 3);
}

TEST_F(Trouble, ALongOneIsReportedAfterAFewTries) {
  fault({{"match", lists()}, {"status", 502}, {"times", -1}, {"body", "<html>bad</html>"}});
  const auto servers = run(cloud->compute().list_servers());
  ASSERT_FALSE(servers);
  EXPECT_EQ(servers.error().kind, ErrorKind::server_error);
  EXPECT_EQ(sent("/servers/detail"), 4);
}

TEST_F(Trouble, AnInternalErrorIsNotRepeated) {
  fault({{"match", lists()}, {"status", 500}, {"times", -1}, {"body", "{}"}});
  EXPECT_EQ(run(cloud->compute().list_servers()).error().kind, ErrorKind::server_error);
  EXPECT_EQ(sent("/servers/detail"), 1);
}

TEST_F(Trouble, ACreateWhoseAnswerIsLostMayBeDoneAndIsNotSentAgain) {
  fault({{"match", creates()}, {"drop_after", true}});
  const auto id = create(request(0));
  ASSERT_FALSE(id);
  EXPECT_TRUE(id.error().maybe_done);
  EXPECT_EQ(id.error().kind, ErrorKind::server_error);
  const auto servers = must(run(cloud->compute().list_servers()));
  ASSERT_EQ(servers.size(), 1u);  // it was done, once
  EXPECT_EQ(servers[0].meta(kMetaNode), request(0).name);
}

TEST_F(Trouble, ACreateThatIsResetBeforeTheWorkMayBeDoneToo) {
  fault({{"match", creates()}, {"drop_before", true}, {"reset", true}});
  const auto id = create(request(0));
  ASSERT_FALSE(id);
  EXPECT_TRUE(id.error().maybe_done);  // nobody can tell
  EXPECT_TRUE(must(run(cloud->compute().list_servers())).empty());
}

TEST_F(Trouble, ACreateWhoseAnswerIsCutMayBeDone) {
  fault({{"match", creates()}, {"truncate", true}});
  const auto id = create(request(0));
  ASSERT_FALSE(id);
  EXPECT_TRUE(id.error().maybe_done);
  EXPECT_EQ(must(run(cloud->compute().list_servers())).size(), 1u);
}

TEST_F(Trouble, ACreateWhoseAnswerIsNonsenseMayBeDone) {
  for (const char* body : {"[]", "{\"server\":{}}", "{\"server\":{\"id\":7}}", "<html>"}) {
    fault({{"match", creates()}, {"status", 202}, {"body", body}});
    const auto id = create(request(0));
    ASSERT_FALSE(id) << body;
    EXPECT_EQ(id.error().kind, ErrorKind::server_error);
    EXPECT_TRUE(id.error().maybe_done);
  }
}

TEST_F(Trouble, AListThatIsCutIsAnError) {
  create_active(0);
  fault({{"match", lists()}, {"truncate", true}, {"times", -1}});
  const auto servers = run(cloud->compute().list_servers());
  ASSERT_FALSE(servers);  // never half a list: who is not in it would count as gone
  EXPECT_EQ(servers.error().kind, ErrorKind::server_error);
}

TEST_F(Trouble, AListOfTheWrongShapeNamesTheField) {
  fault({{"match", lists()},
         {"status", 200},
         {"body", {{"servers", {{{"id", "x"}, {"status", "ACTIVE"}, {"metadata", 7}}}}}}});
  const auto servers = run(cloud->compute().list_servers());
  ASSERT_FALSE(servers);
  EXPECT_EQ(servers.error().kind, ErrorKind::server_error);
  EXPECT_NE(servers.error().message.find("metadata"), std::string::npos);
}

TEST_F(Trouble, AMarkerThatWasDeletedStartsTheListAgain) {
  for (int n = 0; n < 4; ++n) must(create(request(n)));
  fault({{"match", {{"path", "marker="}}},
         {"status", 400},
         {"body", {{"badRequest", {{"code", 400}, {"message", "marker [x] not found"}}}}}});
  EXPECT_EQ(must(run(cloud->compute().list_servers(3))).size(), 4u);
}

TEST_F(Trouble, PagesThatGoInACircleEnd) {
  const Json body = {
      {"servers", {{{"id", "x"}, {"status", "ACTIVE"}}}},
      {"servers_links", {{{"rel", "next"}, {"href", "http://x/?limit=1&marker=x"}}}}};
  fault({{"match", lists()}, {"status", 200}, {"times", -1}, {"body", body}});
  EXPECT_EQ(run(cloud->compute().list_servers(1)).error().kind, ErrorKind::server_error);
}

TEST_F(Trouble, NoAnswerInTimeIsATimeout) {
  fault({{"match", lists()}, {"stall", "60s"}});
  ApiRequest wanted;
  wanted.path = "/servers/detail";
  wanted.timeout = std::chrono::milliseconds(1500);
  const auto response = run(cloud->session().call(wanted));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(response.error().maybe_done);
}

TEST_F(Trouble, ACloudThatIsDownIsUnreachableAndWorksOnceItIsBack) {
  simulator->control("PUT", "/traffic", {{"outage", "refuse"}});
  const auto id = create(request(0));
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, ErrorKind::unreachable);
  EXPECT_FALSE(id.error().maybe_done);
  EXPECT_EQ(run(cloud->compute().list_servers()).error().kind, ErrorKind::unreachable);
  simulator->control("PUT", "/traffic", {{"outage", "none"}});
  EXPECT_TRUE(must(run(cloud->compute().list_servers())).empty());
}

TEST_F(Trouble, ADeleteIsSentAgain) {
  const std::string id = create_active(0);
  fault({{"match", {{"method", "DELETE"}}}, {"status", 503}, {"times", 2}, {"body", "{}"}});
  must(run(cloud->compute().delete_server(id)));
  wait_gone(id);
}

TEST_F(Trouble, AnActionIsNotSentAgain) {
  const std::string id = create_active(0);
  fault({{"match", {{"method", "POST"}, {"path", "/action$"}}}, {"status", 503}, {"body", "{}"}});
  const auto result = run(cloud->compute().act(id, ServerAction::suspend));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::server_error);
  EXPECT_TRUE(result.error().maybe_done);
  EXPECT_EQ(sent("/action"), 1);
}

TEST_F(Trouble, TheCloudMayGoInTheMiddleOfEverything) {
  fault({{"match", lists()}, {"stall", "60s"}, {"times", -1}});
  std::vector<ErrorKind> ends;
  for (int i = 0; i < 3; ++i)
    boost::asio::co_spawn(
        context,
        [&, session = &cloud->session()]() -> Task<void> {
          ApiRequest wanted;
          wanted.path = "/servers/detail";
          auto response = co_await session->call(wanted);
          ends.push_back(response ? ErrorKind::invalid : response.error().kind);
        },
        boost::asio::detached);
  context.restart();
  while (sent("/servers/detail") < 3) context.run_one();
  cloud.reset();
  context.run();
  EXPECT_EQ(ends, std::vector<ErrorKind>(3, ErrorKind::internal));
}

}  // namespace
}  // namespace tidepool::openstack
