#include "work/plan_release.hpp"

#include <gtest/gtest.h>

#include "work/hold_status.hpp"

namespace tidepool {
namespace {

HoldRecord hold_of(std::int64_t id, std::vector<std::int64_t> jobs,
                   std::vector<std::string> nodes) {
  HoldRecord h;
  h.id = id;
  h.step = HoldStep::held;
  h.modes = {HoldMode::suspend};
  for (const auto job : jobs) h.jobs.push_back({job, "work", "alice"});
  for (const auto& name : nodes) {
    h.nodes.emplace_back();
    h.nodes.back().node = name;
  }
  return h;
}

const std::vector<HoldRecord> kHolds{hold_of(1, {12}, {"a1"}), hold_of(2, {14, 15}, {"a2"}),
                                     hold_of(3, {20}, {"a3", "a4"})};

std::vector<slurm::JobInfo> known() {
  std::vector<slurm::JobInfo> jobs(4);
  jobs[0].id = 12;
  jobs[1].id = 14;
  jobs[1].array_job_id = 12;
  jobs[1].array_task = "2";
  jobs[2].id = 20;
  jobs[3].id = 21;
  jobs[2].het_job_id = jobs[3].het_job_id = 20;
  jobs[0].array_job_id = 12;
  jobs[0].array_task = "3";
  return jobs;
}

std::string ids(const ReleasePlan& plan) {
  std::string all;
  for (const auto& h : plan.holds) all += (all.empty() ? "" : " ") + std::to_string(h.id);
  for (const auto& refusal : plan.refusals) all += "!" + refusal.substr(0, refusal.find(" is"));
  return all;
}

std::string of_jobs(const std::string& text, const std::vector<slurm::JobInfo>& jobs) {
  ReleaseRequest request;
  request.jobs = *slurm::parse_job_specs(text);
  return ids(plan_release(request, kHolds, jobs));
}

TEST(PlanRelease, ByJob) {
  EXPECT_EQ(of_jobs("12_3", known()), "1");
  EXPECT_EQ(of_jobs("12", known()), "1 2");  // all tasks of the array
  EXPECT_EQ(of_jobs("12_2", known()), "2");
  EXPECT_EQ(of_jobs("15", known()), "2");
  EXPECT_EQ(of_jobs("21", known()), "3");  // a component
  EXPECT_EQ(of_jobs("12_2,20", known()), "2 3");
  EXPECT_EQ(of_jobs("99", known()), "!job 99");
  EXPECT_EQ(of_jobs("12,99", known()), "1 2!job 99");
}

TEST(PlanRelease, WithoutSlurmctldByTheHoldsOwnIds) {
  EXPECT_EQ(of_jobs("12", {}), "1");
  EXPECT_EQ(of_jobs("12_2", {}), "!job 12_2");
}

TEST(PlanRelease, ByNodeAndAll) {
  ReleaseRequest request;
  request.nodes = {"a4", "a3", "b1"};
  EXPECT_EQ(ids(plan_release(request, kHolds, {})), "3!node b1");
  request.nodes.clear();
  request.all = true;
  EXPECT_EQ(ids(plan_release(request, kHolds, {})), "1 2 3");
  EXPECT_EQ(ids(plan_release(request, {}, {})), "");
}

TEST(PlanRelease, SaysWhoComesBackToo) {
  ReleaseRequest request;
  request.jobs = {{15, ""}};
  const auto plan = plan_release(request, kHolds, {});
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_EQ(plan.notes[0], "job 14 of alice is in the same hold and comes back with it");
}

TEST(HoldStatusTest, WordsAndPolicy) {
  std::vector<Diagnostic> faults;
  const auto pools = parse_pool_file(
      "cluster: c\ncloud: {name: c}\npools:\n"
      "  p: {nodes: 'a[1-4]', addresses: '10.0.0.[1-4]', network: n, flavor: f, image: i,\n"
      "      hold: {return_timeout: 10m}}\n",
      "/p.yaml", faults);
  ASSERT_TRUE(pools);
  auto h = kHolds[2];
  h.step_since = h.held_since = from_millis(1'000'000);
  auto s = status_of(*pools, h);
  EXPECT_EQ(s.word, "held");
  EXPECT_EQ(s.acts, Time{});  // no limit
  EXPECT_NE(s.releases.find("the host's CPUs and memory"), std::string::npos);
  h.max_held = Millis(60'000);
  s = status_of(*pools, h);
  EXPECT_EQ(s.policy, "requeue");
  EXPECT_EQ(s.acts, from_millis(1'060'000));
  h.step = HoldStep::returning;
  h.last_error = "no valid host";
  s = status_of(*pools, h);
  EXPECT_EQ(s.word, "returning");
  EXPECT_EQ(s.acts, from_millis(1'600'000));
  EXPECT_EQ(s.trouble, "no valid host");
  EXPECT_TRUE(s.releases.empty());
  h.step = HoldStep::leaving;
  EXPECT_EQ(status_of(*pools, h).word, "holding");
  EXPECT_EQ(node_word(HoldStep::leaving), "holding");
  EXPECT_EQ(node_word(HoldStep::undraining), "returning");
  EXPECT_EQ(node_word(HoldStep::discarding), "");
  for (const auto mode : {HoldMode::pause, HoldMode::suspend, HoldMode::hibernate, HoldMode::shelve,
                          HoldMode::stop, HoldMode::snapshot, HoldMode::requeue})
    EXPECT_FALSE(released_in(mode).empty());
}

// What was measured on the cloud, where it was.
TEST(HoldStatusTest, WhatIsReleasedByTheProbe) {
  const auto moment = [](const std::string& status, int cores, int ram, int providers) {
    ProbeMoment m;
    m.status = status;
    m.limits.used_instances = 1;
    m.limits.used_cores = cores;
    m.limits.used_ram_mib = ram;
    openstack::Allocations placement;
    placement.providers = providers;
    m.placement = placement;
    return m;
  };
  ProbeReport report;
  report.vcpus = 2;
  report.ram_mib = 2048;
  EXPECT_EQ(released_by(report, HoldMode::shelve), "");
  ProbeMeasure shelve;
  shelve.step = ProbeStep::shelve;
  shelve.outcome = ProbeOutcome::done;
  shelve.before = shelve.after = moment("ACTIVE", 2, 2048, 1);
  shelve.during = moment("SHELVED_OFFLOADED", 0, 0, 0);
  report.measures = {shelve};
  EXPECT_EQ(released_by(report, HoldMode::shelve),
            "its place on a host, the quota's cores, the quota's memory; not the quota's instance");
  report.measures[0].during = moment("SHELVED", 2, 2048, 1);
  EXPECT_EQ(released_by(report, HoldMode::shelve),
            "nothing; not its place on a host, the quota's cores, the quota's memory, the quota's "
            "instance");
}

}  // namespace
}  // namespace tidepool
