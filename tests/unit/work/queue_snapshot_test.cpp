#include "work/queue_snapshot.hpp"

#include <gtest/gtest.h>

namespace tidepool {
namespace {

using slurm::JobInfo;

JobInfo job(std::int64_t id, const std::string& state) {
  JobInfo j;
  j.id = id;
  j.state = state;
  j.priority = 100;
  return j;
}

const Time kAt = from_millis(1'000'000);
constexpr Millis kForgets{300'000};

std::vector<std::string> lost(JobInfo was, JobInfo is) {
  return compare_queue(take_snapshot({std::move(was)}, kAt), {std::move(is)}, kAt + Millis(5'000),
                       kForgets)
      .lost;
}

TEST(QueueSnapshot, EndedJobsAreNotInIt) {
  EXPECT_EQ(
      take_snapshot({job(1, "COMPLETED"), job(2, "RUNNING"), job(3, "PENDING")}, kAt).jobs.size(),
      2U);
}

TEST(QueueSnapshot, SurvivesTheDisk) {
  auto one = job(7, "PENDING");
  one.array_job_id = 7;
  one.array_task = "3-9%2";
  one.dependency = "afterok:5(unfulfilled)";
  one.restarts = 2;
  one.nodes = {"a1", "a2"};
  auto before = take_snapshot({one}, kAt);
  before.held = {7};
  const auto after = snapshot_from_json(snapshot_to_json(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->at, kAt);
  EXPECT_EQ(after->held, before.held);
  ASSERT_EQ(after->jobs.size(), 1U);
  EXPECT_EQ(after->jobs[0].array_task, "3-9%2");
  EXPECT_EQ(after->jobs[0].dependency, one.dependency);
  EXPECT_EQ(after->jobs[0].restarts, 2);
  EXPECT_EQ(after->jobs[0].nodes, one.nodes);
  EXPECT_FALSE(snapshot_from_json("{}"));
  EXPECT_FALSE(snapshot_from_json("no"));
}

TEST(QueueSnapshot, WhatIsNoLoss) {
  EXPECT_TRUE(lost(job(1, "RUNNING"), job(1, "RUNNING")).empty());
  EXPECT_TRUE(lost(job(1, "RUNNING"), job(1, "COMPLETED")).empty());
  EXPECT_TRUE(lost(job(1, "RUNNING"), job(1, "FAILED")).empty());
  EXPECT_TRUE(lost(job(1, "PENDING"), job(1, "RUNNING")).empty());
  EXPECT_TRUE(lost(job(1, "PENDING"), job(1, "COMPLETED")).empty());
  EXPECT_TRUE(lost(job(1, "SUSPENDED"), job(1, "SUSPENDED")).empty());
  EXPECT_TRUE(lost(job(1, "CONFIGURING"), job(1, "RUNNING")).empty());
}

TEST(QueueSnapshot, WhatIsALoss) {
  auto again = job(1, "RUNNING");
  again.restarts = 1;
  EXPECT_EQ(lost(job(1, "RUNNING"), again), std::vector<std::string>{"job 1: requeued"});
  EXPECT_EQ(lost(job(1, "RUNNING"), job(1, "PENDING")).size(), 1U);
  EXPECT_EQ(lost(job(1, "RUNNING"), job(1, "NODE_FAIL")).size(), 1U);
  auto before = take_snapshot({job(1, "SUSPENDED")}, kAt);
  EXPECT_TRUE(compare_queue(before, {job(1, "RUNNING")}, kAt, kForgets).lost.empty());
  before.held = {1};
  EXPECT_EQ(compare_queue(before, {job(1, "RUNNING")}, kAt, kForgets).lost.size(), 1U);
  auto failed = job(1, "FAILED");
  failed.reason = "PartitionConfig";
  EXPECT_EQ(lost(job(1, "PENDING"), failed).size(), 1U);
  failed.reason = "NonZeroExitCode";
  EXPECT_TRUE(lost(job(1, "PENDING"), failed).empty());
  auto held = job(1, "PENDING");
  held.priority = 0;
  EXPECT_EQ(lost(job(1, "PENDING"), held).size(), 1U);
}

TEST(QueueSnapshot, WhatTidepoolItselfHasDoneIsNotedAndNoLoss) {
  auto before = take_snapshot({job(1, "SUSPENDED"), job(2, "RUNNING")}, kAt);
  before.held = {1};
  auto again = job(2, "PENDING");
  again.restarts = 1;
  const auto change = compare_queue(before, {job(1, "RUNNING"), again}, kAt, kForgets, {1, 2});
  EXPECT_TRUE(change.lost.empty());
  EXPECT_EQ(change.noted.size(), 2U);
  // Gone is gone.
  EXPECT_EQ(compare_queue(before, {job(1, "RUNNING")}, kAt, kForgets, {1, 2}).lost.size(), 1U);
}

TEST(QueueSnapshot, AJobThatIsGoneIsLostUnlessSlurmctldForgetsThatFast) {
  const auto before = take_snapshot({job(1, "RUNNING")}, kAt);
  EXPECT_EQ(compare_queue(before, {}, kAt + Millis(5'000), kForgets).lost.size(), 1U);
  const auto later = compare_queue(before, {}, kAt + kForgets, kForgets);
  EXPECT_TRUE(later.lost.empty());
  EXPECT_EQ(later.noted.size(), 1U);
  EXPECT_EQ(compare_queue(before, {}, kAt + kForgets * 10, Millis(0)).lost.size(), 1U);
}

TEST(QueueSnapshot, AnArraysWaitingTasksLeaveTheirRecordOneByOne) {
  auto rest = job(10, "PENDING");
  rest.array_job_id = 8;
  rest.array_task = "2-4";
  auto last = job(11, "RUNNING");
  last.array_job_id = 8;
  last.array_task = "4";
  const auto before = take_snapshot({rest}, kAt);
  EXPECT_TRUE(compare_queue(before, {last}, kAt, kForgets).lost.empty());
  EXPECT_EQ(compare_queue(before, {job(12, "RUNNING")}, kAt, kForgets).lost.size(), 1U);
}

TEST(QueueSnapshot, CancelledByItsOwnerIsOnlyNoted) {
  const auto change =
      compare_queue(take_snapshot({job(1, "RUNNING")}, kAt), {job(1, "CANCELLED")}, kAt, kForgets);
  EXPECT_TRUE(change.lost.empty());
  EXPECT_EQ(change.noted.size(), 1U);
}

}  // namespace
}  // namespace tidepool
