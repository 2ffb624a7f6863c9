// Which jobs of slurmctld's are a hold's, and which are strangers on its nodes.
#include "work/hold_facts.hpp"

#include <gtest/gtest.h>

namespace tidepool {
namespace {

using node::JobStands;

slurm::JobInfo job(std::int64_t id, const std::string& state, std::vector<std::string> nodes,
                   std::int64_t priority = 7) {
  slurm::JobInfo j;
  j.id = id;
  j.state = state;
  j.nodes = std::move(nodes);
  j.priority = priority;
  return j;
}

HoldFacts facts(std::vector<slurm::JobInfo> jobs) {
  HoldFacts f;
  for (auto& j : jobs) f.jobs[j.id] = j;
  return f;
}

HoldRecord hold(std::vector<std::int64_t> jobs, std::vector<std::string> nodes) {
  HoldRecord h;
  for (const auto id : jobs) h.jobs.push_back({id, "", ""});
  for (const auto& name : nodes) {
    HoldNode n;
    n.node = name;
    h.nodes.push_back(n);
  }
  return h;
}

TEST(HoldFactsTest, HowItsJobsStand) {
  const auto f = facts({job(1, "SUSPENDED", {"a1", "a2"}, 0), job(2, "RUNNING", {"b1"}),
                        job(3, "PENDING", {}, 0), job(4, "PENDING", {})});
  EXPECT_EQ(f.stands(hold({1, 2, 3, 4, 5}, {"a2"})),
            (std::vector{JobStands::suspended, JobStands::elsewhere, JobStands::waits_held,
                         JobStands::waiting, JobStands::ended}));
}

TEST(HoldFactsTest, StrangersOnItsNodes) {
  const auto f =
      facts({job(1, "RUNNING", {"a1"}), job(2, "RUNNING", {"a1", "b1"}),
             job(3, "COMPLETED", {"a1"}), job(4, "RUNNING", {"b1"}), job(5, "COMPLETING", {"a1"})});
  std::vector<std::int64_t> ids;
  for (const auto* j : f.strangers(hold({1}, {"a1"}))) ids.push_back(j->id);
  EXPECT_EQ(ids, (std::vector<std::int64_t>{2, 5}));
  EXPECT_TRUE(f.strangers(hold({1}, {"c1"})).empty());
}

// A hold names a heterogeneous job by its leader; all its components are the hold's.
TEST(HoldFactsTest, ComponentsOfAHeterogeneousJobAreNoStrangers) {
  auto leader = job(4, "RUNNING", {"a1"}), component = job(5, "RUNNING", {"a2"});
  leader.het_job_id = component.het_job_id = 4;
  const auto f = facts({leader, component, job(6, "RUNNING", {"a2"})});
  const auto strangers = f.strangers(hold({4}, {"a1", "a2"}));
  ASSERT_EQ(strangers.size(), 1u);
  EXPECT_EQ(strangers[0]->id, 6);
}

}  // namespace
}  // namespace tidepool
