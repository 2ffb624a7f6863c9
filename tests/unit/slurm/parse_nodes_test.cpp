#include <gtest/gtest.h>

#include "slurm/controller.hpp"

namespace tidepool::slurm {
namespace {

// As scontrol 22.05.8 prints it.
constexpr const char* kText =
    "NodeName=osg-001 Arch=x86_64 CoresPerSocket=1 CPUAlloc=1 CPUEfctv=1 CPUTot=1 CPULoad=0.50 "
    "AvailableFeatures=(null) ActiveFeatures=(null) Gres=(null) NodeAddr=10.1.0.1 "
    "NodeHostName=osg-001 Version=22.05.8 OS=Linux 6.1.0 #1 SMP State=fake RealMemory=100 "
    "AllocMem=0 FreeMem=1 Sockets=1 Boards=1 State=ALLOCATED+CLOUD ThreadsPerCore=1 TmpDisk=0 "
    "Weight=1 Owner=N/A MCS_label=N/A Partitions=osg BootTime=2026-11-25T20:00:00 "
    "SlurmdStartTime=2026-11-25T20:00:05 LastBusyTime=Unknown CfgTRES=cpu=1,mem=100M "
    "AllocTRES=cpu=1 CapWatts=n/a\n"
    "NodeName=osg-002 CoresPerSocket=1 NodeAddr=osg-002 NodeHostName=osg-002 RealMemory=100 "
    "State=DOWN+CLOUD+NOT_RESPONDING+POWERING_UP ThreadsPerCore=1 Partitions=osg BootTime=None "
    "SlurmdStartTime=None Reason=tidepool: quota: State=IDLE no [room] "
    "[slurm@2026-11-25T20:00:00]\n"
    "NodeName=osg-003 State=IDLE*+CLOUD Partitions=(null)\n";

TEST(ParseNodesTest, ReadsWhatTheWorkerNeeds) {
  const auto nodes = parse_nodes(kText);
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[0].address, "10.1.0.1");
  EXPECT_EQ(nodes[0].partitions, "osg");
  EXPECT_GT(nodes[0].slurmd_start_s, nodes[0].boot_time_s);
  EXPECT_EQ(nodes[1].state, "DOWN");
  EXPECT_TRUE(nodes[1].has("POWERING_UP"));
  EXPECT_TRUE(nodes[1].has("NOT_RESPONDING"));
  EXPECT_FALSE(nodes[1].has("POWERED_DOWN"));
  EXPECT_EQ(nodes[1].boot_time_s, 0);
  EXPECT_EQ(nodes[1].reason, "tidepool: quota: State=IDLE no [room]");
  EXPECT_EQ(nodes[2].partitions, "");
}

TEST(ParseNodesTest, ReasonAndExtraHaveBlanks) {
  const auto nodes = parse_nodes(
      "NodeName=osg-001 NodeAddr=10.53.1.1 State=IDLE+CLOUD+DRAIN Partitions=osg  "
      "BootTime=2026-11-30T10:47:04 SlurmdStartTime=2026-11-30T10:47:04 Reason=x y "
      "[root@2026-11-30T10:49:27] Extra=tidepool-hold id=3 jobs=12,13 addr=10.1.2.3 mode=suspend\n"
      "NodeName=osg-002 State=IDLE*+CLOUD+DRAIN BootTime=None Reason=a [b] c "
      "[root@2026-11-30T10:49:27]\n");
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].reason, "x y");
  EXPECT_EQ(nodes[0].extra, "tidepool-hold id=3 jobs=12,13 addr=10.1.2.3 mode=suspend");
  EXPECT_EQ(nodes[1].reason, "a [b] c");
  EXPECT_EQ(nodes[1].extra, "");
}

TEST(ParseNodesTest, RubbishIsNoNode) {
  EXPECT_TRUE(parse_nodes("").empty());
  EXPECT_TRUE(parse_nodes("No nodes in the system\n\n").empty());
  EXPECT_EQ(parse_nodes("NodeName=a").size(), 1u);
}

}  // namespace
}  // namespace tidepool::slurm
