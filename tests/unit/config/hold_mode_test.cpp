#include "config/hold_mode.hpp"

#include <gtest/gtest.h>

namespace tidepool {
namespace {

std::string refusal(std::string_view text) {
  const auto modes = parse_hold_modes(text);
  return modes ? "taken" : modes.error().message;
}

TEST(HoldMode, EveryWordIsItsMode) {
  for (const auto* word :
       {"pause", "suspend", "hibernate", "shelve", "stop", "snapshot", "requeue"}) {
    ASSERT_TRUE(hold_mode(word)) << word;
    EXPECT_EQ(to_string(*hold_mode(word)), word);
    EXPECT_NE(hold_mode_words().find(word), std::string::npos);
  }
  for (const auto* word : {"", "Suspend", "suspend ", "delete", "susp"})
    EXPECT_FALSE(hold_mode(word)) << word;
}

TEST(HoldMode, AListKeepsItsOrder) {
  const auto modes = parse_hold_modes("hibernate,suspend,requeue");
  ASSERT_TRUE(modes) << modes.error().message;
  EXPECT_EQ(*modes, (std::vector{HoldMode::hibernate, HoldMode::suspend, HoldMode::requeue}));
  EXPECT_EQ(format_hold_modes(*modes), "hibernate,suspend,requeue");
}

TEST(HoldMode, WrongListsAreRefusedByName) {
  EXPECT_NE(refusal("freeze").find("'freeze' is not a hold mode; use one of pause, suspend"),
            std::string::npos);
  EXPECT_NE(refusal("").find("'' is not a hold mode"), std::string::npos);
  EXPECT_NE(refusal("suspend,").find("'' is not a hold mode"), std::string::npos);
  EXPECT_NE(refusal("suspend, stop").find("' stop' is not a hold mode"), std::string::npos);
  EXPECT_NE(refusal("stop,suspend,stop").find("'stop' is there twice"), std::string::npos);
  EXPECT_NE(refusal("requeue,stop").find("'stop' comes after requeue"), std::string::npos);
}

}  // namespace
}  // namespace tidepool
