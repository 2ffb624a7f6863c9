// Every cell of the hold's tables: servers out and back, jobs, steps, a hold at rest.
#include "node/hold_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace tidepool::node {
namespace {

constexpr HoldMode kModes[] = {HoldMode::pause, HoldMode::suspend, HoldMode::hibernate,
                               HoldMode::stop,  HoldMode::shelve,  HoldMode::snapshot};
constexpr HoldStep kSteps[] = {HoldStep::planned,     HoldStep::draining,   HoldStep::halting,
                               HoldStep::redirecting, HoldStep::leaving,    HoldStep::held,
                               HoldStep::returning,   HoldStep::rejoining,  HoldStep::resuming,
                               HoldStep::undraining,  HoldStep::requeueing, HoldStep::discarding,
                               HoldStep::done};
constexpr JobStands kStands[] = {JobStands::running,   JobStands::suspended, JobStands::leaving,
                                 JobStands::starting,  JobStands::waiting,   JobStands::waits_held,
                                 JobStands::elsewhere, JobStands::ended};

using Cells = std::map<HoldMode, Leave>;

// A guest that has not been told to hibernate, a server without an image.
TEST(HoldTableTest, Leaving) {
  using enum HoldMode;
  const Cells wait{{pause, Leave::wait}, {suspend, Leave::wait}, {hibernate, Leave::wait},
                   {stop, Leave::wait},  {shelve, Leave::wait},  {snapshot, Leave::wait}};
  const Cells lost{{pause, Leave::lost}, {suspend, Leave::lost}, {hibernate, Leave::lost},
                   {stop, Leave::lost},  {shelve, Leave::lost},  {snapshot, Leave::lost}};
  const std::map<Observed, Cells> expected{
      {Observed::active,
       {{pause, Leave::pause},
        {suspend, Leave::suspend},
        {hibernate, Leave::hibernate},
        {stop, Leave::stop},
        {shelve, Leave::shelve},
        {snapshot, Leave::save}}},
      {Observed::paused,
       {{pause, Leave::away},
        {suspend, Leave::away},
        {hibernate, Leave::away},
        {stop, Leave::unpause},
        {shelve, Leave::shelve},
        {snapshot, Leave::unpause}}},
      {Observed::suspended,
       {{pause, Leave::away},
        {suspend, Leave::away},
        {hibernate, Leave::away},
        {stop, Leave::away},
        {shelve, Leave::shelve},
        {snapshot, Leave::resume}}},
      {Observed::stopped,
       {{pause, Leave::lost},
        {suspend, Leave::lost},
        {hibernate, Leave::lost},
        {stop, Leave::away},
        {shelve, Leave::shelve},
        {snapshot, Leave::save}}},
      {Observed::shelved,
       {{pause, Leave::lost},
        {suspend, Leave::lost},
        {hibernate, Leave::lost},
        {stop, Leave::away},
        {shelve, Leave::away},
        {snapshot, Leave::unshelve}}},
      {Observed::error, lost},
      {Observed::none, lost},
      {Observed::building, wait},
      {Observed::busy, wait},
      {Observed::deleting, wait},
      {Observed::foreign, wait},
  };
  for (const auto o : kAllObserved)
    for (const auto mode : kModes)
      EXPECT_EQ(leave({mode, o, false, SavedImage::none}), expected.at(o).at(mode))
          << to_string(mode) << " " << to_string(o);
}

TEST(HoldTableTest, AGuestThatWasToldToHibernate) {
  const auto at = [](Observed o) { return leave({HoldMode::hibernate, o, true, {}}); };
  EXPECT_EQ(at(Observed::active), Leave::wait) << "told once; it may take a while";
  EXPECT_EQ(at(Observed::stopped), Leave::shelve);
  EXPECT_EQ(at(Observed::shelved), Leave::away);
  EXPECT_EQ(at(Observed::error), Leave::lost);
}

TEST(HoldTableTest, AServerOfWhichThereIsAnImage) {
  const auto at = [](Observed o, SavedImage i) { return leave({HoldMode::snapshot, o, false, i}); };
  EXPECT_EQ(at(Observed::active, SavedImage::saving), Leave::wait);
  EXPECT_EQ(at(Observed::active, SavedImage::ready), Leave::remove);
  EXPECT_EQ(at(Observed::stopped, SavedImage::ready), Leave::remove);
  EXPECT_EQ(at(Observed::error, SavedImage::ready), Leave::remove);
  EXPECT_EQ(at(Observed::none, SavedImage::ready), Leave::away);
  EXPECT_EQ(at(Observed::none, SavedImage::saving), Leave::lost);
  EXPECT_EQ(at(Observed::deleting, SavedImage::ready), Leave::wait);
}

TEST(HoldTableTest, NothingIsDeletedWithoutAnActiveImageAndNothingShelvedWithItsMemory) {
  for (const auto mode : kModes)
    for (const auto o : kAllObserved)
      for (const bool begun : {false, true})
        for (const auto image : {SavedImage::none, SavedImage::saving, SavedImage::ready}) {
          const Leave l = leave({mode, o, begun, image});
          if (l == Leave::remove) {
            EXPECT_EQ(mode, HoldMode::snapshot);
            EXPECT_EQ(image, SavedImage::ready);
          }
          // Nova throws a suspended server's memory away when it shelves it.
          if (keeps_memory(mode) && l == Leave::shelve) {
            EXPECT_EQ(o, Observed::stopped);
            EXPECT_TRUE(begun);
          }
          if (keeps_memory(mode)) {
            EXPECT_NE(l, Leave::stop);
            EXPECT_NE(l, Leave::save);
          }
        }
}

TEST(HoldTableTest, ComingBack) {
  const std::map<Observed, Back> expected{
      {Observed::none, Back::lost},      {Observed::building, Back::wait},
      {Observed::active, Back::here},    {Observed::busy, Back::wait},
      {Observed::paused, Back::unpause}, {Observed::suspended, Back::resume},
      {Observed::stopped, Back::start},  {Observed::shelved, Back::unshelve},
      {Observed::error, Back::lost},     {Observed::deleting, Back::wait},
      {Observed::foreign, Back::wait},
  };
  for (const auto o : kAllObserved) {
    EXPECT_EQ(come_back({o, SavedImage::none, false, false}), expected.at(o)) << to_string(o);
    const Back given_up = come_back({o, SavedImage::none, false, true});
    EXPECT_EQ(given_up, expected.at(o) == Back::wait ? Back::here : expected.at(o)) << to_string(o);
  }
  EXPECT_EQ(come_back({Observed::none, SavedImage::ready, false, false}), Back::create);
  EXPECT_EQ(come_back({Observed::none, SavedImage::ready, true, false}), Back::wait);
}

TEST(HoldTableTest, MemoryGone) {
  for (const auto o : kAllObserved) {
    const bool nothing_left =
        o == Observed::none || o == Observed::error || o == Observed::deleting;
    const bool off = o == Observed::stopped || o == Observed::shelved;
    for (const auto mode : {HoldMode::pause, HoldMode::suspend})
      for (const bool begun : {false, true})
        EXPECT_EQ(memory_gone(mode, o, begun), nothing_left || off) << to_string(o);
    EXPECT_EQ(memory_gone(HoldMode::hibernate, o, false), nothing_left || off) << to_string(o);
    EXPECT_EQ(memory_gone(HoldMode::hibernate, o, true), nothing_left) << to_string(o);
    for (const auto mode : {HoldMode::shelve, HoldMode::stop, HoldMode::snapshot})
      EXPECT_FALSE(memory_gone(mode, o, false)) << to_string(o);
  }
}

TEST(HoldTableTest, HowAJobStands) {
  const std::map<std::string, std::pair<JobStands, JobStands>> expected{
      // here, elsewhere
      {"RUNNING", {JobStands::running, JobStands::elsewhere}},
      {"SUSPENDED", {JobStands::suspended, JobStands::elsewhere}},
      {"STOPPED", {JobStands::suspended, JobStands::elsewhere}},
      {"COMPLETING", {JobStands::leaving, JobStands::ended}},
      {"STAGE_OUT", {JobStands::leaving, JobStands::ended}},
      {"SIGNALING", {JobStands::leaving, JobStands::ended}},
      {"CONFIGURING", {JobStands::starting, JobStands::elsewhere}},
      {"RESIZING", {JobStands::starting, JobStands::elsewhere}},
      {"PENDING", {JobStands::waiting, JobStands::waiting}},
      {"REQUEUED", {JobStands::waiting, JobStands::waiting}},
      {"REQUEUE_FED", {JobStands::waiting, JobStands::waiting}},
      {"REQUEUE_HOLD", {JobStands::waits_held, JobStands::waits_held}},
      {"SPECIAL_EXIT", {JobStands::waits_held, JobStands::waits_held}},
      {"CANCELLED", {JobStands::ended, JobStands::ended}},
      {"COMPLETED", {JobStands::ended, JobStands::ended}},
      {"FAILED", {JobStands::ended, JobStands::ended}},
      {"TIMEOUT", {JobStands::ended, JobStands::ended}},
      {"NODE_FAIL", {JobStands::ended, JobStands::ended}},
      {"PREEMPTED", {JobStands::ended, JobStands::ended}},
      {"BOOT_FAIL", {JobStands::ended, JobStands::ended}},
      {"DEADLINE", {JobStands::ended, JobStands::ended}},
      {"OUT_OF_MEMORY", {JobStands::ended, JobStands::ended}},
      {"REVOKED", {JobStands::ended, JobStands::ended}},
      {"", {JobStands::ended, JobStands::ended}},
  };
  for (const auto& [state, both] : expected) {
    EXPECT_EQ(stands(state, "", true), both.first) << state;
    EXPECT_EQ(stands(state, "", false), both.second) << state;
  }
  for (const char* reason : {"JobHeldAdmin", "JobHeldUser", "job_requeued_in_held_state"})
    EXPECT_EQ(stands("PENDING", reason, false), JobStands::waits_held) << reason;
  EXPECT_EQ(stands("PENDING", "BeginTime", false), JobStands::waiting);
  EXPECT_EQ(stands("PENDING", "None", false, 0), JobStands::waits_held)
      << "requeued while suspended: its priority is 0 before its reason says so";
  EXPECT_EQ(stands("SUSPENDED", "", true, 0), JobStands::suspended);
  // A reason is about a job that waits.
  EXPECT_EQ(stands("RUNNING", "JobHeldAdmin", true), JobStands::running);
}

TEST(HoldTableTest, WhoBelongs) {
  for (const auto j : kStands) {
    const bool here = j == JobStands::running || j == JobStands::suspended ||
                      j == JobStands::leaving || j == JobStands::starting;
    const bool kept = j == JobStands::waits_held || j == JobStands::leaving;
    EXPECT_EQ(belongs(HoldMode::suspend, j), here) << to_string(j);
    EXPECT_EQ(belongs(HoldMode::pause, j), here) << to_string(j);
    EXPECT_EQ(belongs(HoldMode::hibernate, j), here) << to_string(j);
    for (const auto mode : {HoldMode::shelve, HoldMode::stop, HoldMode::snapshot})
      EXPECT_EQ(belongs(mode, j), kept) << to_string(j);
  }
}

TEST(HoldTableTest, TheWayBackBeginsWhereTheWayOutEnded) {
  const std::map<HoldStep, HoldStep> expected{
      {HoldStep::planned, HoldStep::done},
      {HoldStep::draining, HoldStep::undraining},
      {HoldStep::halting, HoldStep::resuming},
      {HoldStep::redirecting, HoldStep::rejoining},
      {HoldStep::leaving, HoldStep::returning},
      {HoldStep::held, HoldStep::returning},
      {HoldStep::returning, HoldStep::returning},
      {HoldStep::rejoining, HoldStep::rejoining},
      {HoldStep::resuming, HoldStep::resuming},
      {HoldStep::undraining, HoldStep::undraining},
      {HoldStep::requeueing, HoldStep::requeueing},
      {HoldStep::discarding, HoldStep::discarding},
      {HoldStep::done, HoldStep::done},
  };
  for (const auto step : kSteps) {
    EXPECT_EQ(way_back_from(step), expected.at(step)) << to_string(step);
    EXPECT_TRUE(is_way_back(way_back_from(step))) << to_string(step);
  }
}

TEST(HoldTableTest, AfterARefusal) {
  using enum HoldMode;
  const auto after = [](std::vector<HoldMode> modes, std::size_t i, bool hangs = false) {
    const NextMode next = after_refusal(modes, i, hangs);
    return std::pair(next.step, next.mode_index);
  };
  EXPECT_EQ(after({suspend}, 0), std::pair(HoldStep::returning, std::size_t{0}));
  EXPECT_EQ(after({}, 0), std::pair(HoldStep::returning, std::size_t{0}));
  EXPECT_EQ(after({hibernate, suspend}, 0), std::pair(HoldStep::leaving, std::size_t{1}));
  EXPECT_EQ(after({hibernate, suspend}, 1), std::pair(HoldStep::returning, std::size_t{1}));
  EXPECT_EQ(after({suspend, shelve}, 0), std::pair(HoldStep::halting, std::size_t{1}))
      << "the jobs must be requeued first";
  EXPECT_EQ(after({suspend, requeue}, 0), std::pair(HoldStep::requeueing, std::size_t{1}));
  EXPECT_EQ(after({shelve, stop}, 0), std::pair(HoldStep::leaving, std::size_t{1}))
      << "they have been";
  EXPECT_EQ(after({hibernate, suspend, requeue}, 0, true),
            std::pair(HoldStep::returning, std::size_t{0}))
      << "a server that hangs in its task takes no other action";
}

TEST(HoldTableTest, AtRest) {
  const auto turn = [](std::vector<JobStands> jobs, auto change) {
    Resting r;
    r.jobs = std::move(jobs);
    change(r);
    return next_turn(r);
  };
  const auto nothing = [](Resting&) {};
  const std::vector one{JobStands::suspended};
  EXPECT_EQ(turn(one, nothing), Turn::stay);
  EXPECT_EQ(turn({}, nothing), Turn::discard);
  EXPECT_EQ(turn(one, [](Resting& r) { r.wanted = HoldWanted::released; }), Turn::come_back);
  EXPECT_EQ(turn(one, [](Resting& r) { r.too_long = true; }), Turn::requeue);
  EXPECT_EQ(turn(one, [](Resting& r) { r.memory_lost = true; }), Turn::requeue);
  EXPECT_EQ(turn(one, [](Resting& r) { r.awake = true; }), Turn::leave_again);
  EXPECT_EQ(turn({JobStands::running}, nothing), Turn::suspend_again);
  EXPECT_EQ(turn({JobStands::suspended, JobStands::running}, nothing), Turn::suspend_again);
  EXPECT_EQ(turn({JobStands::suspended, JobStands::ended}, nothing), Turn::stay)
      << "one of its jobs is cancelled, the other is held on";
  EXPECT_EQ(turn({JobStands::leaving}, nothing), Turn::stay) << "not gone yet";
  for (const auto j :
       {JobStands::ended, JobStands::waiting, JobStands::waits_held, JobStands::elsewhere})
    EXPECT_EQ(turn({j}, nothing), Turn::discard) << to_string(j);
  // What comes first when several are so.
  EXPECT_EQ(turn(one,
                 [](Resting& r) {
                   r.memory_lost = true;
                   r.wanted = HoldWanted::released;
                 }),
            Turn::requeue)
      << "there is nothing to come back to";
  EXPECT_EQ(turn(one,
                 [](Resting& r) {
                   r.too_long = true;
                   r.wanted = HoldWanted::released;
                 }),
            Turn::come_back)
      << "who asks for it back gets it";
  EXPECT_EQ(turn({JobStands::ended}, [](Resting& r) { r.memory_lost = true; }), Turn::discard);
  EXPECT_EQ(turn({JobStands::running}, [](Resting& r) { r.awake = true; }), Turn::suspend_again)
      << "stopped before its server leaves";
}

TEST(HoldTableTest, AtRestInAModeThatLosesMemory) {
  for (const auto j : kStands) {
    Resting r;
    r.mode = HoldMode::shelve;
    r.jobs = {j};
    const bool waits = j == JobStands::waits_held || j == JobStands::leaving;
    EXPECT_EQ(next_turn(r), waits ? Turn::stay : Turn::discard) << to_string(j);
  }
}

}  // namespace
}  // namespace tidepool::node
