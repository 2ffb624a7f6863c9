// Who could step aside, and how.
#include "reclaim_fixture.hpp"

namespace tidepool {
namespace {

using ReclaimCandidatesTest = ReclaimCluster;

TEST_F(ReclaimCandidatesTest, AJobByTheFirstModeThatFreesTheBook) {
  pilot(12, {"a1"});
  EXPECT_EQ(said(), "job 12 on a1: hibernate, 4 cores");
  need.book = Book::hypervisor;
  EXPECT_EQ(said(), "job 12 on a1: suspend,hibernate, 4 cores");
  need.book = Book::quota;
  EXPECT_NE(said().find("no, suspend frees the hypervisor, but neither placement nor the quota "
                        "(not measured: run 'tidepool probe'); hibernate frees placement's room"),
            std::string::npos)
      << said();
}

TEST_F(ReclaimCandidatesTest, ItsWeight) {
  auto& info = pilot(12, {"a1", "a2"});
  reclaim.history[12] = {2, kAt - Millis(5'000)};
  auto found = candidates();
  ASSERT_EQ(found.all.size(), 1u);
  const auto& c = found.all[0];
  EXPECT_EQ(c.frees, (Amount{2, 8, 16384}));
  EXPECT_EQ(c.at_stake, 400);
  EXPECT_EQ(c.ran, Millis(5'000)) << "since it came back";
  EXPECT_EQ(c.holds, 2);
  EXPECT_EQ(c.min_run, Millis(60'000));
  EXPECT_EQ(c.max_holds, 3);
  EXPECT_EQ(found.ways[0].class_name, "osg");
  reclaim.history.clear();
  info.start_time_s = 9'000;
  EXPECT_EQ(candidates().all[0].ran, Millis(1'000'000)) << "since it started";
}

TEST_F(ReclaimCandidatesTest, JobsThatShareNodesAreOne) {
  pilot(12, {"a1"});
  pilot(13, {"a1", "a2"});
  pilot(14, {"a3"});
  EXPECT_EQ(said(), "jobs 12,13 on a[1-2]: hibernate, 8 cores; job 14 on a3: hibernate, 4 cores");
  job(15, {"a3"}).partition = "compute";
  EXPECT_NE(said().find("shares a node with job 15, which is not opportunistic"),
            std::string::npos);
}

TEST_F(ReclaimCandidatesTest, WhoIsNone) {
  job(11, {"b1"}).partition = "compute";
  EXPECT_EQ(said(), "") << "normal jobs are nobody's business";
  auto& info = pilot(12, {"a1"});
  info.admin_comment = "tidepool:no-hold";
  EXPECT_EQ(said(), "job 12 on a1: no, job 12 was submitted with --no-hold");
  info.admin_comment.clear();
  info.state = "CONFIGURING";
  EXPECT_EQ(said(), "job 12 on a1: no, job 12 is CONFIGURING");
  info.state = "RUNNING";
  need.refused[12] = "hold 3 of it was refused: no";
  EXPECT_EQ(said(), "job 12 on a1: no, hold 3 of it was refused: no");
  need.refused.clear();
  HoldRecord hold;
  hold.nodes.push_back({});
  hold.nodes[0].node = "a1";
  sight.holds.push_back(hold);
  EXPECT_EQ(said(), "") << "on its way already";
}

TEST_F(ReclaimCandidatesTest, OnlyThePartitionThatIsAskedFor) {
  pilot(12, {"a1"});
  need.partition = "other";
  EXPECT_EQ(said(), "");
  need.partition = "osg";
  EXPECT_EQ(said(), "job 12 on a1: hibernate, 4 cores");
}

TEST_F(ReclaimCandidatesTest, WorkIsLostOnlyWhereItsClassSaysSo) {
  need.book = Book::quota;
  pilot(12, {"a1"});
  pilot(13, {"a2"}).account = "cheap";
  auto words = said();
  EXPECT_NE(words.find("job 12 on a1: no, "), std::string::npos) << words;
  EXPECT_NE(words.find("job 13 on a2: requeue, 4 cores, lost"), std::string::npos) << words;
  // Where it can keep its work and be of help, it keeps it, unless that is not enough.
  need.book = Book::placement;
  EXPECT_NE(said().find("job 13 on a2: hibernate, 4 cores"), std::string::npos);
  sight.jobs[1].requeueable = false;
  need.book = Book::quota;
  EXPECT_NE(said().find("job 13 on a2: no, "), std::string::npos) << "srun, --no-requeue";
}

TEST_F(ReclaimCandidatesTest, IdleNodesOfOpportunisticPartitionsOnly) {
  need.book = Book::quota;
  auto& info = idle("a1");
  EXPECT_EQ(said(), "idle node a1: goes, 4 cores");
  info.partitions = "osg,compute";
  EXPECT_EQ(said(), "") << "others' jobs may come to it";
  info.partitions = "osg";
  info.flags.push_back("DRAIN");
  EXPECT_EQ(said(), "");
  info.flags.pop_back();
  record("a1").want_by = "operator";
  EXPECT_EQ(said(), "") << "made by hand";
  record("a1").want_by = "resume";
  reclaim.idle.push_back({3, "a1", kAt});
  EXPECT_EQ(said(), "") << "goes already";
}

TEST_F(ReclaimCandidatesTest, ChoosesLossWhenNothingElseIsEnough) {
  reclaim.pools["p"].probe = std::nullopt;
  need.book = Book::quota;
  need.missing = {2, 0, 0};
  pilot(12, {"a1"}).account = "cheap";
  pilot(13, {"a2"}).account = "cheap";
  pilot(14, {"a3"});
  reclaim.hold = sight;
  const auto choice = choose_for(pools, reclaim, need, kAt);
  EXPECT_TRUE(choice.victims.enough);
  ASSERT_EQ(choice.victims.taken.size(), 2u);
  for (const auto i : choice.victims.taken) EXPECT_TRUE(choice.candidates.all[i].loses_work);
}

}  // namespace
}  // namespace tidepool
