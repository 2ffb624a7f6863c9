// Requests for room in the store, and the holds that step aside for them.
#include <gtest/gtest.h>

#include "scratch.hpp"
#include "store/schema.hpp"
#include "store/store.hpp"

namespace tidepool {
namespace {

class ReclaimStoreTest : public ::testing::Test {
 protected:
  Store open() { return std::move(*Store::open(scratch_.path(), "lab")); }
  static ReclaimRecord asks(const std::string& by, ReclaimKind kind = ReclaimKind::request) {
    ReclaimRecord r;
    r.kind = kind;
    r.by = by;
    r.need = {2, 8, 4096};
    r.book = Book::placement;
    r.keep = Millis(5000);
    r.deadline = from_millis(99);
    r.partition = "osg";
    return r;
  }
  static HoldRecord hold(std::int64_t reclaim, std::int64_t job, const std::string& node) {
    HoldRecord h;
    h.want_by = kByReclaim;
    h.modes = {HoldMode::suspend};
    h.jobs.push_back({job, "name", "user"});
    HoldNode n;
    n.node = node;
    h.nodes.push_back(n);
    h.reclaim = reclaim;
    h.class_name = "osg";
    return h;
  }
  Scratch scratch_;
};

TEST_F(ReclaimStoreTest, SurvivesWithAllThatWasSaid) {
  std::int64_t id = 0;
  {
    auto store = open();
    id = *store.add_reclaim(asks("alice"));
  }
  auto store = open();
  ReclaimRecord r = **store.reclaim(id);
  EXPECT_EQ(r.by, "alice");
  EXPECT_EQ(r.need, (Amount{2, 8, 4096}));
  EXPECT_EQ(r.book, Book::placement);
  EXPECT_EQ(r.keep, Millis(5000));
  EXPECT_EQ(r.deadline, from_millis(99));
  EXPECT_EQ(r.partition, "osg");
  EXPECT_EQ(r.step, ReclaimStep::open);
  r.step = ReclaimStep::missed;
  r.note = "why";
  r.refusals = 2;
  r.ended = from_millis(7);
  r.need.cores = 12;
  ASSERT_TRUE(store.cancel_reclaim(id, "bob"));
  ASSERT_TRUE(store.save_reclaim(r));
  EXPECT_TRUE(store.reclaims()->empty());
  ASSERT_EQ(store.reclaims(5)->size(), 1u);
  r = store.reclaims(5)->front();
  EXPECT_EQ(r.cancelled, "bob") << "the worker's save leaves the want alone";
  EXPECT_EQ(r.step, ReclaimStep::missed);
  EXPECT_EQ(r.note, "why");
  EXPECT_EQ(r.refusals, 2);
  EXPECT_EQ(r.need.cores, 12);
  auto again = store.cancel_reclaim(id, "bob");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(store.cancel_reclaim(77, "bob"));
}

TEST_F(ReclaimStoreTest, OnceIsOnceWhileItGoesOn) {
  auto store = open();
  const auto first = *store.add_reclaim(asks("a1", ReclaimKind::node), true);
  EXPECT_EQ(*store.add_reclaim(asks("a1", ReclaimKind::node), true), first);
  EXPECT_NE(*store.add_reclaim(asks("a2", ReclaimKind::node), true), first);
  EXPECT_NE(*store.add_reclaim(asks("a1", ReclaimKind::node)), first);
  ReclaimRecord r = **store.reclaim(first);
  r.step = ReclaimStep::over;
  r.ended = from_millis(1);
  ASSERT_TRUE(store.save_reclaim(r));
  EXPECT_NE(*store.add_reclaim(asks("a3", ReclaimKind::node), true), first);
}

TEST_F(ReclaimStoreTest, HoldsKnowForWhomTheyStepAside) {
  auto store = open();
  const auto one = *store.add_hold(hold(4, 12, "a1"));
  ASSERT_TRUE(store.add_hold(hold(0, 13, "a2")));
  auto mine = store.holds_for(4);
  ASSERT_TRUE(mine && mine->size() == 1u);
  EXPECT_EQ(mine->front().id, one);
  EXPECT_EQ(mine->front().class_name, "osg");
  EXPECT_EQ(mine->front().nodes.size(), 1u);
  EXPECT_TRUE(store.holds_for(0)->empty()) << "0 is no request";
  EXPECT_TRUE(store.hold_history()->empty()) << "it has not been away yet";
  HoldRecord h = **store.hold(one);
  h.held_since = from_millis(5);
  h.step = HoldStep::done;
  h.ended = from_millis(8);
  ASSERT_TRUE(store.save_hold(h));
  const auto history = *store.hold_history();
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history.at(12).holds, 1);
  EXPECT_EQ(history.at(12).back, from_millis(8));
}

TEST_F(ReclaimStoreTest, AReturnThatTheCloudRefusesIsPutBackUnlessAPersonWantsIt) {
  auto store = open();
  const auto id = *store.add_hold(hold(4, 12, "a1"));
  ASSERT_TRUE(store.want_hold(id, HoldWanted::released, kByReturn));
  HoldRecord h = **store.hold(id);
  EXPECT_TRUE(h.returns_by_itself());
  EXPECT_FALSE(*store.put_back(id, from_millis(50))) << "it has not begun to return";
  h.step = HoldStep::returning;
  ASSERT_TRUE(store.save_hold(h));
  EXPECT_TRUE(*store.put_back(id, from_millis(50)));
  h = **store.hold(id);
  EXPECT_EQ(h.step, HoldStep::held);
  EXPECT_EQ(h.wanted, HoldWanted::held);
  EXPECT_EQ(h.returns, 1);
  EXPECT_EQ(h.return_after, from_millis(50));

  ASSERT_TRUE(store.want_hold(id, HoldWanted::released, kByReturn));
  ASSERT_TRUE(store.want_hold(id, HoldWanted::released, "operator"));
  h = **store.hold(id);
  EXPECT_EQ(h.want_by, "operator");
  h.step = HoldStep::returning;
  ASSERT_TRUE(store.save_hold(h));
  EXPECT_FALSE(*store.put_back(id, from_millis(60)));
}

TEST_F(ReclaimStoreTest, AnIdleNodeGoesForOneRequestAndNotFromAHold) {
  auto store = open();
  EXPECT_TRUE(*store.take_idle_node({3, "a1", from_millis(4)}));
  EXPECT_FALSE(*store.take_idle_node({5, "a1", from_millis(6)}));
  ASSERT_TRUE(store.add_hold(hold(3, 12, "a2")));
  EXPECT_FALSE(*store.take_idle_node({3, "a2", from_millis(4)}));
  auto all = *store.idle_nodes();
  ASSERT_EQ(all.size(), 1u);
  all[0].powered_down = true;
  ASSERT_TRUE(store.save_idle_node(all[0]));
  all = *store.idle_nodes();
  EXPECT_EQ(all[0].reclaim, 3);
  EXPECT_TRUE(all[0].powered_down);
  ASSERT_TRUE(store.drop_idle_node("a1"));
  EXPECT_TRUE(store.idle_nodes()->empty());
}

// A store of version 3, with a held job.
TEST_F(ReclaimStoreTest, AStoreWithoutRequestsIsBroughtUpToDate) {
  {
    auto db = Database::open(scratch_.path() / "tidepool.db");
    ASSERT_TRUE(db);
    for (std::size_t v = 0; v < 3; ++v) ASSERT_TRUE(db->execute(kSchemaSteps[v]));
    ASSERT_TRUE(db->execute(R"(
      INSERT INTO meta VALUES ('cluster', 'lab');
      INSERT INTO holds (id, wanted, want_by, want_since, modes, step, held_since)
        VALUES (3, 'held', 'operator', 1, 'suspend', 'held', 2);
      INSERT INTO hold_jobs VALUES (3, 12, 'name', 'user');
      PRAGMA user_version=3)"));
  }
  auto store = open();
  const auto holds = *store.holds();
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0].reclaim, 0);
  EXPECT_EQ(holds[0].returns, 0);
  EXPECT_EQ(holds[0].jobs.size(), 1u);
  EXPECT_TRUE(store.hold_history()->empty()) << "people's holds count for nobody";
  EXPECT_TRUE(store.add_reclaim(asks("alice")));
}

}  // namespace
}  // namespace tidepool
