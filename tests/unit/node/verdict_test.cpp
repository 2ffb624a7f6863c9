#include "node/verdict.hpp"

#include <gtest/gtest.h>

namespace tidepool::node {
namespace {

Error error(ErrorKind kind) {
  Error e;
  e.kind = kind;
  return e;
}

constexpr Millis kPatience{60'000};

TEST(JudgeTest, WallsAreToldAtOnceAndRestThePool) {
  for (const auto kind : {ErrorKind::quota, ErrorKind::no_valid_host, ErrorKind::bad_request,
                          ErrorKind::not_found, ErrorKind::auth, ErrorKind::forbidden}) {
    const auto v = judge(error(kind), 1, Millis(0), kPatience);
    EXPECT_TRUE(v.give_up) << to_string(kind);
    EXPECT_TRUE(v.rest_pool) << to_string(kind);
  }
}

TEST(JudgeTest, WeatherIsWaitedForUntilPatienceEnds) {
  for (const auto kind : {ErrorKind::server_error, ErrorKind::timeout, ErrorKind::unreachable,
                          ErrorKind::throttled, ErrorKind::busy}) {
    const auto early = judge(error(kind), 3, Millis(1000), kPatience);
    EXPECT_FALSE(early.give_up) << to_string(kind);
    EXPECT_EQ(early.retry_in, Millis(4000));
    const auto late = judge(error(kind), 3, kPatience, kPatience);
    EXPECT_TRUE(late.give_up) << to_string(kind);
    EXPECT_FALSE(late.rest_pool) << to_string(kind);
  }
}

TEST(JudgeTest, RetryAfterIsObeyed) {
  Error e = error(ErrorKind::throttled);
  e.retry_after = std::chrono::seconds(17);
  EXPECT_EQ(judge(e, 1, Millis(0), kPatience).retry_in, Millis(17'000));
}

TEST(JudgeTest, AnAddressInUseIsTriedAFewTimes) {
  for (int n = 1; n < kAddressTries; ++n)
    EXPECT_FALSE(judge(error(ErrorKind::address_in_use), n, Millis(0), kPatience).give_up);
  const auto v = judge(error(ErrorKind::address_in_use), kAddressTries, Millis(0), kPatience);
  EXPECT_TRUE(v.give_up);
  EXPECT_FALSE(v.rest_pool);
}

TEST(JudgeTest, AConflictIsReadAgainSoon) {
  EXPECT_EQ(judge(error(ErrorKind::conflict), 9, kPatience * 2, kPatience).retry_in, Millis(500));
}

TEST(BackOffTest, DoublesUpToHalfAMinute) {
  EXPECT_EQ(back_off(1), Millis(1000));
  EXPECT_EQ(back_off(2), Millis(2000));
  EXPECT_EQ(back_off(5), Millis(16'000));
  EXPECT_EQ(back_off(6), Millis(30'000));
  EXPECT_EQ(back_off(1'000'000), Millis(30'000));
  EXPECT_EQ(back_off(0), Millis(1000));
}

TEST(RestTest, DoublesUpToItsMaximum) {
  Policy p;
  p.cool_off = Millis(60'000);
  p.cool_off_max = Millis(600'000);
  EXPECT_EQ(rest_for(0, p), Millis(60'000));
  EXPECT_EQ(rest_for(1, p), Millis(120'000));
  EXPECT_EQ(rest_for(3, p), Millis(480'000));
  EXPECT_EQ(rest_for(4, p), Millis(600'000));
  EXPECT_EQ(rest_for(1000, p), Millis(600'000));
}

TEST(PatienceTest, ComesFromResumeTimeoutUnlessThePoolFileSays) {
  Policy p;
  EXPECT_EQ(patience_of(p, Millis(300'000)).boot, Millis(300'000));
  EXPECT_EQ(patience_of(p, Millis(300'000)).give_up, Millis(240'000));
  p.boot_timeout = Millis(5000);
  p.give_up_after = Millis(7000);
  EXPECT_EQ(patience_of(p, Millis(300'000)).boot, Millis(5000));
  EXPECT_EQ(patience_of(p, Millis(300'000)).give_up, Millis(7000));
}

}  // namespace
}  // namespace tidepool::node
