#include "openstack/token_cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "answers.hpp"
#include "openstack/auth_request.hpp"
#include "scratch.hpp"

namespace tidepool::openstack {
namespace {

const Time kIssued = *parse_time("2026-11-22T20:00:00Z");

HttpResponse answer() {
  HttpResponse response;
  response.status = 201;
  response.headers["x-subject-token"] = "a-token";
  response.body = answers("token.json").dump();
  return response;
}

std::filesystem::path only_file(const Scratch& scratch) {
  const std::filesystem::directory_iterator first(scratch.path());
  return first == std::filesystem::directory_iterator() ? std::filesystem::path() : first->path();
}

TEST(Token, ReadsKeystonesAnswer) {
  const auto token = read_token(answer());
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->value.reveal(), "a-token");
  EXPECT_EQ(token->project_name, "demo");
  EXPECT_EQ(token->roles, (std::vector<std::string>{"member", "reader"}));
  EXPECT_EQ(format_time(token->expires), "2026-11-23T16:12:12Z");
  EXPECT_EQ(token->catalog.size(), 15u);
}

TEST(Token, NamesTheFieldThatIsWrong) {
  HttpResponse response = answer();
  auto body = answers("token.json");
  body["token"]["expires_at"] = 17;
  response.body = body.dump();
  EXPECT_NE(read_token(response).error().message.find("expires_at"), std::string::npos);
  body = answers("token.json");
  body["token"]["catalog"][0]["endpoints"] = "none";
  response.body = body.dump();
  EXPECT_NE(read_token(response).error().message.find("endpoints"), std::string::npos);
  response = answer();
  response.headers.clear();
  EXPECT_EQ(read_token(response).error().kind, ErrorKind::server_error);
}

TEST(Token, IsNotUsedInItsLastThirtySeconds) {
  Token token = *read_token(answer());
  EXPECT_TRUE(token.usable(token.expires - std::chrono::seconds(31)));
  EXPECT_FALSE(token.usable(token.expires - std::chrono::seconds(30)));
}

TEST(TokenCache, GivesBackWhatItWasGiven) {
  const Scratch scratch;
  const TokenCache cache(scratch.path(), "me@here");
  EXPECT_FALSE(cache.load(kIssued));
  Token token = *read_token(answer());
  token.compute_microversion = "2.93";
  cache.store(token);
  const auto loaded = TokenCache(scratch.path(), "me@here").load(kIssued);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->value, token.value);
  EXPECT_EQ(loaded->catalog, token.catalog);
  EXPECT_EQ(loaded->roles, token.roles);
  EXPECT_EQ(loaded->expires, token.expires);
  EXPECT_EQ(loaded->compute_microversion, "2.93");
  struct stat st {};
  ASSERT_EQ(::stat(only_file(scratch).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST(TokenCache, KeepsCloudsApart) {
  const Scratch scratch;
  TokenCache(scratch.path(), "me@here").store(*read_token(answer()));
  EXPECT_FALSE(TokenCache(scratch.path(), "me@there").load(kIssued));
}

TEST(TokenCache, DoesNotTrustAFileOpenToOthers) {
  const Scratch scratch;
  const TokenCache cache(scratch.path(), "me@here");
  cache.store(*read_token(answer()));
  ASSERT_EQ(::chmod(only_file(scratch).c_str(), 0640), 0);
  EXPECT_FALSE(cache.load(kIssued));
}

TEST(TokenCache, SurvivesDamage) {
  const Scratch scratch;
  const TokenCache cache(scratch.path(), "me@here");
  for (const char* text : {"", "{", "[]", "{\"format\":1}",
                           "{\"format\":1,\"identity\":\"me@here\","
                           "\"roles\":[],\"catalog\":[7],\"token\":\"t\",\"expires_ms\":9e99}"}) {
    cache.store(*read_token(answer()));
    std::ofstream(only_file(scratch), std::ios::trunc) << text;
    EXPECT_FALSE(cache.load(kIssued)) << text;
  }
}

TEST(TokenCache, ExpiredCountsAsAbsent) {
  const Scratch scratch;
  const TokenCache cache(scratch.path(), "me@here");
  cache.store(*read_token(answer()));
  EXPECT_FALSE(cache.load(*parse_time("2026-11-23T16:12:00Z")));
}

TEST(TokenCache, DropsOnlyTheTokenThatWasRefused) {
  const Scratch scratch;
  const TokenCache cache(scratch.path(), "me@here");
  cache.store(*read_token(answer()));
  cache.drop(Secret("another"));
  EXPECT_TRUE(cache.load(kIssued));
  cache.drop(Secret("a-token"));
  EXPECT_FALSE(cache.load(kIssued));
}

TEST(TokenCache, AFolderThatCannotBeWrittenIsNoError) {
  const TokenCache cache("/proc/no-such-folder", "me@here");
  cache.store(*read_token(answer()));
  EXPECT_FALSE(cache.load(kIssued));
}

TEST(TokenCache, HoldsNoPassword) {
  const Scratch scratch;
  CloudSettings settings;
  settings.auth_url = "http://keystone";
  settings.username = "demo";
  settings.password = Secret("hunter2");
  settings.application_credential_secret = Secret("hunter3");
  TokenCache(scratch.path(), auth_identity(settings)).store(*read_token(answer()));
  std::ifstream file(only_file(scratch));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(text.find("demo"), std::string::npos);
  EXPECT_EQ(text.find("hunter"), std::string::npos);
}

}  // namespace
}  // namespace tidepool::openstack
