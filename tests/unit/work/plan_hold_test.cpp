// Which jobs become which holds.
#include "hold_fixture.hpp"

namespace tidepool {
namespace {

using PlanHold = HoldCluster;

TEST_F(PlanHold, AJobWithAllThatTheWorkerNeeds) {
  job(12, {"a1", "a2"});
  node("a2").flags.push_back("DRAIN");
  node("a2").reason = "bad fan";
  const auto made = plan("12");
  expect_held(made, "12 on a1,a2 by suspend,requeue");
  const auto& hold = made.holds.at(0);
  EXPECT_EQ(hold.step, HoldStep::planned);
  EXPECT_EQ(hold.wanted, HoldWanted::held);
  EXPECT_EQ(hold.want_by, "operator");
  EXPECT_EQ(hold.want_since, from_millis(5000));
  EXPECT_EQ(hold.max_held, Millis(86'400'000));
  EXPECT_EQ(hold.jobs.at(0).user, "alice");
  EXPECT_EQ(hold.jobs.at(0).name, "work");
  EXPECT_EQ(hold.nodes.at(0).address, "10.0.0.1");
  EXPECT_EQ(hold.nodes.at(0).server_id, "server-a1");
  EXPECT_EQ(hold.nodes.at(0).boot_time_s, 1000);
  EXPECT_EQ(hold.nodes.at(0).slurmd_start_s, 1001);
  EXPECT_FALSE(hold.nodes.at(0).prior_drain);
  EXPECT_TRUE(hold.nodes.at(1).prior_drain);
  EXPECT_EQ(hold.nodes.at(1).prior_reason, "bad fan");
}

TEST_F(PlanHold, SeveralJobsAreSeveralHolds) {
  job(12, {"a1"});
  job(13, {"a2"});
  job(14, {"a3"});
  expect_held(plan("12,13"), "12 on a1 by suspend,requeue; 13 on a2 by suspend,requeue");
}

TEST_F(PlanHold, NamedTwiceIsHeldOnce) {
  job(12, {"a1"});
  expect_held(plan("12,12"), "12 on a1 by suspend,requeue");
  expect_held(plan("", {"a1", "a1"}), "12 on a1 by suspend,requeue");
}

TEST_F(PlanHold, ByNodeAllItsJobsEachWhole) {
  job(12, {"a1", "a2"});
  job(13, {"a1"});
  job(14, {"a3"});
  expect_held(plan("", {"a1"}), "12,13 on a1,a2 by suspend,requeue");
}

TEST_F(PlanHold, ASharedNodeIsRefusedUnlessAllJobsAreMeant) {
  job(12, {"a1"});
  job(13, {"a1", "a2"}).user = "bob";
  expect_refused(plan("12"), "node a1 of job 12 is shared with job 13 of bob");
  request.all_jobs = true;
  expect_held(plan("12"), "12,13 on a1,a2 by suspend,requeue");
  // Who shares with those who share, too.
  job(14, {"a2", "a3"});
  expect_held(plan("12"), "12,13,14 on a1,a2,a3 by suspend,requeue");
  request.all_jobs = false;
  expect_held(plan("12,13,14"), "12,13,14 on a1,a2,a3 by suspend,requeue");
  // Whoever has ended, or waits, shares nothing, though slurmctld still shows its nodes.
  sight.jobs[1].state = "COMPLETED";
  sight.jobs[2].state = "PENDING";
  expect_held(plan("12"), "12 on a1 by suspend,requeue");
}

TEST_F(PlanHold, ASharerThatCannotBeHeldIsInTheWay) {
  job(12, {"a1"});
  job(13, {"a1"}, "COMPLETING");
  request.all_jobs = true;
  expect_refused(plan("12"),
                 "job 13 is completing; try again when it has left its nodes, and it "
                 "shares nodes");
}

TEST_F(PlanHold, StatesThatAreNotRunning) {
  job(1, {}, "PENDING");
  job(2, {"a2"}, "COMPLETING");
  job(3, {"a3"}, "CANCELLED");
  job(4, {"a4"}, "SUSPENDED");
  job(5, {"b1"}, "CONFIGURING");
  job(6, {"a1"}, "STAGE_OUT");
  expect_refused(plan("1"), "job 1 is pending: nothing of it runs yet; 'scontrol hold 1'");
  expect_refused(plan("2"), "job 2 is completing");
  expect_refused(plan("3"), "job 3 has ended (CANCELLED)");
  expect_refused(plan("4"), "job 4 has been suspended by somebody else; 'scontrol resume 4' first");
  expect_refused(plan("5"), "job 5 is configuring");
  expect_refused(plan("6"), "job 6 is STAGE_OUT: only a running job can be held");
  expect_refused(plan("7"), "slurmctld knows no job 7");
  EXPECT_EQ(plan("1,2,7").refusals.size(), 3u);
}

TEST_F(PlanHold, OneRefusalHoldsNothing) {
  job(12, {"a1"});
  expect_refused(plan("12,99"), "slurmctld knows no job 99");
}

TEST_F(PlanHold, Nodes) {
  expect_refused(plan("", {"x1"}), "node x1 is in no pool of /pool.yaml");
  expect_refused(plan("", {"a1"}), "no job runs on node a1");
  job(12, {"a1"}, "COMPLETING");
  expect_refused(plan("", {"a1"}), "job 12 is completing");
}

TEST_F(PlanHold, EachRunningTaskOfAnArrayIsAHold) {
  task(15, 12, "2", {"a2"});
  task(14, 12, "1", {"a1"});
  task(13, 12, "0", {"a3"}, "COMPLETED");
  task(12, 12, "3-9%2", {}, "PENDING");
  const auto made = plan("12");
  expect_held(made, "14 on a1 by suspend,requeue; 15 on a2 by suspend,requeue");
  ASSERT_EQ(made.notes.size(), 1u);
  EXPECT_NE(made.notes[0].find("left out: job 12_3-9%2 is pending"), std::string::npos)
      << made.notes[0];
  expect_held(plan("12_2"), "15 on a2 by suspend,requeue");
  expect_held(plan("14"), "14 on a1 by suspend,requeue");
  expect_refused(plan("12_5"), "task 12_5 does not run; tasks 3-9%2 of the array are pending");
  expect_refused(plan("12_0"), "job 12_0 has ended (COMPLETED)");
  expect_refused(plan("12_77"), "task 12_77 does not run");
  sight.jobs.erase(sight.jobs.begin(), sight.jobs.begin() + 2);
  expect_refused(plan("12"), "no task of job array 12 runs: job 12_3-9%2 is pending");
}

TEST_F(PlanHold, HeterogeneousJobsAreHeldWholeThroughTheirLeader) {
  component(20, 20, {"a1"});
  component(21, 20, {"a2"});
  expect_held(plan("20"), "20 on a1,a2 by suspend,requeue");
  expect_held(plan("21"), "20 on a1,a2 by suspend,requeue");
  expect_held(plan("", {"a2"}), "20 on a1,a2 by suspend,requeue");
  sight.jobs[1].state = "PENDING";
  sight.jobs[1].nodes.clear();
  expect_refused(plan("20"), "heterogeneous job 20 is held whole, but job 21 is pending");
}

TEST_F(PlanHold, WhoIsHeldAlready) {
  job(12, {"a1"}, "SUSPENDED");
  component(20, 20, {"a2"}, "SUSPENDED");
  component(21, 20, {"a3"}, "SUSPENDED");
  HoldRecord hold;
  hold.id = 3;
  hold.step = HoldStep::held;
  hold.jobs = {{12, "work", "alice"}};
  hold.nodes.resize(1);
  hold.nodes[0].node = "a1";
  sight.holds.push_back(hold);
  hold.id = 4;
  hold.jobs = {{20, "work", "alice"}};
  hold.nodes[0].node = "a2";
  sight.holds.push_back(hold);
  expect_refused(plan("12"), "job 12 is in hold 3 already (held)");
  expect_refused(plan("", {"a1"}), "node a1 is in hold 3 already (held)");
  expect_refused(plan("21"), "job 20 is in hold 4 already (held)");
  sight.holds[0].wanted = HoldWanted::released;
  sight.holds[0].step = HoldStep::returning;
  expect_refused(plan("12"), "(returning), on its way back; hold it again when it runs");
}

TEST_F(PlanHold, AsksForTheNodesOfAllWhoShare) {
  job(12, {"a1"});
  job(13, {"a1", "a2"});
  job(14, {"a2", "a3"});
  job(15, {"a4"});
  request.jobs = *slurm::parse_job_specs("12");
  EXPECT_EQ(nodes_to_look_at(request, sight.jobs), (std::vector<std::string>{"a1", "a2", "a3"}));
  request.jobs.clear();
  request.nodes = {"b1", "a4"};
  EXPECT_EQ(nodes_to_look_at(request, sight.jobs), (std::vector<std::string>{"a4", "b1"}));
}

}  // namespace
}  // namespace tidepool
