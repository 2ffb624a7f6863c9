#include "openstack/redact.hpp"

#include <gtest/gtest.h>

namespace tidepool::openstack {
namespace {

TEST(SafeText, HidesTokens) {
  const std::string token = "gAAAAABnQ" + std::string(150, 'x') + "==";
  const std::string text = safe_text("token " + token + " is not valid.");
  EXPECT_EQ(text, "token [token] is not valid");
  EXPECT_EQ(safe_text("eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.e30.c2ln!"), "[token]!");
}

TEST(SafeText, IsOneLineOfLimitedLength) {
  EXPECT_EQ(safe_text("a\n\n b\tc\x01"), "a b c");
  EXPECT_EQ(safe_text(std::string(1000, 'a')).size(), 300u);
  EXPECT_EQ(safe_text("a b c", 3), "a b");
}

TEST(SafeText, DoesNotCutACharacterInHalf) {
  EXPECT_EQ(safe_text("\u00e4\u00e4", 3), "\u00e4");
}

TEST(SafeText, LeavesIdsAlone) {
  EXPECT_EQ(safe_text("Instance c0af4021-2575-471a-a19c-ef74e692e3c8 is locked"),
            "Instance c0af4021-2575-471a-a19c-ef74e692e3c8 is locked");
}

}  // namespace
}  // namespace tidepool::openstack
