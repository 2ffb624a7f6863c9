#include "openstack/limiter.hpp"

#include <gtest/gtest.h>

namespace tidepool::openstack {
namespace {

using std::chrono::milliseconds;

void answers(Window& window, int count, int ms) {
  for (int i = 0; i < count; ++i) window.good(milliseconds(ms));
}

TEST(Window, StartsAtFourOrBelow) {
  EXPECT_EQ(Window(16).size(), 4);
  EXPECT_EQ(Window(2).size(), 2);
}

TEST(Window, OpensWhereTheCloudHasRoom) {
  Window window(16);
  answers(window, 200, 300);
  EXPECT_EQ(window.size(), 16);
}

TEST(Window, ComesBackWhenTheCloudChokes) {
  Window window(32);
  answers(window, 800, 300);
  ASSERT_EQ(window.size(), 32);
  answers(window, 200, 17'000);
  EXPECT_LE(window.size(), 5);
}

TEST(Window, QuickRequestsOfAnotherKindDoNotCloseIt) {
  Window window(16);
  answers(window, 200, 30);   // deletes
  answers(window, 100, 300);  // creates, none of which waits
  EXPECT_GE(window.size(), 4);
}

TEST(Window, RefusalsCloseItAndGoodAnswersOpenItAgain) {
  Window window(16);
  answers(window, 200, 300);
  window.bad();
  EXPECT_EQ(window.size(), 8);
  for (int i = 0; i < 20; ++i) window.bad();
  EXPECT_EQ(window.size(), 1);
  answers(window, 300, 300);
  EXPECT_EQ(window.size(), 16);
}

}  // namespace
}  // namespace tidepool::openstack
