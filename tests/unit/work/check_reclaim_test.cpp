// What `check` says of the section reclaim.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "scratch.hpp"
#include "work/check_reclaim.hpp"

namespace tidepool {
namespace {

class CheckReclaim : public ::testing::Test {
 protected:
  void SetUp() override {
    Pool pool;
    pool.name = pool.partition = "osg";
    pool.hold.modes = {HoldMode::suspend};
    pools.pools = {pool};
    pools.state.dir = scratch.path("state");
    std::filesystem::create_directory(pools.state.dir);
    OpportunisticClass c;
    c.name = "pilots";
    c.partitions = {"osg"};
    pools.reclaim.classes = {c};
    pools.reclaim.given = true;
  }
  std::string said() {
    std::string all;
    for (const auto& d : check_reclaim(pools)) all += to_string(d) + "\n";
    return all;
  }
  Scratch scratch;
  PoolFile pools;
};

TEST_F(CheckReclaim, AModeThatFreesNoQuotaIsSaid) {
  EXPECT_NE(said().find("suspend frees the hypervisor, but neither placement nor the quota"),
            std::string::npos)
      << said();
  pools.reclaim.classes[0].modes = {HoldMode::suspend, HoldMode::snapshot};
  EXPECT_EQ(said(), "");
  pools.reclaim.classes[0].modes.clear();
  pools.reclaim.classes[0].may_requeue = true;
  EXPECT_EQ(said(), "");
  pools.reclaim.given = false;
  pools.reclaim.classes[0].may_requeue = false;
  EXPECT_EQ(said(), "");
}

TEST_F(CheckReclaim, HeadroomNeedsTheService) {
  pools.reclaim.headroom.cores.absolute = 4;
  EXPECT_NE(said().find("keep tidepool.service running"), std::string::npos);
}

TEST_F(CheckReclaim, ADropFolderThatIsNoneOrThatIsNotUsed) {
  pools.reclaim.drop_folder = scratch.path("drop");
  EXPECT_NE(said().find("is no folder"), std::string::npos);
  std::filesystem::create_directory(pools.reclaim.drop_folder);
  ::chmod(pools.reclaim.drop_folder.c_str(), 0777);
  EXPECT_NE(said().find("without the sticky bit"), std::string::npos);
  ::chmod(pools.reclaim.drop_folder.c_str(), 03770);
  EXPECT_EQ(said().find("drop_folder"), std::string::npos) << said();
}

}  // namespace
}  // namespace tidepool
