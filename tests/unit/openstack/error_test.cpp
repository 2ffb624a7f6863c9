#include "openstack/errors.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cctype>

#include "answers.hpp"

namespace tidepool::openstack {
namespace {

HttpResponse response_of(const nlohmann::json& answer) {
  HttpResponse response;
  response.status = answer["status"];
  response.body = answer["body"].dump();
  for (const auto& [name, value] : answer["headers"].items()) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    response.headers[lower] = value.get<std::string>();
  }
  return response;
}

HttpResponse plain(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(Errors, EveryRealAnswerHasItsClass) {
  const auto all = answers("errors.json");
  ASSERT_GE(all.size(), 48u);
  for (const auto& answer : all) {
    SCOPED_TRACE(answer["case"].get<std::string>());
    const Error error = error_from(response_of(answer));
    EXPECT_EQ(to_string(error.kind), answer["kind"].get<std::string>());
    EXPECT_EQ(error.http_status, answer["status"].get<int>());
    EXPECT_EQ(error.request_id.substr(0, 4), "req-");
    EXPECT_FALSE(error.maybe_done);
    // The service's own words, not "HTTP 409".
    EXPECT_NE(error.message.substr(0, 4), "HTTP");
    EXPECT_LE(error.message.size(), 300u);
    EXPECT_NE(error.message.back(), '.');
  }
}

TEST(Errors, AnswersThatNoServiceOfOursGives) {
  EXPECT_EQ(error_from(plain(429, "{}")).kind, ErrorKind::throttled);
  EXPECT_EQ(error_from(plain(500, R"({"computeFault":{"code":500,"message":"x"}})")).kind,
            ErrorKind::server_error);
  EXPECT_TRUE(error_from(plain(502, "")).maybe_done);
  const Error over = error_from(plain(
      409,
      R"({"NeutronError":{"type":"OverQuota","message":"Quota exceeded for resources: ['port']"}})"));
  EXPECT_EQ(over.kind, ErrorKind::quota);
  const Error ports = error_from(
      plain(403, R"({"forbidden":{"code":403,"message":"Maximum number of ports exceeded"}})"));
  EXPECT_EQ(ports.kind, ErrorKind::quota);
}

TEST(Errors, OldNovaThrottlesWith413) {
  HttpResponse response = plain(413, R"({"overLimit":{"code":413,"message":"slow down"}})");
  response.headers["retry-after"] = "7";
  const Error error = error_from(response);
  EXPECT_EQ(error.kind, ErrorKind::throttled);
  EXPECT_EQ(error.retry_after, std::chrono::seconds(7));
}

TEST(Errors, ABalancersPageIsNotQuoted) {
  const Error error = error_from(plain(504, "<html><h1>504 Gateway Time-out</h1></html>"));
  EXPECT_EQ(error.message, "HTTP 504");
}

TEST(Errors, ARedirectNamesItsTarget) {
  HttpResponse response = plain(302, "");
  response.headers["location"] = "https://elsewhere.example/v2.1";
  const Error error = error_from(response);
  EXPECT_EQ(error.kind, ErrorKind::server_error);
  EXPECT_NE(error.message.find("elsewhere.example"), std::string::npos);
}

TEST(Errors, HostileBodiesAreHarmless) {
  for (const char* body :
       {"", "null", "[]", "{", "{\"error\":7}", "{\"errors\":[]}", "\xff\xfe",
        "{\"errors\":[null]}", "{\"x\":{\"message\":[1]}}", "{\"message\":{}}"}) {
    const Error error = error_from(plain(400, body));
    EXPECT_EQ(error.kind, ErrorKind::bad_request) << body;
    EXPECT_FALSE(error.message.empty()) << body;
  }
}

TEST(Errors, FaultsOfServers) {
  EXPECT_EQ(fault_kind("No valid host was found. "), ErrorKind::no_valid_host);
  EXPECT_EQ(fault_kind("No valid host was found. There are not enough hosts available."),
            ErrorKind::no_valid_host);
  EXPECT_EQ(fault_kind("Build of instance 2b69027c-ff21-4714-b425-935122ee0c15 aborted: Invalid "
                       "input received: Fixed IP 192.168.77.5 is not a valid ip address for "
                       "network faa2280a-e2b9-4064-aff5-c494052b5e8d."),
            ErrorKind::bad_request);
  EXPECT_EQ(fault_kind("Exceeded maximum number of retries. Exhausted all hosts available for "
                       "retrying build failures for instance d88f7156."),
            ErrorKind::server_error);
  EXPECT_EQ(fault_kind("Build of instance x aborted: Quota exceeded for resources: ['port']."),
            ErrorKind::quota);
  EXPECT_EQ(fault_kind("Fixed IP address 10.20.7.7 is already in use on instance x."),
            ErrorKind::address_in_use);
  EXPECT_EQ(fault_kind("Image 5 could not be found."), ErrorKind::bad_request);
  EXPECT_EQ(fault_kind(""), ErrorKind::server_error);
}

}  // namespace
}  // namespace tidepool::openstack
