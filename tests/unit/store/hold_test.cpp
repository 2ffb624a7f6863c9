// Holds in the store: two halves that do not undo each other, one hold a node.
#include <gtest/gtest.h>

#include <thread>

#include "scratch.hpp"
#include "store/schema.hpp"
#include "store/store.hpp"

namespace tidepool {
namespace {

HoldRecord wish(std::vector<std::int64_t> jobs, std::vector<std::string> nodes) {
  HoldRecord h;
  h.want_by = "operator";
  h.modes = {HoldMode::hibernate, HoldMode::suspend, HoldMode::requeue};
  h.max_held = Millis(90'000);
  for (const auto id : jobs) h.jobs.push_back({id, "name", "user"});
  for (auto& name : nodes) {
    HoldNode n;
    n.node = name;
    n.address = "10.0.0.1";
    n.boot_time_s = 5;
    h.nodes.push_back(n);
  }
  return h;
}

class HoldStoreTest : public ::testing::Test {
 protected:
  Store open() { return std::move(*Store::open(scratch_.path(), "lab")); }
  Scratch scratch_;
};

TEST_F(HoldStoreTest, SurvivesWithAllThatWasSaid) {
  std::int64_t id = 0;
  {
    auto store = open();
    auto added = store.add_hold(wish({12, 13}, {"b2", "a1"}));
    ASSERT_TRUE(added) << added.error().message;
    id = *added;
  }
  auto store = open();
  auto h = store.hold(id);
  ASSERT_TRUE(h && *h);
  const HoldRecord& r = **h;
  EXPECT_EQ(r.wanted, HoldWanted::held);
  EXPECT_EQ(r.want_by, "operator");
  EXPECT_EQ(r.modes, wish({}, {}).modes);
  EXPECT_EQ(r.max_held, Millis(90'000));
  EXPECT_EQ(r.step, HoldStep::planned);
  ASSERT_EQ(r.jobs.size(), 2u);
  EXPECT_EQ(r.jobs[1].id, 13);
  EXPECT_EQ(r.jobs[1].user, "user");
  ASSERT_EQ(r.nodes.size(), 2u);
  EXPECT_EQ(r.nodes[0].node, "b2") << "in the order given";
  EXPECT_EQ(r.nodes[0].boot_time_s, 5);
  EXPECT_FALSE(store.hold(id + 1)->has_value());
}

TEST_F(HoldStoreTest, TheWorkersSaveLeavesANewerWantAlone) {
  auto store = open();
  const auto id = *store.add_hold(wish({12}, {"a1"}));
  auto worker = open();
  HoldRecord r = **worker.hold(id);
  ASSERT_TRUE(store.want_hold(id, HoldWanted::released, "somebody"));
  r.step = HoldStep::halting;
  r.step_since = from_millis(3);
  r.mode_index = 1;
  r.held_since = from_millis(4);
  r.attempts = 2;
  r.next_try = from_millis(6);
  r.last_error = "no";
  r.outcome = "why";
  r.nodes[0].server_id = "s-1";
  r.nodes[0].slurmd_start_s = 8;
  r.nodes[0].prior_reason = "mine";
  r.nodes[0].prior_drain = true;
  r.nodes[0].hibernate_begun = from_millis(7);
  r.nodes[0].hibernated = true;
  r.nodes[0].given_up = true;
  r.nodes[0].image_id = "i-1";
  ASSERT_TRUE(worker.save_hold(r));
  const HoldRecord after = **store.hold(id);
  EXPECT_EQ(after.wanted, HoldWanted::released);
  EXPECT_EQ(after.want_by, "somebody");
  EXPECT_EQ(after.step, HoldStep::halting);
  EXPECT_EQ(after.step_since, from_millis(3));
  EXPECT_EQ(after.mode(), HoldMode::suspend);
  EXPECT_EQ(after.held_since, from_millis(4));
  EXPECT_EQ(after.attempts, 2);
  EXPECT_EQ(after.next_try, from_millis(6));
  EXPECT_EQ(after.last_error, "no");
  EXPECT_EQ(after.outcome, "why");
  const HoldNode& n = after.nodes[0];
  EXPECT_EQ(n.server_id, "s-1");
  EXPECT_EQ(n.slurmd_start_s, 8);
  EXPECT_EQ(n.prior_reason, "mine");
  EXPECT_TRUE(n.prior_drain);
  EXPECT_EQ(n.hibernate_begun, from_millis(7));
  EXPECT_TRUE(n.hibernated);
  EXPECT_TRUE(n.given_up);
  EXPECT_EQ(n.image_id, "i-1");
}

TEST_F(HoldStoreTest, ANodeOrJobIsInOneHoldOnly) {
  auto store = open();
  const auto id = *store.add_hold(wish({12}, {"a1", "a2"}));
  auto node = store.add_hold(wish({13}, {"a2"}));
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().kind, ErrorKind::conflict);
  EXPECT_NE(node.error().message.find("a2"), std::string::npos);
  EXPECT_NE(node.error().message.find("hold 1"), std::string::npos);
  auto job = store.add_hold(wish({12}, {"a3"}));
  ASSERT_FALSE(job);
  EXPECT_NE(job.error().message.find("job 12"), std::string::npos);
  HoldRecord r = **store.hold(id);
  r.step = HoldStep::done;
  r.ended = now();
  ASSERT_TRUE(store.save_hold(r));
  EXPECT_TRUE(store.add_hold(wish({12}, {"a1"})));
}

TEST_F(HoldStoreTest, OfTwentyAtOnceOneGetsTheNode) {
  open();
  std::vector<int> won(20, 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i)
    threads.emplace_back([&, i] {
      auto store = Store::open(scratch_.path(), "lab");
      if (store && store->add_hold(wish({i + 1}, {"a1"}))) won[static_cast<std::size_t>(i)] = 1;
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(std::count(won.begin(), won.end(), 1), 1);
  EXPECT_EQ(open().holds()->size(), 1u);
}

TEST_F(HoldStoreTest, TheWantOfAHoldThatHasEndedOrIsOnItsWayBack) {
  auto store = open();
  const auto id = *store.add_hold(wish({12}, {"a1"}));
  EXPECT_EQ(store.want_hold(id + 1, HoldWanted::released, "x").error().kind, ErrorKind::not_found);
  HoldRecord r = **store.hold(id);
  r.step = HoldStep::returning;
  ASSERT_TRUE(store.save_hold(r));
  EXPECT_TRUE(store.want_hold(id, HoldWanted::released, "x"));
  EXPECT_EQ(store.want_hold(id, HoldWanted::held, "x").error().kind, ErrorKind::conflict);
  r.step = HoldStep::done;
  ASSERT_TRUE(store.save_hold(r));
  EXPECT_EQ(store.want_hold(id, HoldWanted::released, "x").error().kind, ErrorKind::not_found);
}

TEST_F(HoldStoreTest, ListsThoseThatGoOnAndTheLastThatEnded) {
  auto store = open();
  for (int i = 1; i <= 4; ++i) {
    ASSERT_TRUE(store.add_hold(wish({i}, {"a" + std::to_string(i)})));
    if (i > 3) continue;
    HoldRecord r = **store.hold(i);
    r.step = HoldStep::done;
    r.ended = from_millis(i);
    ASSERT_TRUE(store.save_hold(r));
  }
  ASSERT_EQ(store.holds()->size(), 1u);
  EXPECT_EQ(store.holds()->front().id, 4);
  const auto two = *store.holds(2);
  ASSERT_EQ(two.size(), 3u);
  EXPECT_EQ(two[0].id, 2);
  EXPECT_EQ(two[2].id, 4);
  EXPECT_EQ(two[0].nodes.size(), 1u);
}

TEST_F(HoldStoreTest, ALostHoldComesBackUnderItsId) {
  auto store = open();
  HoldRecord lost = wish({12}, {"a1"});
  lost.id = 17;
  lost.step = HoldStep::held;
  lost.held_since = from_millis(5);
  lost.nodes[0].hibernated = true;
  ASSERT_TRUE(store.restore_hold(lost));
  const HoldRecord r = **store.hold(17);
  EXPECT_EQ(r.step, HoldStep::held);
  EXPECT_EQ(r.held_since, from_millis(5));
  EXPECT_TRUE(r.nodes[0].hibernated);
  EXPECT_EQ(store.restore_hold(lost).error().kind, ErrorKind::conflict);
  EXPECT_EQ(*store.add_hold(wish({13}, {"a2"})), 18);
}

TEST_F(HoldStoreTest, WordsAreReadAsTheyAreWritten) {
  for (const auto step :
       {HoldStep::planned, HoldStep::draining, HoldStep::halting, HoldStep::redirecting,
        HoldStep::leaving, HoldStep::held, HoldStep::returning, HoldStep::rejoining,
        HoldStep::resuming, HoldStep::undraining, HoldStep::requeueing, HoldStep::discarding,
        HoldStep::done})
    EXPECT_EQ(hold_step(to_string(step)), step);
  EXPECT_FALSE(hold_step("elsewhere"));
  const std::vector<HoldMode> modes{HoldMode::pause,  HoldMode::suspend, HoldMode::hibernate,
                                    HoldMode::shelve, HoldMode::stop,    HoldMode::snapshot,
                                    HoldMode::requeue};
  EXPECT_EQ(split_modes(join_modes(modes)), modes);
  EXPECT_EQ(split_modes("suspend,nonsense,,stop"),
            (std::vector{HoldMode::suspend, HoldMode::stop}));
}

TEST_F(HoldStoreTest, AStoreOfTheSecondVersionGetsHolds) {
  {
    auto db = Database::open(scratch_.path("tidepool.db"));
    ASSERT_TRUE(db && db->execute(kSchemaSteps[0]) && db->execute(kSchemaSteps[1]));
    ASSERT_TRUE(db->execute("INSERT INTO meta VALUES ('cluster', 'lab'); PRAGMA user_version=2"));
  }
  auto store = open();
  EXPECT_TRUE(store.add_hold(wish({1}, {"a1"})));
}

}  // namespace
}  // namespace tidepool
