#include "config/job_wish.hpp"

#include <gtest/gtest.h>

namespace tidepool {
namespace {

using Modes = std::vector<HoldMode>;

std::string held_refusal(std::string_view text) {
  const auto longest = parse_max_held(text);
  return longest ? "taken" : longest.error().message;
}

TEST(JobWish, MaxHeldTakesThePoolFilesDurations) {
  EXPECT_EQ(parse_max_held("90m").value(), Seconds(5400));
  EXPECT_EQ(parse_max_held("24h").value(), Seconds(86'400));
  EXPECT_EQ(parse_max_held("3650d").value(), kLongestHeld);
  EXPECT_EQ(parse_max_held("60").value(), Seconds(60));
  EXPECT_EQ(parse_max_held("2000ms").value(), Seconds(2));
}

TEST(JobWish, WrongMaxHeldIsRefusedByName) {
  EXPECT_NE(held_refusal("soon").find("'soon' is not a duration; write a number with its unit"),
            std::string::npos);
  for (const auto* text : {"", "-1h", "24 h", "1h30m", "99999999999999999999h", "24H"})
    EXPECT_NE(held_refusal(text).find("is not a duration"), std::string::npos) << text;
  EXPECT_NE(held_refusal("0s").find("say --no-hold"), std::string::npos);
  EXPECT_NE(held_refusal("1500ms").find("whole number of seconds"), std::string::npos);
  EXPECT_NE(held_refusal("3651d").find("at most 3650d"), std::string::npos);
}

TEST(JobWish, WrittenAndReadAgain) {
  const std::vector<std::pair<JobWish, std::string>> all{
      {{}, ""},
      {{{HoldMode::suspend, HoldMode::requeue}, Seconds(86'400), false},
       "tidepool:hold-mode=suspend,requeue;max-held=86400s"},
      {{{HoldMode::stop}, {}, false}, "tidepool:hold-mode=stop"},
      {{{}, Seconds(60), false}, "tidepool:max-held=60s"},
      {{{}, {}, true}, "tidepool:no-hold"}};
  for (const auto& [wish, text] : all) {
    EXPECT_EQ(format_job_wish(wish), text);
    const auto read = read_job_wish(text);
    EXPECT_EQ(read.wish, wish) << text;
    EXPECT_TRUE(read.faults.empty()) << read.faults[0];
  }
}

TEST(JobWish, ForeignTextIsNoWish) {
  for (const auto* text :
       {"", "approved by Ann", "tidepool", "tidepool:", "tidepool: held since noon",
        "xtidepool:no-hold", "see(tidepool:no-hold)", "Tidepool:no-hold", "no-hold"}) {
    const auto read = read_job_wish(text);
    EXPECT_TRUE(read.wish.empty()) << text;
    EXPECT_TRUE(read.faults.empty()) << text;
  }
  const auto read = read_job_wish("approved by Ann; tidepool: held\ttidepool:no-hold\nthanks");
  EXPECT_TRUE(read.wish.no_hold);
  EXPECT_TRUE(read.faults.empty());
}

TEST(JobWish, TheLastWishCounts) {
  EXPECT_EQ(read_job_wish("tidepool:no-hold tidepool:hold-mode=stop").wish.modes,
            Modes{HoldMode::stop});
}

TEST(JobWish, WhatCannotBeReadIsNamedAndTheRestCounts) {
  const auto read = read_job_wish("tidepool:hold-mode=freeze;colour=red;max-held=60s");
  EXPECT_TRUE(read.wish.modes.empty());
  EXPECT_EQ(read.wish.max_held, Seconds(60));
  ASSERT_EQ(read.faults.size(), 2u);
  EXPECT_NE(read.faults[0].find("'freeze' is not a hold mode"), std::string::npos);
  EXPECT_NE(read.faults[1].find("'colour=red'"), std::string::npos);
  EXPECT_TRUE(read_job_wish("tidepool:max-held=soon;no-hold").wish.no_hold);
}

TEST(JobWish, OfAContradictionTheRefusalCounts) {
  const auto read = read_job_wish("tidepool:hold-mode=stop;no-hold");
  EXPECT_EQ(read.wish, (JobWish{{}, {}, true}));
  EXPECT_EQ(read.faults.size(), 1u);
  EXPECT_FALSE(contradiction_in({{}, Seconds(1), true}).empty());
  EXPECT_TRUE(contradiction_in({{HoldMode::stop}, Seconds(1), false}).empty());
}

TEST(JobWish, OtherTextOfTheCommentIsKept) {
  const JobWish stop{{HoldMode::stop}, {}, false};
  const std::string ours = "tidepool:hold-mode=stop";
  EXPECT_EQ(with_job_wish("", stop), ours);
  EXPECT_EQ(with_job_wish("approved  by Ann", stop), "approved  by Ann " + ours);
  EXPECT_EQ(with_job_wish("a tidepool:no-hold b", stop), "a b " + ours);
  EXPECT_EQ(with_job_wish("tidepool:no-hold b", stop), "b " + ours);
  EXPECT_EQ(with_job_wish("a tidepool:no-hold", {}), "a");
  EXPECT_EQ(with_job_wish("tidepool:no-hold", {}), "");
  EXPECT_EQ(with_job_wish("a tidepool: held", {}), "a tidepool: held");
  EXPECT_EQ(with_job_wish(with_job_wish("a", stop), stop), "a " + ours);
}

}  // namespace
}  // namespace tidepool
