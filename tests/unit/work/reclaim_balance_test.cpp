// Who has which room.
#include "reclaim_fixture.hpp"

namespace tidepool {
namespace {

class ReclaimBalanceTest : public ReclaimCluster {
 protected:
  void SetUp() override {
    ReclaimCluster::SetUp();
    books.pools = reclaim.pools;
    books.limits.max_cores = 40;
    books.limits.used_cores = 38;
    books.limits_at = kAt;
    books.left_placement = [this](const std::string& n, const std::string&) {
      return left.contains(n);
    };
  }
  ReclaimRecord& asks(std::int64_t id, std::int64_t cores,
                      ReclaimKind kind = ReclaimKind::request) {
    ReclaimRecord r;
    r.id = id;
    r.kind = kind;
    r.need = {0, cores, 0};
    r.since = kAt - Millis(10'000);
    books.requests.push_back(r);
    return books.requests.back();
  }
  HoldRecord& hold(std::int64_t reclaim_id, const std::string& name, HoldStep step,
                   HoldMode mode = HoldMode::requeue) {
    HoldRecord h;
    h.id = static_cast<std::int64_t>(books.holds.size()) + 1;
    h.reclaim = reclaim_id;
    h.step = step;
    h.modes = {mode};
    h.step_since = h.want_since = kAt - Millis(20'000);
    HoldNode n;
    n.node = name;
    h.nodes.push_back(n);
    books.holds.push_back(h);
    return books.holds.back();
  }
  RoomShare share(std::int64_t id) { return balance(pools, books, kAt).shares.at(id); }

  BalanceSight books;
  std::set<std::string> left;
};

TEST_F(ReclaimBalanceTest, TheQuotasRoomIsGivenOutInOrder) {
  asks(1, 4, ReclaimKind::headroom);
  asks(2, 1);
  asks(3, 1, ReclaimKind::node);
  EXPECT_EQ(share(3).given.cores, 1);
  EXPECT_TRUE(share(3).covered);
  EXPECT_TRUE(share(2).covered);
  EXPECT_EQ(share(1).given.cores, 0);
  EXPECT_EQ(share(1).missing.cores, 4);
  books.requests[0].step = ReclaimStep::free;
  EXPECT_EQ(share(1).given.cores, 2) << "what is there already stays with whom it was made for";
  EXPECT_EQ(share(3).missing.cores, 1);
}

TEST_F(ReclaimBalanceTest, WhatIsOnItsWayIsNotMissing) {
  asks(1, 8);
  EXPECT_EQ(share(1).missing.cores, 6);
  hold(1, "a1", HoldStep::draining);
  EXPECT_EQ(share(1).coming.cores, 4);
  EXPECT_EQ(share(1).missing.cores, 2);
  hold(0, "a2", HoldStep::leaving);
  EXPECT_TRUE(share(1).missing.none()) << "a person's hold frees it as well";
  books.holds[0].want_since = kAt - Millis(3'600'000);
  EXPECT_EQ(share(1).missing.cores, 2) << "it takes too long";
  books.holds[0].want_since = kAt;
  books.holds[0].outcome = "refused: no";
  EXPECT_EQ(share(1).missing.cores, 2) << "nothing comes of it";
}

TEST_F(ReclaimBalanceTest, HalfOfTheTimeIsLeftForOthers) {
  ReclaimRecord r;
  r.since = kAt;
  EXPECT_EQ(patience_for(r), Millis(300'000));
  r.deadline = kAt + Millis(60'000);
  EXPECT_EQ(patience_for(r), Millis(30'000));
}

TEST_F(ReclaimBalanceTest, AQuotaThatDoesNotShowWhatWasFreed) {
  asks(1, 4);
  hold(1, "a1", HoldStep::held, HoldMode::snapshot).step_since = kAt - Millis(2'000);
  EXPECT_TRUE(share(1).missing.none()) << "a moment is granted";
  books.holds[0].step_since = kAt - Millis(60'000);
  EXPECT_EQ(share(1).missing.cores, 2) << "then others must";
  EXPECT_EQ(share(1).done.cores, 4);
}

TEST_F(ReclaimBalanceTest, NodesThatSlurmPutsAwayAreComing) {
  asks(1, 6);
  auto& r = record("a3");
  r.wanted = Wanted::absent;
  r.want_since = kAt;
  books.records = sight.records;
  EXPECT_TRUE(share(1).missing.none());
  pools.pools[0].on_suspend = OnSuspend::stop;
  EXPECT_EQ(share(1).missing.cores, 4);
}

TEST_F(ReclaimBalanceTest, PlacementIsWhatSteppedAsideAndWasSeenToBeGone) {
  asks(1, 4).book = Book::placement;
  hold(1, "a1", HoldStep::held, HoldMode::hibernate);
  EXPECT_EQ(share(1).missing.cores, 4) << "held, but not offloaded";
  left.insert("a1");
  EXPECT_TRUE(share(1).covered);
  hold(2, "a2", HoldStep::held, HoldMode::hibernate);
  left.insert("a2");
  asks(3, 4).book = Book::placement;
  EXPECT_FALSE(share(3).covered) << "others' room is not its own";
}

TEST_F(ReclaimBalanceTest, AnIdleNodeIsThereWhenItsServerIsGone) {
  asks(1, 4).book = Book::placement;
  books.idle.push_back({1, "a1", kAt, true});
  auto& r = record("a1");
  books.records = sight.records;
  EXPECT_EQ(share(1).coming.cores, 4);
  r.wanted = Wanted::absent;
  r.server_id.clear();
  books.records = sight.records;
  EXPECT_TRUE(share(1).covered);
}

TEST_F(ReclaimBalanceTest, AHoldWhoseJobsEndedBeforeItBeganHasFreedNothing) {
  asks(1, 4).book = Book::hypervisor;
  auto& h = hold(1, "a1", HoldStep::done, HoldMode::suspend);
  h.outcome = "job 12 is COMPLETED";
  h.nodes[0].server_id = "server-a1";
  books.records = sight.records;
  EXPECT_FALSE(share(1).covered);
  record("a1").server_id.clear();
  books.records = sight.records;
  EXPECT_TRUE(share(1).covered) << "its server was deleted";
}

TEST_F(ReclaimBalanceTest, WhatJobsNeedToComeBack) {
  hold(1, "a1", HoldStep::held, HoldMode::snapshot);
  hold(1, "a2", HoldStep::held, HoldMode::suspend);
  hold(1, "a3", HoldStep::returning, HoldMode::snapshot).wanted = HoldWanted::released;
  hold(0, "a4", HoldStep::held, HoldMode::snapshot);
  const auto all = balance(pools, books, kAt);
  EXPECT_EQ(all.waiting.cores, 4) << "suspended ones take nothing, people's holds are theirs";
  EXPECT_EQ(all.returning.cores, 4);
}

}  // namespace
}  // namespace tidepool
