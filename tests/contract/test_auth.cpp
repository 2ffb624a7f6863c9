#include <fmt/chrono.h>
#include <memory>
#include <thread>

#include "cloud_fixture.hpp"
#include "keystone.hpp"
#include "openstack/auth_request.hpp"
#include "openstack/errors.hpp"
#include "openstack/token_cache.hpp"
#include "temporary_folder.hpp"

namespace tidepool::openstack {
namespace {

class Auth : public CloudTest {
 protected:
  void SetUp() override {
    CloudTest::SetUp();
    if (!HasFatalFailure())
      keystone =
          std::make_unique<Keystone>(cloud->session().http(), cloud->session().settings().auth_url);
  }
  // A client that finds this token in its cache and takes it for good.
  std::unique_ptr<Cloud> with_cached(Token token) {
    const CloudSettings& same = cloud->session().settings();
    token.expires = now() + std::chrono::hours(1);
    TokenCache(folder.path(), auth_identity(same)).store(token);
    return std::make_unique<Cloud>(context, same, folder.path());
  }
  // It is replaced once, and nobody notices.
  void expect_replaced(const Token& void_token) {
    const auto other = with_cached(void_token);
    must(run(other->compute().list_servers()));
    const auto cached = TokenCache(folder.path(), auth_identity(other->session().settings()));
    const auto now_cached = cached.load(now());
    ASSERT_TRUE(now_cached);
    EXPECT_FALSE(now_cached->value == void_token.value);
    int authentications = 0;
    for (const auto& [route, count] : other->counts())
      if (route.find("/auth/tokens") != route.npos) authentications += count;
    EXPECT_EQ(authentications, 1);
  }
  Token issue() { return must(run(keystone->issue(cloud->session().settings()))); }

  std::unique_ptr<Keystone> keystone;
  TemporaryFolder folder;
};
TEST_F(Auth, APasswordGivesAProjectAndRoles) {
  const auto identity = must(run(cloud->session().identity()));
  EXPECT_FALSE(identity.project_id.empty());
  EXPECT_FALSE(identity.user_id.empty());
  EXPECT_FALSE(identity.roles.empty());
  EXPECT_GT(identity.expires_ms, to_millis(now()));
}

TEST_F(Auth, AWrongPasswordIsRefusedAndNotRepeatedInTheMessage) {
  CloudSettings wrong = cloud->session().settings();
  if (wrong.auth_type != AuthType::password) GTEST_SKIP() << "the cloud has no password";
  wrong.password = Secret("not-this-one");
  const auto other = connect(wrong);
  const auto servers = run(other->compute().list_servers());
  ASSERT_FALSE(servers);
  EXPECT_EQ(servers.error().kind, ErrorKind::auth);
  EXPECT_EQ(servers.error().message.find("not-this-one"), std::string::npos);
  // Wrong credentials do not become right: one request only, lest the account is locked.
  for (const auto& [route, count] : other->counts()) EXPECT_EQ(count, 1) << route;
}

TEST_F(Auth, AnApplicationCredentialWorks) {
  const auto credential = settings("demo-appcred");
  if (!credential) GTEST_SKIP() << "no such cloud in clouds.yaml";
  const auto other = connect(*credential);
  EXPECT_EQ(must(run(other->session().identity())).project_name, "demo");
  must(run(other->compute().list_servers()));
}

TEST_F(Auth, MicroversionIsAgreedOn) {
  const std::string version = must(run(cloud->session().compute_microversion()));
  EXPECT_EQ(version.substr(0, 2), "2.");
}

TEST_F(Auth, ARestrictedApplicationCredentialMakesNoOther) {
  const auto credential = settings("demo-appcred");
  if (!credential) GTEST_SKIP() << "no such cloud in clouds.yaml";
  const Token token = must(run(keystone->issue(*credential)));
  const auto refused = must(run(keystone->make_credential(token, "another", "")));
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_EQ(error_from(refused).kind, ErrorKind::forbidden);
}

TEST_F(Auth, ARevokedTokenIsReplaced) {
  const Token token = issue();
  EXPECT_EQ(must(run(keystone->revoke(token))).status, 204);
  expect_replaced(token);
}

TEST_F(Auth, AnExpiredTokenIsReplaced) {
  // A token lives no longer than the application credential that it was got with.
  const Token owner = issue();
  const auto ends = std::chrono::system_clock::now() + std::chrono::seconds(5);
  const auto name = fmt::format("tidepool-contract-{}", ends.time_since_epoch().count());
  const auto made = must(run(keystone->make_credential(
      owner, name,
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(ends))))));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto body = nlohmann::json::parse(made.body)["application_credential"];
  CloudSettings brief = cloud->session().settings();
  brief.auth_type = AuthType::application_credential;
  brief.application_credential_id = body["id"].get<std::string>();
  brief.application_credential_secret = Secret(body["secret"].get<std::string>());
  const Token token = must(run(keystone->issue(brief)));
  EXPECT_LE(token.expires, ends);
  std::this_thread::sleep_until(ends + std::chrono::seconds(2));
  EXPECT_EQ(run(keystone->issue(brief)).error().kind, ErrorKind::auth);
  expect_replaced(token);
  must(run(keystone->delete_credential(owner, brief.application_credential_id)));
}

TEST_F(Auth, AMicroversionThatIsTooNewIsNotAskedFor) {
  CloudSettings wish = cloud->session().settings();
  wish.default_microversion["compute"] = "2.999";
  const auto other = connect(wish);
  EXPECT_EQ(must(run(other->session().compute_microversion())),
            must(run(cloud->session().compute_microversion())));
  must(run(other->compute().list_servers()));
  // What Nova says to it.
  HttpRequest request;
  request.url = must(run(cloud->session().endpoint(Service::compute))) + "/servers";
  request.token = issue().value;
  request.headers = {{"OpenStack-API-Version", "compute 2.999"}};
  const auto answer = must(run(cloud->session().http().send(request)));
  EXPECT_EQ(answer.status, 406) << answer.body;
  EXPECT_EQ(error_from(answer).kind, ErrorKind::bad_request);
}

}  // namespace
}  // namespace tidepool::openstack
