// Tiny traces whose figures were computed by hand, and what must hold of any trace.
#include "plan/engine.hpp"

#include <random>

#include "fixture.hpp"

namespace tidepool::plan {
namespace {

using Lines = std::vector<std::string>;

Figures replay(const Trace& trace, const Model& model, Way way, Lines* lines = nullptr) {
  Seen seen;
  Engine engine(trace, model, way, seen.watcher());
  auto figures = engine.run();
  if (lines != nullptr) *lines = seen.lines;
  return figures;
}

TEST(Engine, OneJobBootsAndRuns) {
  Lines lines;
  const auto f = replay(TraceOf().job("compute", 100, 50).trace, small_model(1), Way::hold, &lines);
  EXPECT_EQ(lines, (Lines{"started 1 @130", "ended 1 @180"}));
  EXPECT_EQ(f.normal.jobs, 1);
  EXPECT_EQ(f.normal.ended, 1);
  EXPECT_EQ(f.normal.wait.mean, seconds(30));
  EXPECT_EQ(f.normal.stretch.mean, seconds(30));
  EXPECT_DOUBLE_EQ(f.normal.done_core_hours, 50.0 / 3600);
  EXPECT_DOUBLE_EQ(f.goodput, 50.0 / 80);  // of 80 s there was one core
  EXPECT_EQ(f.begin, at(100));
  EXPECT_EQ(f.end, at(180));
  EXPECT_EQ(f.requests, 0);
  EXPECT_EQ(f.api_calls, 2);
}

// Room for two servers. Two pilots of 1000 s run from 30 on; at 100 a normal job of two nodes.
//   hold: held from 100 to 110, job boots 110 to 140, runs to 240, its servers go till 245; the
//         pilots return from 245 to 265 and run on from their 70th second: to 265 + 930 = 1195
//   kill: gone at 105, job boots to 135, runs to 235, gone at 240; the pilots begin anew, boot
//         till 270 and run to 1270
//   none: the job waits until 1030, servers gone at 1035, boots to 1065, runs to 1165
Trace two_pilots() {
  return TraceOf().job("osg", 0, 1000).job("osg", 0, 1000).job("compute", 100, 100, 2).trace;
}

TEST(Engine, HoldLosesNothing) {
  Lines lines;
  const auto f = replay(two_pilots(), small_model(2), Way::hold, &lines);
  EXPECT_EQ(lines, (Lines{"started 1 @30", "started 2 @30", "held 1 @100", "held 2 @100",
                          "started 3 @140", "ended 3 @240", "returned 1 @265", "started 1 @265",
                          "returned 2 @265", "started 2 @265", "ended 1 @1195", "ended 2 @1195"}));
  EXPECT_EQ(f.holds, 2);
  EXPECT_EQ(f.returns, 2);
  EXPECT_EQ(f.requeues, 0);
  EXPECT_EQ(f.most_holds, 1);
  EXPECT_DOUBLE_EQ(f.holds_per_job, 1);
  EXPECT_EQ(f.opportunistic.lost_core_hours, 0);
  EXPECT_EQ(f.normal.wait.mean, seconds(40));
  EXPECT_EQ(f.held.mean, seconds(165));
  EXPECT_EQ(f.requests, 1);
  EXPECT_EQ(f.late, 0);
  EXPECT_DOUBLE_EQ(f.goodput, (2 * 1000 + 2 * 100) / (2 * 1195.0));
  EXPECT_EQ(f.most_used, (Amount{2, 2, 2048}));
  // Creates: 2 pilots, 2 nodes. Holds: 2 each. Returns: 1 each. Deletes.
  EXPECT_EQ(f.api_calls, 4 + 4 + 2 + 4);
}

TEST(Engine, KillLosesTheWork) {
  Lines lines;
  const auto f = replay(two_pilots(), small_model(2), Way::kill, &lines);
  EXPECT_EQ(lines, (Lines{"started 1 @30", "started 2 @30", "requeued 1 @105", "requeued 2 @105",
                          "started 3 @135", "ended 3 @235", "started 1 @270", "started 2 @270",
                          "ended 1 @1270", "ended 2 @1270"}));
  EXPECT_EQ(f.holds, 0);
  EXPECT_EQ(f.requeues, 2);
  EXPECT_DOUBLE_EQ(f.opportunistic.lost_core_hours, 2 * 70.0 / 3600);
  EXPECT_DOUBLE_EQ(f.opportunistic.done_core_hours, 2000.0 / 3600);
  EXPECT_EQ(f.normal.wait.mean, seconds(35));
  EXPECT_EQ(f.opportunistic.wait.mean, seconds(30)) << "until they first ran";
  EXPECT_EQ(f.opportunistic.stretch.mean, seconds(270));
}

TEST(Engine, NoneWaits) {
  Lines lines;
  const auto f = replay(two_pilots(), small_model(2), Way::none, &lines);
  EXPECT_EQ(lines, (Lines{"started 1 @30", "started 2 @30", "ended 1 @1030", "ended 2 @1030",
                          "started 3 @1065", "ended 3 @1165"}));
  EXPECT_EQ(f.normal.wait.mean, seconds(965));
  EXPECT_EQ(f.requests, 1);
  EXPECT_EQ(f.late, 1) << "935 s without room, ResumeTimeout is 60 s";
}

TEST(Engine, JustEnoughStepAside) {
  // Three pilots; the job needs one server; the youngest has the least at stake.
  Lines lines;
  replay(TraceOf()
             .job("osg", 0, 1000)
             .job("osg", 0, 1000)
             .job("osg", 50, 1000)
             .job("compute", 100, 100)
             .trace,
         small_model(3), Way::hold, &lines);
  EXPECT_EQ(lines[3], "held 3 @100");
  EXPECT_EQ(lines[4], "started 4 @140");
}

TEST(Engine, MinRunAndMaxHolds) {
  auto model = small_model(1);
  model.reclaim.classes[0].min_run = seconds(500);
  Lines lines;
  // Runs from 30 on: may step aside at 530; it is tried again every 60 s from 100 on.
  replay(TraceOf().job("osg", 0, 1000).job("compute", 100, 10).trace, model, Way::hold, &lines);
  EXPECT_EQ(lines[1], "held 1 @580");
  model.reclaim.classes[0].min_run = Millis(0);
  model.reclaim.classes[0].max_holds = 1;
  replay(TraceOf().job("osg", 0, 1000).job("compute", 100, 10).job("compute", 400, 10).trace, model,
         Way::hold, &lines);
  EXPECT_EQ(lines, (Lines{"started 1 @30", "held 1 @100", "started 2 @140", "ended 2 @150",
                          "returned 1 @175", "started 1 @175", "ended 1 @1105", "started 3 @1140",
                          "ended 3 @1150"}));
}

TEST(Engine, NobodyStepsAsideForSomeNodesOfAJob) {
  auto model = small_model(2);
  model.reclaim.classes[0].min_run = seconds(500);
  // Job 2 is too young for the two nodes of job 3.
  const auto trace =
      TraceOf().job("osg", 0, 5000).job("osg", 900, 5000).job("compute", 1000, 100, 2).trace;
  Lines lines;
  replay(trace, model, Way::hold, &lines);
  EXPECT_EQ(lines[2], "held 2 @1480") << "it began at 930; tried each minute";
  EXPECT_EQ(lines[3], "held 1 @1480");
  model.all_or_nothing = false;
  replay(trace, model, Way::hold, &lines);
  EXPECT_EQ(lines[2], "held 1 @1000");
}

TEST(Engine, AModeThatFreesNothingIsNotUsed) {
  auto model = small_model(1);
  model.reclaim.classes[0].modes = {HoldMode::suspend};
  const auto trace = TraceOf().job("osg", 0, 1000).job("compute", 100, 10).trace;
  Lines lines;
  auto f = replay(trace, model, Way::hold, &lines);
  EXPECT_EQ(f.holds, 0);
  EXPECT_EQ(lines[1], "ended 1 @1030");
  model.reclaim.classes[0].modes = {HoldMode::suspend, HoldMode::hibernate};
  EXPECT_EQ(replay(trace, model, Way::hold).holds, 1);
  model.reclaim.classes[0].modes = {HoldMode::suspend};
  model.reclaim.classes[0].may_requeue = true;
  f = replay(trace, model, Way::hold);
  EXPECT_EQ(f.holds, 0);
  EXPECT_EQ(f.requeues, 1);
  EXPECT_DOUBLE_EQ(f.opportunistic.lost_core_hours, 70.0 / 3600);
}

// A quota that counts held servers as instances: no mode but requeue frees one.
TEST(Engine, AnInstanceIsFreedByRequeueAlone) {
  auto model = small_model(2);
  for (auto& pool : model.pools)
    pool.frees[static_cast<std::size_t>(HoldMode::hibernate)].instances = 0;
  const auto trace =
      TraceOf().job("osg", 0, 1000).job("osg", 0, 1000).job("compute", 100, 100).trace;
  auto f = replay(trace, model, Way::hold);
  EXPECT_EQ(f.requeues, 0);
  EXPECT_GT(f.normal.wait.mean, seconds(900));
  EXPECT_EQ(f.holds, 0) << "for nothing: the cores would be free, the instance not";
  model.reclaim.classes[0].may_requeue = true;
  f = replay(trace, model, Way::hold);
  EXPECT_EQ(f.requeues, 1);
  EXPECT_EQ(f.holds, 0);
  EXPECT_EQ(f.normal.wait.mean, seconds(35));
}

TEST(Engine, HeldTooLong) {
  auto model = small_model(1);
  model.reclaim.classes[0].max_held = seconds(200);
  Lines lines;
  const auto f = replay(TraceOf().job("osg", 0, 1000).job("compute", 100, 5000).trace, model,
                        Way::hold, &lines);
  EXPECT_EQ(lines[1], "held 1 @100");
  EXPECT_EQ(lines[3], "requeued 1 @300");
  EXPECT_EQ(f.requeues, 1);
  EXPECT_DOUBLE_EQ(f.opportunistic.lost_core_hours, 70.0 / 3600);
  EXPECT_EQ(f.opportunistic.ended, 1);
}

TEST(Engine, SettleAndQuietHours) {
  auto model = small_model(1);
  model.reclaim.settle = seconds(120);
  const auto trace = TraceOf().job("osg", 0, 1000).job("compute", 100, 10).trace;
  Lines lines;
  replay(trace, model, Way::hold, &lines);
  EXPECT_EQ(lines[4], "returned 1 @295");  // room from 155 on, 120 s, 20 s
  // All day but the minute 23:59 of the zone in use; nothing comes back before.
  model.reclaim.quiet_hours = {*parse_quiet_hours("00:00-23:59")};
  const auto f = replay(trace, model, Way::hold, &lines);
  EXPECT_EQ(f.opportunistic.ended, 1);
  EXPECT_GE(f.held.mean, seconds(175));
}

TEST(Engine, HeadroomIsKept) {
  auto model = small_model(4);
  model.reclaim.headroom.cores = {2, 0};
  Lines lines;
  auto f = replay(TraceOf().job("osg", 0, 100).job("osg", 0, 100).job("osg", 0, 100).trace, model,
                  Way::hold, &lines);
  EXPECT_EQ(lines[0], "started 1 @30");
  EXPECT_EQ(f.most_used.cores, 2);
  EXPECT_EQ(lines.back(), "ended 3 @265");  // behind the first two, 130 + 5 + 30 + 100
  // A normal job takes of the headroom, which is then made again by a hold at the next poll.
  model.reclaim.poll = seconds(60);
  f = replay(TraceOf().job("osg", 0, 1000).job("osg", 0, 1000).job("compute", 100, 500).trace,
             model, Way::hold, &lines);
  EXPECT_EQ(lines[2], "held 1 @120");
  EXPECT_EQ(lines[3], "started 3 @130");
  EXPECT_EQ(f.most_used.cores, 3);
  EXPECT_EQ(f.holds, 1);
}

TEST(Engine, IdleNodesFirstAndUsedAgain) {
  auto model = small_model(2);
  model.idle = seconds(1000);
  Lines lines;
  // Job 1 leaves an idle node at 130; the normal job takes its room, job 2 runs on.
  auto f = replay(TraceOf().job("osg", 0, 100).job("osg", 0, 1000).job("compute", 200, 10).trace,
                  model, Way::hold, &lines);
  EXPECT_EQ(f.holds, 0);
  EXPECT_EQ(lines[3], "started 3 @235");
  // The next pilot finds it warm.
  replay(TraceOf().job("osg", 0, 100).job("osg", 200, 100).trace, model, Way::hold, &lines);
  EXPECT_EQ(lines[2], "started 2 @200");
}

TEST(Engine, WhatNeverFits) {
  const auto f = replay(TraceOf().job("compute", 0, 10, 3).job("compute", 0, 10, 2).trace,
                        small_model(2), Way::hold);
  EXPECT_EQ(f.too_large, 1);
  EXPECT_EQ(f.normal.ended, 1);
  EXPECT_EQ(replay(Trace{}, small_model(1), Way::hold).normal.jobs, 0);
  // Nothing makes room: told, not waited for.
  auto model = small_model(2);
  model.reclaim.headroom.cores = {1, 0};
  model.reclaim.quiet_hours = {*parse_quiet_hours("00:00-24:00")};
  const auto g =
      replay(TraceOf().job("osg", 0, 100).job("compute", 50, 10, 2).trace, model, Way::hold);
  EXPECT_EQ(g.stuck, 1);
}

TEST(Engine, BackfillEndsWhenTheFirstHasWaitedLong) {
  // Four nodes: one is busy for three hours; the second in line needs all four.
  TraceOf t;
  t.job("compute", 0, 3 * 3600).job("compute", 1, 10, 4);
  for (int i = 0; i < 300; ++i) t.job("compute", 2 + i * 30, 300, 1);
  Lines lines;
  replay(t.trace, small_model(4), Way::hold, &lines);
  std::size_t before = 0;
  while (lines[before] != "started 2 @10865") ASSERT_LT(++before, lines.size() - 1);
  // What began after the first hour waited behind it.
  for (std::size_t i = 0; i < before; ++i)
    if (lines[i].starts_with("started")) {
      EXPECT_LE(std::stoll(lines[i].substr(lines[i].find('@') + 1)), 3601 + 30);
    }
}

// Whatever the trace: nothing is lost from sight, nothing taken that is not there.
TEST(Engine, Conservation) {
  std::mt19937 random(17);
  for (int round = 0; round < 60; ++round) {
    const int nodes = 3 + static_cast<int>(random() % 20);
    auto model = small_model(nodes, 2);
    model.idle = seconds(static_cast<std::int64_t>(random() % 300));
    model.reclaim.settle = seconds(static_cast<std::int64_t>(random() % 200));
    model.reclaim.headroom.cores = {static_cast<std::int64_t>(random() % 3), 0};
    auto& c = model.reclaim.classes[0];
    c.min_run = seconds(static_cast<std::int64_t>(random() % 400));
    c.max_holds = static_cast<int>(random() % 5);
    c.may_requeue = random() % 2 == 0;
    if (random() % 2 == 0) c.max_held = seconds(600 + static_cast<std::int64_t>(random() % 4000));
    TraceOf t;
    std::int64_t submit = 0;
    double work = 0;
    for (int i = 0; i < 200; ++i) {
      submit += static_cast<std::int64_t>(random() % 100);
      const bool osg = random() % 3 != 0;
      const int cores = osg ? 1 + static_cast<int>(random() % 4)
                            : 1 + static_cast<int>(random() % unsigned(nodes));
      const auto run = 1 + static_cast<std::int64_t>(random() % 2000);
      t.job(osg ? "osg" : "compute", submit, run, cores);
      work += static_cast<double>(run * cores) / 3600;
    }
    for (const auto way : kWays) {
      Seen seen;
      std::vector<int> ended(t.trace.jobs.size() + 1);
      Engine engine(t.trace, model, way, [&](Time, Happens what, const TraceJob& job) {
        if (what == Happens::ended) ++ended[static_cast<std::size_t>(job.id)];
      });
      const auto f = engine.run();
      EXPECT_EQ(f.stuck, 0);
      EXPECT_EQ(f.too_large, 0);
      for (std::size_t i = 1; i < ended.size(); ++i) EXPECT_EQ(ended[i], 1);
      EXPECT_NEAR(f.normal.done_core_hours + f.opportunistic.done_core_hours, work, 1e-6);
      EXPECT_NEAR(f.ran_core_hours,
                  work + f.normal.lost_core_hours + f.opportunistic.lost_core_hours, 1e-6);
      EXPECT_GE(f.booked_core_hours + 1e-6, f.ran_core_hours);
      EXPECT_EQ(f.normal.lost_core_hours, 0);
      EXPECT_TRUE(model.room.covers(f.most_used)) << to_string(f.most_used);
      if (way == Way::none) {
        EXPECT_EQ(f.holds + f.requeues, 0);
      }
      if (way == Way::hold && !c.may_requeue && !c.max_held) {
        EXPECT_EQ(f.opportunistic.lost_core_hours, 0);
        EXPECT_EQ(f.returns, f.holds);
      }
      if (c.max_holds > 0) {
        EXPECT_LE(f.most_holds, c.max_holds);
      }
      // The same again is the same.
      Engine again(t.trace, model, way);
      EXPECT_EQ(figures_json(again.run()), figures_json(f));
    }
  }
}

}  // namespace
}  // namespace tidepool::plan
