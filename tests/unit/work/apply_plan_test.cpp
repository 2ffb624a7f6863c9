#include "work/apply_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidepool {
namespace {

class ApplyPlans : public testing::Test {
 protected:
  static std::string conf_text(int nodes, const std::string& more = "",
                               const std::string& cpus = "1") {
    const auto n = std::to_string(nodes);
    return "ClusterName=c\n" + more + "NodeName=a[1-" + n + "] NodeAddr=10.0.0.[1-" + n +
           "] State=CLOUD CPUs=" + cpus + "\nPartitionName=p Nodes=a[1-" + n + "]\n";
  }
  static SlurmConf conf(const std::string& text) { return *parse_slurm_conf(text, "/s.conf"); }
  static PoolFile pools(int nodes) {
    const auto n = std::to_string(nodes);
    std::vector<Diagnostic> faults;
    return *parse_pool_file("cluster: c\ncloud: {name: c}\npools:\n  p: {nodes: 'a[1-" + n +
                                "]', addresses: '10.0.0.[1-" + n +
                                "]', network: n, flavor: f, image: i}\n",
                            "/p.yaml", faults);
  }
  slurm::JobInfo& job(std::int64_t id, const std::string& state, std::vector<std::string> nodes) {
    slurm::JobInfo j;
    j.id = id;
    j.state = state;
    j.partition = "p";
    j.nodes = std::move(nodes);
    picture.jobs.push_back(j);
    return picture.jobs.back();
  }
  void lease(const std::string& node) {
    NodeRecord r;
    r.name = node;
    r.lease_id = "l-" + node;
    r.wanted = Wanted::present;
    picture.records.push_back(r);
  }
  ApplyPlan plan(const std::string& before, int pools_before, const std::string& after,
                 int pools_after, bool may_drain = false) {
    const auto cb = conf(before), ca = conf(after);
    const auto pb = pools(pools_before), pa = pools(pools_after);
    return plan_apply({cb, ca, pb, pa}, picture, SlurmVersion{22, 5}, may_drain);
  }
  static bool says(const std::vector<std::string>& lines, const std::string& words) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const auto& l) { return l.find(words) != std::string::npos; });
  }
  ClusterPicture picture;
};

TEST_F(ApplyPlans, GrowingIsARestartAndTouchesNobody) {
  job(1, "RUNNING", {"a1"});
  job(2, "PENDING", {});
  const auto p = plan(conf_text(2), 2, conf_text(4), 4);
  EXPECT_TRUE(p.refused.empty());
  EXPECT_EQ(p.takes, Takes::restart);
  EXPECT_TRUE(p.to_drain.empty());
  EXPECT_TRUE(says(p.touched, "1 running jobs: go on while slurmctld restarts"));
  EXPECT_TRUE(says(p.touched, "1 waiting jobs"));
}

TEST_F(ApplyPlans, ANodeThatGoesMustBeFree) {
  EXPECT_TRUE(plan(conf_text(4), 4, conf_text(2), 2).refused.empty());
  lease("a3");
  const auto leased = plan(conf_text(4), 4, conf_text(2), 2);
  EXPECT_TRUE(says(leased.refused, "a3 has a lease"));
  EXPECT_EQ(leased.to_drain, std::vector<std::string>{"a3"});
  job(5, "RUNNING", {"a4"});
  const auto p = plan(conf_text(4), 4, conf_text(2), 2, true);
  EXPECT_TRUE(p.refused.empty());
  EXPECT_EQ(p.to_drain, (std::vector<std::string>{"a3", "a4"}));
  EXPECT_TRUE(says(p.touched, "a4 has job 5 (RUNNING): drained first"));
}

TEST_F(ApplyPlans, AHeldNodeThatGoesIsRefused) {
  HoldRecord hold;
  hold.id = 3;
  hold.nodes.emplace_back().node = "a4";
  picture.holds.push_back(hold);
  const auto p = plan(conf_text(4), 4, conf_text(2), 2);
  EXPECT_TRUE(says(p.refused, "a4 is held (hold 3)"));
  EXPECT_EQ(p.away, std::vector<std::string>{"a4"});
}

TEST_F(ApplyPlans, DynamicNodesAreMadeAndDeletedWithoutARestart) {
  const auto c = conf("ClusterName=c\n");
  auto before = pools(2), after = pools(4);
  before.slurm.dynamic = after.slurm.dynamic = true;
  auto p = plan_apply({c, c, before, after}, picture, {22, 5}, false);
  EXPECT_TRUE(p.refused.empty());
  EXPECT_EQ(p.takes, Takes::nothing);
  EXPECT_EQ(p.make, (std::vector<std::string>{"a3", "a4"}));
  EXPECT_TRUE(p.unmake.empty());
  job(5, "PENDING", {}).required_nodes = {"a4"};
  p = plan_apply({c, c, after, before}, picture, {22, 5}, false);
  EXPECT_EQ(p.unmake, (std::vector<std::string>{"a3", "a4"}));
  EXPECT_TRUE(says(p.refused, "ask for nodes that go by name"));
}

TEST_F(ApplyPlans, JobsThatAreDoneAreNoMatter) {
  job(5, "COMPLETED", {"a4"});
  EXPECT_TRUE(plan(conf_text(4), 4, conf_text(2), 2).refused.empty());
}

TEST_F(ApplyPlans, APoolsNodeMovesOnlyWithoutALease) {
  lease("a2");
  const auto swapped = "ClusterName=c\nNodeName=a[1-2] NodeAddr=10.0.0.[1-2] State=CLOUD\n";
  const auto cb = conf(swapped);
  std::vector<Diagnostic> faults;
  const auto pb = pools(2);
  const auto pa = *parse_pool_file(
      "cluster: c\ncloud: {name: c}\npools:\n  p: {nodes: 'a1,a2', addresses: '10.0.0.2,10.0.0.1', "
      "network: n, flavor: f, image: i}\n",
      "/p.yaml", faults);
  EXPECT_TRUE(
      says(plan_apply({cb, cb, pb, pa}, picture, {22, 5}, false).refused, "a2 has a lease"));
}

TEST_F(ApplyPlans, APartitionThatGoesTakesItsJobsAlong) {
  job(5, "PENDING", {});
  auto after = conf_text(2);
  after.replace(after.find("PartitionName=p"), 15, "PartitionName=q");
  EXPECT_TRUE(says(plan(conf_text(2), 2, after, 2).refused, "partition p"));
  picture.jobs.clear();
  EXPECT_TRUE(plan(conf_text(2), 2, after, 2).refused.empty());
}

TEST_F(ApplyPlans, CpusOfANodeWithAJobStay) {
  job(5, "SUSPENDED", {"a2"});
  EXPECT_TRUE(says(plan(conf_text(2), 2, conf_text(2, "", "4"), 2).refused, "jobs 5 are on them"));
  picture.jobs.clear();
  EXPECT_TRUE(plan(conf_text(2), 2, conf_text(2, "", "4"), 2).refused.empty());
}

TEST_F(ApplyPlans, AWaitingJobThatNamesANodeThatGoes) {
  job(6, "PENDING", {}).required_nodes = {"a4"};
  EXPECT_TRUE(says(plan(conf_text(4), 4, conf_text(2), 2, true).refused, "waiting jobs 6"));
}

TEST_F(ApplyPlans, WhatOnlyAnEmptyClusterTakes) {
  EXPECT_TRUE(plan(conf_text(2), 2, conf_text(2, "SlurmdPort=7000\n"), 2).refused.empty());
  lease("a1");
  EXPECT_TRUE(
      says(plan(conf_text(2), 2, conf_text(2, "SlurmdPort=7000\n"), 2).refused, "slurmdport"));
}

TEST_F(ApplyPlans, WhatIsDoneByHand) {
  EXPECT_TRUE(says(plan(conf_text(2), 2, conf_text(2, "StateSaveLocation=/else\n"), 2).refused,
                   "statesavelocation"));
}

}  // namespace
}  // namespace tidepool
