#include "base/fault_point.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace tidepool {
namespace {

TEST(FaultPointTest, KillsAtTheChosenPassing) {
  EXPECT_EXIT(
      {
        arm_fault_point("here:2");
        fault_point("elsewhere");
        fault_point("here");
        ::fputs("once\n", stderr);
        fault_point("here");
        ::fputs("twice\n", stderr);
      },
      ::testing::KilledBySignal(SIGKILL), "once\n$");
}

TEST(FaultPointTest, WithoutANumberTheFirst) {
  EXPECT_EXIT(
      {
        arm_fault_point("here");
        fault_point("here");
      },
      ::testing::KilledBySignal(SIGKILL), "");
}

TEST(FaultPointTest, UnarmedItDoesNothing) {
  arm_fault_point("");
  fault_point("here");
  fault_point("");
}

}  // namespace
}  // namespace tidepool
