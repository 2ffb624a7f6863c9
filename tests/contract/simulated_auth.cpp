#include "cloud_fixture.hpp"

namespace tidepool::openstack {
namespace {

class AuthFaults : public SimulatorTest {
 protected:
  int tokens() { return simulator->count("POST /v3/auth/tokens"); }
};

TEST_F(AuthFaults, AnExpiredTokenInTheMiddleOfARunIsRenewedOnce) {
  must(run(cloud->compute().list_servers()));
  const int before = tokens();
  simulator->control("POST", "/tokens/expire");
  must(run(cloud->compute().list_servers()));
  EXPECT_EQ(tokens(), before + 1);
}

TEST_F(AuthFaults, ACreateSurvivesARevokedToken) {
  simulator->control("POST", "/tokens/expire");
  create_active(0);
  EXPECT_EQ(must(run(cloud->compute().list_servers())).size(), 1u);
}

TEST_F(AuthFaults, ManyAtOnceShareOneAuthentication) {
  const int before = tokens();
  simulator->control("POST", "/tokens/expire");
  int good = 0;
  for (int i = 0; i < 12; ++i)
    boost::asio::co_spawn(
        context,
        [&]() -> Task<void> {
          if (co_await cloud->compute().list_servers()) ++good;
        },
        boost::asio::detached);
  context.restart();
  context.run();
  EXPECT_EQ(good, 12);
  EXPECT_EQ(tokens(), before + 1);
}

TEST_F(AuthFaults, ATokenThatIsRefusedAgainIsAnAuthError) {
  fault({{"match", {{"path", "/servers/detail"}}}, {"status", 401}, {"times", -1}, {"body", "{}"}});
  const auto servers = run(cloud->compute().list_servers());
  ASSERT_FALSE(servers);
  EXPECT_EQ(servers.error().kind, ErrorKind::auth);
}

TEST_F(AuthFaults, ProcessesShareTokenVersionAndIds) {
  const CloudSettings same = cloud->session().settings();
  {
    const auto first = connect(same, true);
    must(run(first->compute().find_flavor(flavor.name)));
    must(run(first->image().find_image(image.name)));
    must(run(first->network().find_network(network.name)));
  }
  const auto second = connect(same, true);
  EXPECT_EQ(must(run(second->compute().find_flavor(flavor.name))).id, flavor.id);
  EXPECT_EQ(must(run(second->image().find_image(image.name))).id, image.id);
  const auto found = must(run(second->network().find_network(network.name)));
  EXPECT_EQ(found.id, network.id);
  EXPECT_EQ(found.subnets.size(), network.subnets.size());
  EXPECT_TRUE(second->counts().empty());
  must(run(second->compute().list_servers()));
  EXPECT_EQ(second->counts().size(), 1u);  // the list, nothing else
  second->session().forget_ids();
  must(run(second->compute().find_flavor(flavor.name)));
  EXPECT_EQ(second->counts().size(), 2u);
}

TEST_F(AuthFaults, ACachedTokenThatWasRevokedIsReplacedForEverybody) {
  const CloudSettings same = cloud->session().settings();
  must(run(connect(same, true)->compute().list_servers()));
  simulator->control("POST", "/tokens/expire");
  const int before = tokens();
  must(run(connect(same, true)->compute().list_servers()));
  must(run(connect(same, true)->compute().list_servers()));
  EXPECT_EQ(tokens(), before + 1);
}

TEST_F(AuthFaults, ANovaThatIsTooOldIsNamed) {
  fault({{"match", {{"method", "GET"}, {"path", "/v2.1/$"}}},
         {"status", 200},
         {"body", {{"version", {{"id", "v2.1"}, {"version", "2.25"}, {"min_version", "2.1"}}}}}});
  const auto other = connect(cloud->session().settings());
  const auto servers = run(other->compute().list_servers());
  ASSERT_FALSE(servers);
  EXPECT_EQ(servers.error().kind, ErrorKind::invalid);
  EXPECT_NE(servers.error().message.find("2.25"), std::string::npos);
}

}  // namespace
}  // namespace tidepool::openstack
