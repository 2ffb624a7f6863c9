// Which modes are left of those that were asked for, and how long a hold may be.
#include "work/hold_modes.hpp"

#include "hold_fixture.hpp"

namespace tidepool {
namespace {

class HoldModes : public HoldCluster {
 protected:
  HoldPlan with(const std::string& modes) {
    request.modes = *parse_hold_modes(modes);
    return plan("12");
  }
};

TEST_F(HoldModes, ThePoolsUnlessTheJobOrThePersonSaysOtherwise) {
  job(12, {"a1"});
  expect_held(plan("12"), "12 on a1 by suspend,requeue");
  sight.jobs[0].admin_comment = "checked by ops tidepool:hold-mode=pause;max-held=60s";
  expect_held(plan("12"), "12 on a1 by pause");
  EXPECT_EQ(plan("12").holds.at(0).max_held, Millis(60'000));
  request.max_held = Millis(5000);
  expect_held(with("shelve"), "12 on a1 by shelve");
  EXPECT_EQ(plan("12").holds.at(0).max_held, Millis(5000));
}

TEST_F(HoldModes, ThePoolsLimitHoldsForLongerWishes) {
  job(12, {"a1"}).admin_comment = "tidepool:max-held=999999s";
  EXPECT_EQ(plan("12").holds.at(0).max_held, Millis(86'400'000));
}

TEST_F(HoldModes, WhatTheyHaveInCommon) {
  job(12, {"a1", "b1"});  // pool q: pause alone
  expect_refused(plan("12"),
                 "job 12: their owners' wishes and their pools have no hold mode in "
                 "common; name one with --mode");
  expect_held(with("suspend"), "12 on a1,b1 by suspend");
  request.modes.clear();
  pools.pools[1].hold.modes = {HoldMode::requeue, HoldMode::suspend};
  expect_held(plan("12"), "12 on a1,b1 by suspend,requeue");
  job(13, {"a1"}).admin_comment = "tidepool:hold-mode=requeue";
  request.all_jobs = true;
  expect_held(plan("12"), "12,13 on a1,b1 by requeue");
}

TEST_F(HoldModes, NoHoldNeedsForce) {
  job(12, {"a1"}).admin_comment = "tidepool:no-hold";
  expect_refused(plan("12"), "job 12 of alice was submitted with --no-hold; --force");
  request.force = true;
  expect_held(plan("12"), "12 on a1 by suspend,requeue");
}

TEST_F(HoldModes, InteractiveJobsOnlyWhereMemoryIsKept) {
  job(12, {"a1"}).batch_host.clear();
  const auto made = plan("12");
  expect_held(made, "12 on a1 by suspend");
  ASSERT_EQ(made.notes.size(), 1u);
  EXPECT_NE(made.notes[0].find("job 12: without mode requeue: job 12 is interactive"),
            std::string::npos)
      << made.notes[0];
  for (const char* mode : {"shelve", "stop", "snapshot", "requeue"})
    expect_refused(with(mode), std::string("job 12 cannot be held in mode ") + mode +
                                   ": job 12 is interactive (srun or salloc)");
  for (const char* mode : {"pause", "suspend", "hibernate"})
    expect_held(with(mode), std::string("12 on a1 by ") + mode);
}

TEST_F(HoldModes, JobsThatMayNotBeRequeued) {
  job(12, {"a1"}).requeueable = false;
  expect_held(plan("12"), "12 on a1 by suspend");
  expect_refused(with("stop"), "job 12 may not be requeued (Requeue=0)");
  expect_refused(with("shelve,requeue"),
                 "mode shelve: job 12 may not be requeued (Requeue=0); "
                 "requeue: job 12 may not");
}

TEST_F(HoldModes, OnlyTheLeaderOfAHeterogeneousJobHasAScript) {
  component(12, 12, {"a1"});
  component(13, 12, {"a2"});
  expect_held(with("requeue"), "12 on a1,a2 by requeue");
}

TEST_F(HoldModes, NothingIsKeptAfterItWasLost) {
  job(12, {"a1"});
  const auto made = with("shelve,suspend,requeue");
  expect_held(made, "12 on a1 by shelve,requeue");
  ASSERT_EQ(made.notes.size(), 1u);
  EXPECT_NE(made.notes[0].find("suspend: it comes after shelve"), std::string::npos);
}

TEST_F(HoldModes, WhatACloudOrAPoolCannot) {
  job(12, {"a1"});
  for (const auto mode : {HoldMode::pause, HoldMode::suspend, HoldMode::hibernate})
    sight.unusable["p"][mode] = "flavor f has resources:VGPU=1, a device";
  const auto made = plan("12");
  expect_held(made, "12 on a1 by requeue");
  EXPECT_EQ(made.notes.size(), 1u);
  expect_refused(with("suspend"),
                 "job 12 cannot be held in mode suspend: pool p: flavor f has "
                 "resources:VGPU=1");
  // Another pool's trouble is not this job's.
  sight.jobs[0].nodes = {"b1"};
  expect_held(with("suspend"), "12 on b1 by suspend");
}

TEST_F(HoldModes, WithoutAStandinOnlyRequeue) {
  job(12, {"a1"});
  sight.standin = "the stand-in keeper does not answer";
  // Not silently requeued, because a slurmd was away for a moment.
  expect_refused(plan("12"), "job 12: the stand-in keeper does not answer");
  expect_held(with("requeue"), "12 on a1 by requeue");
}

std::string troubled(const ModeTroubles& troubles) {
  std::string all;
  for (const auto& [mode, why] : troubles)
    all += (all.empty() ? "" : " ") + std::string(to_string(mode));
  return all;
}

TEST_F(HoldModes, WhatIsKnownOfAPool) {
  Pool& pool = pools.pools[0];
  EXPECT_EQ(troubled(mode_troubles(pool, std::nullopt, "")), "hibernate");
  EXPECT_NE(mode_troubles(pool, std::nullopt, "").at(HoldMode::hibernate).find("guest: {hibernate"),
            std::string::npos);
  pool.guest.hibernate = GuestHibernate::image;
  EXPECT_EQ(troubled(mode_troubles(pool, std::nullopt, "")), "");
  pool.guest.hibernate = GuestHibernate::no;
  pool.hold.hibernate_command = {"/usr/bin/hibernate", "{node}"};
  EXPECT_EQ(troubled(mode_troubles(pool, std::nullopt, "")), "");
  EXPECT_EQ(troubled(mode_troubles(pool, std::nullopt, "resources:VGPU=1")),
            "pause suspend hibernate");
  ProbeReport report;
  report.at = from_millis(1'764'460'800'000);
  ProbeMeasure forbidden;
  forbidden.step = ProbeStep::shelve;
  forbidden.outcome = ProbeOutcome::forbidden;
  forbidden.why = "Policy does not allow os_compute_api:os-shelve:shelve to be performed.";
  report.measures = {forbidden};
  const auto troubles = mode_troubles(pool, report, "");
  EXPECT_EQ(troubled(troubles), "hibernate shelve");
  EXPECT_NE(troubles.at(HoldMode::shelve).find("Policy does not allow"), std::string::npos);
  EXPECT_NE(troubles.at(HoldMode::shelve).find("(probe of 2025-11-30; "), std::string::npos);
}

TEST(JobsInWords, NamesAFew) {
  std::vector<slurm::JobInfo> jobs(8);
  std::vector<const slurm::JobInfo*> some;
  for (auto& job : jobs) job.id = 1 + (&job - jobs.data());
  for (std::size_t i = 0; i < 3; ++i) some.push_back(&jobs[i]);
  EXPECT_EQ(jobs_in_words({&jobs[4]}), "job 5");
  EXPECT_EQ(jobs_in_words(some), "jobs 1, 2 and 3");
  for (std::size_t i = 3; i < 8; ++i) some.push_back(&jobs[i]);
  EXPECT_EQ(jobs_in_words(some), "jobs 1, 2, 3, 4, 5 and 3 more");
}

}  // namespace
}  // namespace tidepool
