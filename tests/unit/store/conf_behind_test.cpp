// Nodes that missed a change of slurm.conf.
#include <gtest/gtest.h>

#include "scratch.hpp"
#include "store/store.hpp"

namespace tidepool {
namespace {

TEST(ConfBehind, IsKeptUntilTheNodeHasIt) {
  const Scratch scratch;
  {
    auto store = Store::open(scratch.path(), "c");
    ASSERT_TRUE(store);
    EXPECT_TRUE(store->behind_conf()->empty());
    ASSERT_TRUE(store->missed_conf({"b2", "a1", "b2"}));
    ASSERT_TRUE(store->missed_conf({"a1"}));
  }
  auto store = Store::open(scratch.path(), "c");
  ASSERT_TRUE(store);
  EXPECT_EQ(*store->behind_conf(), (std::vector<std::string>{"a1", "b2"}));
  ASSERT_TRUE(store->has_conf({"a1", "never"}));
  EXPECT_EQ(*store->behind_conf(), std::vector<std::string>{"b2"});
}

}  // namespace
}  // namespace tidepool
