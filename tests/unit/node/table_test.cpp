// Every cell of the state table: wanted × observed × lease × doubt × on_suspend.
#include "node/table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tidepool::node {
namespace {

Situation present(Observed o) {
  return {.wanted = Wanted::present, .observed = o, .leased = true, .server_known = true};
}
Situation absent(Observed o, OnSuspend s) {
  return {.wanted = Wanted::absent,
          .observed = o,
          .leased = true,
          .server_known = true,
          .on_suspend = s};
}

TEST(TableTest, WantedPresent) {
  const std::map<Observed, Action> expected{
      {Observed::none, Action::vanished},  {Observed::building, Action::wait},
      {Observed::active, Action::nothing}, {Observed::busy, Action::wait},
      {Observed::paused, Action::unpause}, {Observed::suspended, Action::resume},
      {Observed::stopped, Action::start},  {Observed::shelved, Action::unshelve},
      {Observed::error, Action::failed},   {Observed::deleting, Action::wait},
      {Observed::foreign, Action::wait},
  };
  for (const auto o : kAllObserved) EXPECT_EQ(next(present(o)), expected.at(o)) << to_string(o);
}

TEST(TableTest, WantedPresentWithoutServer) {
  Situation s{.wanted = Wanted::present, .observed = Observed::none};
  EXPECT_EQ(next(s), Action::create);
  s.leased = true;
  EXPECT_EQ(next(s), Action::create) << "lease committed, then killed before the POST";
  s.create_in_doubt = true;
  EXPECT_EQ(next(s), Action::wait) << "the answer was lost: look before asking again";
  s.server_known = true;
  EXPECT_EQ(next(s), Action::wait);
  s.create_in_doubt = false;
  EXPECT_EQ(next(s), Action::vanished);
}

TEST(TableTest, DoomedIsRemovedWhateverIsWanted) {
  for (const auto wanted : {Wanted::present, Wanted::absent})
    for (const auto o : kAllObserved) {
      const Situation s{.wanted = wanted,
                        .observed = o,
                        .leased = true,
                        .on_suspend = OnSuspend::stop,
                        .doomed = true};
      const Action gone = wanted == Wanted::present ? Action::create : Action::release;
      EXPECT_EQ(next(s), o == Observed::none       ? gone
                         : o == Observed::deleting ? Action::wait
                                                   : Action::remove)
          << to_string(o);
    }
}

TEST(TableTest, DoomedUntilItIsSeenToBeGone) {
  NodeRecord record;
  record.server_state = NodeRecord::kDoomed;
  EXPECT_FALSE(record.doomed()) << "without a lease there is no server";
  record.lease_id = "6a1b2c3d-0000-4000-8000-000000000001";
  EXPECT_TRUE(record.doomed());
  EXPECT_EQ(record.server_state, to_string(Observed::deleting));
  EXPECT_TRUE(situation_of(record, Observed::active, OnSuspend::stop, Time{}).doomed);
  record.server_id = "7ad56f26-9fe8-4ae3-9773-af9fca206dd0";
  EXPECT_FALSE(record.doomed()) << "deleted by somebody else: no word of ours";
  record.server_id.clear();
  record.server_state = "building";
  EXPECT_FALSE(record.doomed());
}

TEST(TableTest, WantedAbsentDeletes) {
  const std::map<Observed, Action> expected{
      {Observed::none, Action::release},   {Observed::building, Action::remove},
      {Observed::active, Action::remove},  {Observed::busy, Action::remove},
      {Observed::paused, Action::remove},  {Observed::suspended, Action::remove},
      {Observed::stopped, Action::remove}, {Observed::shelved, Action::remove},
      {Observed::error, Action::remove},   {Observed::deleting, Action::wait},
      {Observed::foreign, Action::remove},
  };
  for (const auto o : kAllObserved)
    EXPECT_EQ(next(absent(o, OnSuspend::remove)), expected.at(o)) << to_string(o);
}

TEST(TableTest, WantedAbsentParks) {
  const std::map<Observed, Action> expected{
      {Observed::none, Action::release},    {Observed::building, Action::remove},
      {Observed::active, Action::put_away}, {Observed::busy, Action::wait},
      {Observed::paused, Action::nothing},  {Observed::suspended, Action::nothing},
      {Observed::stopped, Action::nothing}, {Observed::shelved, Action::nothing},
      {Observed::error, Action::remove},    {Observed::deleting, Action::wait},
      {Observed::foreign, Action::wait},
  };
  for (const auto mode : {OnSuspend::stop, OnSuspend::shelve, OnSuspend::suspend})
    for (const auto o : kAllObserved)
      EXPECT_EQ(next(absent(o, mode)), expected.at(o)) << to_string(o);
}

TEST(TableTest, WantedAbsentWithoutLease) {
  Situation s{.wanted = Wanted::absent, .observed = Observed::none};
  EXPECT_EQ(next(s), Action::nothing);
  s.leased = true;
  s.create_in_doubt = true;
  EXPECT_EQ(next(s), Action::wait) << "a server may still come: a released lease would leak it";
}

// The promises that no cell may break.
TEST(TableTest, NoCellBreaksThePromises) {
  for (const auto wanted : {Wanted::absent, Wanted::present})
    for (const auto o : kAllObserved)
      for (const bool leased : {false, true})
        for (const bool known : {false, true})
          for (const bool doubt : {false, true})
            for (const auto mode :
                 {OnSuspend::remove, OnSuspend::stop, OnSuspend::shelve, OnSuspend::suspend}) {
              const Action a = next({wanted, o, leased, known, doubt, mode});
              const std::set<Action> destructive{Action::remove, Action::put_away};
              if (wanted == Wanted::present) {
                EXPECT_FALSE(destructive.contains(a));
              } else {
                EXPECT_NE(a, Action::create);
              }
              if (a == Action::create) {
                EXPECT_EQ(o, Observed::none);
                EXPECT_FALSE(doubt);
              }
              if (a == Action::release) {
                EXPECT_EQ(o, Observed::none);
                EXPECT_FALSE(doubt);
              }
            }
}

NodeRecord record(Wanted wanted, const std::string& by) {
  NodeRecord r;
  r.wanted = wanted;
  r.want_by = by;
  r.lease_id = "l";
  return r;
}

TEST(SituationTest, AFailureCountsAsAbsentAndIsRemovedWhateverOnSuspendSays) {
  NodeRecord r = record(Wanted::present, "resume");
  r.failure = Failure{};
  const auto s = situation_of(r, Observed::active, OnSuspend::stop, now());
  EXPECT_EQ(s.wanted, Wanted::absent);
  EXPECT_EQ(next(s), Action::remove);
}

TEST(SituationTest, OnlySlurmsSuspendParks) {
  for (const std::string by : {"suspend", "resume-fail", "operator", "slurm", "failure"}) {
    const auto s =
        situation_of(record(Wanted::absent, by), Observed::active, OnSuspend::stop, now());
    EXPECT_EQ(next(s), by == "suspend" ? Action::put_away : Action::remove) << by;
  }
}

TEST(SituationTest, DoubtEndsAfterTheSettleTime) {
  NodeRecord r = record(Wanted::present, "resume");
  r.create_begun = now();
  EXPECT_TRUE(situation_of(r, Observed::none, OnSuspend::remove, r.create_begun).create_in_doubt);
  EXPECT_TRUE(
      situation_of(r, Observed::none, OnSuspend::remove, r.create_begun + kCreateSettle - Millis(1))
          .create_in_doubt);
  EXPECT_FALSE(situation_of(r, Observed::none, OnSuspend::remove, r.create_begun + kCreateSettle)
                   .create_in_doubt);
}

}  // namespace
}  // namespace tidepool::node
