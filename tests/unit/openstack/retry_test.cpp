#include "openstack/retry.hpp"

#include <gtest/gtest.h>

namespace tidepool::openstack {
namespace {

using std::chrono::seconds;

Error failure(ErrorKind kind, int status = 0, std::optional<seconds> after = {}) {
  Error error;
  error.kind = kind;
  error.http_status = status;
  error.retry_after = after;
  return error;
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  const Time at = *parse_time("2026-11-25T20:00:00Z");
  EXPECT_EQ(parse_retry_after("0", at), seconds(0));
  EXPECT_EQ(parse_retry_after("17", at), seconds(17));
  EXPECT_EQ(parse_retry_after("Wed, 25 Nov 2026 20:01:30 GMT", at), seconds(90));
  EXPECT_EQ(parse_retry_after("Wed, 25 Nov 2026 19:00:00 GMT", at), seconds(0));
}

TEST(RetryAfter, IsCapped) {
  const Time at = *parse_time("2026-11-25T20:00:00Z");
  EXPECT_EQ(parse_retry_after("301", at), seconds(300));
  EXPECT_EQ(parse_retry_after("99999999999999999999", at), seconds(300));
  EXPECT_EQ(parse_retry_after("Wed, 25 Nov 2099 20:01:30 GMT", at), seconds(300));
}

TEST(RetryAfter, IgnoresWhatItCannotRead) {
  for (const char* value : {"", "soon", "-1", "1.5", "7s", "-99999999999999999999", "Wed, 25 Nov"})
    EXPECT_EQ(parse_retry_after(value, Time{}), std::nullopt) << value;
}

TEST(Retry, OnlyWhatCanHelp) {
  const RetryPolicy policy;
  EXPECT_TRUE(policy.wait(failure(ErrorKind::unreachable), 1, 0));
  EXPECT_TRUE(policy.wait(failure(ErrorKind::throttled, 429), 1, 0));
  for (const int status : {502, 503, 504})
    EXPECT_TRUE(policy.wait(failure(ErrorKind::server_error, status), 1, 0)) << status;
  EXPECT_FALSE(policy.wait(failure(ErrorKind::server_error, 500), 1, 0));
  EXPECT_TRUE(policy.wait(failure(ErrorKind::server_error), 1, 0));  // broken off
  EXPECT_FALSE(policy.wait(failure(ErrorKind::timeout), 1, 0));
  EXPECT_FALSE(policy.wait(failure(ErrorKind::auth, 401), 1, 0));
  EXPECT_FALSE(policy.wait(failure(ErrorKind::conflict, 409), 1, 0));
}

TEST(Retry, WaitsLongerEachTimeThenStops) {
  const RetryPolicy policy;
  const Error error = failure(ErrorKind::unreachable);
  EXPECT_EQ(policy.wait(error, 1, 0), Millis(125));
  EXPECT_EQ(policy.wait(error, 2, 0), Millis(250));
  EXPECT_EQ(policy.wait(error, 3, 0), Millis(500));
  EXPECT_LT(*policy.wait(error, 3, 0.999), Millis(1000));
  EXPECT_EQ(policy.wait(error, 4, 0), std::nullopt);
}

TEST(Retry, ObeysRetryAfterButLeavesLongOnesToTheCaller) {
  const RetryPolicy policy;
  EXPECT_EQ(policy.wait(failure(ErrorKind::throttled, 429, seconds(3)), 1, 0.5), Millis(3000));
  EXPECT_EQ(policy.wait(failure(ErrorKind::throttled, 429, seconds(0)), 1, 0), Millis(125));
  EXPECT_EQ(policy.wait(failure(ErrorKind::throttled, 429, seconds(11)), 1, 0), std::nullopt);
}

}  // namespace
}  // namespace tidepool::openstack
