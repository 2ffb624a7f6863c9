// Who steps aside and who comes back: the order by table, the choice against every other one.
#include "node/reclaim.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

namespace tidepool::node {
namespace {

using std::chrono::minutes;

Candidate job(std::int64_t id, std::int64_t cores, std::int64_t at_stake, int priority = 0) {
  Candidate c;
  c.jobs = {id};
  c.nodes = {"n" + std::to_string(id)};
  c.priority = priority;
  c.frees = {0, cores, cores * 1024};
  c.at_stake = at_stake;
  c.ran = minutes(60);
  return c;
}
Candidate idle(const std::string& node, std::int64_t cores) {
  Candidate c;
  c.nodes = {node};
  c.frees = {1, cores, cores * 1024};
  return c;
}
Amount cores(std::int64_t n) {
  return {0, n, 0};
}
// The choice by the candidates' jobs; an idle node is 0.
std::vector<std::int64_t> chosen(const Amount& need, const std::vector<Candidate>& all) {
  std::vector<std::int64_t> ids;
  for (const auto i : choose_victims(need, all).taken)
    ids.push_back(all[i].jobs.empty() ? 0 : all[i].jobs[0]);
  return ids;
}
using Ids = std::vector<std::int64_t>;

TEST(ChooseVictims, Nothing) {
  const auto v = choose_victims({}, {job(1, 4, 10)});
  EXPECT_TRUE(v.taken.empty());
  EXPECT_TRUE(v.enough);
  EXPECT_FALSE(choose_victims(cores(1), {}).enough);
}

TEST(ChooseVictims, TheOrderOfPreference) {
  auto requeued = job(3, 4, 0, -5);
  requeued.loses_work = true;
  auto often = job(4, 4, 100), seldom = job(5, 4, 100);
  often.holds = 3, seldom.holds = 2;
  // What is asked for needs one of two: the first is taken.
  struct Case {
    const char* what;
    Candidate first, second;
  };
  const Case cases[] = {
      {"an idle node before a job", idle("z", 4), job(1, 4, 0, -100)},
      {"work kept before work lost", job(1, 4, 1'000'000, 100), requeued},
      {"the lower priority", job(1, 4, 1'000'000, -1), job(2, 4, 0, 0)},
      {"the least at stake", job(2, 4, 99), job(1, 4, 100)},
      {"the least at stake per core that is asked for", job(2, 4, 99), job(1, 400, 100)},
      {"the fewest holds", seldom, often},
      {"then the lower id", job(1, 4, 5), job(2, 4, 5)},
      {"an idle node that fits", idle("z", 4), idle("a", 64)},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(choose_victims(cores(4), {c.first, c.second}).taken, std::vector<std::size_t>{0})
        << c.what;
    EXPECT_EQ(choose_victims(cores(4), {c.second, c.first}).taken, std::vector<std::size_t>{1})
        << c.what;
  }
}

TEST(ChooseVictims, LargeOnesInTheEndMakeSmallOnesNeedless) {
  // 8 + 2 rather than 8 + 8, though the second 8 has less at stake per core.
  EXPECT_EQ(chosen(cores(10), {job(1, 8, 8), job(2, 8, 9), job(3, 2, 4)}), (Ids{1, 3}));
  // The idle core is not worth a drain when the job has to go anyway.
  EXPECT_EQ(chosen(cores(4), {idle("a", 1), job(1, 64, 9)}), (Ids{1}));
  // Four idle ones are enough: nobody steps aside.
  EXPECT_EQ(
      chosen(cores(4), {idle("a", 1), idle("b", 1), idle("c", 1), idle("d", 1), job(1, 4, 0)}),
      (Ids{0, 0, 0, 0}));
}

TEST(ChooseVictims, WhatIsLeftOut) {
  auto young = job(1, 4, 0), back = job(2, 4, 0), often = job(3, 4, 0), refuses = job(4, 4, 0);
  auto nothing = job(5, 0, 0);
  young.ran = minutes(9), young.min_run = minutes(10);
  back.ran = std::chrono::seconds(40), back.min_run = minutes(10), back.holds = 1;
  often.holds = 20, often.max_holds = 20;
  refuses.why_not = "its owner said --no-hold";
  nothing.frees = {1, 0, 0};
  const auto v = choose_victims(cores(4), {young, back, often, refuses, nothing});
  EXPECT_TRUE(v.taken.empty());
  EXPECT_FALSE(v.enough);
  ASSERT_EQ(v.left_out.size(), 5u);
  const char* why[] = {"started 9 min ago; min_run is 10 min",
                       "came back 40 s ago; min_run is 10 min",
                       "has stepped aside 20 times; max_holds is 20", "its owner said --no-hold",
                       "frees nothing of what is asked for"};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(v.left_out[i].index, i);
    EXPECT_EQ(v.left_out[i].why, why[i]);
  }
  // At their limits exactly.
  young.ran = minutes(10), often.holds = 19;
  EXPECT_EQ(choose_victims(cores(8), {young, often}).taken.size(), 2u);
}

TEST(ChooseVictims, NotEnoughTakesNoMoreThanHelps) {
  // No mode frees instances: two free the cores that are asked for, the third would be for nothing.
  const std::vector<Candidate> all{job(1, 4, 1), job(2, 4, 2), job(3, 4, 3)};
  const auto v = choose_victims({5, 8, 0}, all);
  EXPECT_EQ(v.taken, (std::vector<std::size_t>{0, 1}));
  EXPECT_FALSE(v.enough);
  EXPECT_EQ(v.frees, (Amount{0, 8, 8192}));
  EXPECT_EQ(choose_victims(cores(100), all).taken.size(), 3u);
}

TEST(ChooseVictims, EachOfThreeCounts) {
  Candidate memory = job(1, 1, 5), processors = job(2, 32, 5);
  memory.frees = {0, 1, 65'536}, processors.frees = {0, 32, 1024};
  EXPECT_EQ(chosen({0, 32, 65'536}, {memory, processors}), (Ids{2, 1}));
  EXPECT_EQ(chosen({0, 0, 65'536}, {memory, processors}), (Ids{1}));
  EXPECT_EQ(chosen({2, 0, 0}, {idle("a", 1), idle("b", 1), idle("c", 1)}), (Ids{0, 0}));
}

Candidate random_candidate(std::mt19937& random, std::int64_t id) {
  const auto upto = [&](int n) { return static_cast<std::int64_t>(random() % unsigned(n)); };
  Candidate c =
      upto(5) == 0 ? idle("n" + std::to_string(id), 1 + upto(4)) : job(id, 1 + upto(8), 0);
  c.frees = {upto(2), 1 + upto(8), 512 * upto(8)};
  if (c.jobs.empty()) return c;
  c.priority = static_cast<int>(upto(3));
  c.at_stake = upto(50);
  c.loses_work = upto(6) == 0;
  c.holds = static_cast<int>(upto(4));
  c.max_holds = static_cast<int>(upto(6));
  c.min_run = minutes(upto(70));
  return c;
}

// What must not be worse than need be: requeued jobs, then those of higher priority.
TEST(ChooseVictims, AgainstEveryOtherChoice) {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::vector<Candidate> all;
    for (unsigned n = random() % 9; all.size() < n;)
      all.push_back(random_candidate(random, int(all.size()) + 1));
    const Amount need{std::int64_t(random() % 3), std::int64_t(random() % 20),
                      std::int64_t(random() % 6) * 512};
    const auto v = choose_victims(need, all);
    std::vector<bool> may(all.size(), true);
    for (const auto& out : v.left_out) may[out.index] = false;
    // No set of those that may is enough when ours is not; ours is the sum of its parts.
    Amount everything, sum;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (may[i]) everything += all[i].frees;
    for (const auto i : v.taken) {
      EXPECT_TRUE(may[i]);
      sum += all[i].frees;
    }
    EXPECT_EQ(sum, v.frees);
    EXPECT_EQ(v.enough, sum.covers(need));
    EXPECT_EQ(v.enough, everything.covers(need));
    // Nothing in it is superfluous, even where it is not enough.
    const Amount reached{std::min(need.instances, everything.instances),
                         std::min(need.cores, everything.cores),
                         std::min(need.ram_mib, everything.ram_mib)};
    EXPECT_TRUE(sum.covers(reached));
    for (const auto i : v.taken) EXPECT_FALSE((sum - all[i].frees).covers(reached)) << round;
    // Work is lost, or a higher priority disturbed, only where no choice of the others is enough.
    const auto worst = [&](const std::vector<std::size_t>& set) {
      std::pair<bool, int> w{false, -1};
      for (const auto i : set)
        if (!all[i].jobs.empty()) w = std::max(w, std::pair(all[i].loses_work, all[i].priority));
      return w;
    };
    if (!v.enough) continue;
    for (unsigned mask = 0; mask < (1U << all.size()); ++mask) {
      Amount frees;
      std::vector<std::size_t> set;
      bool allowed = true;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (((mask >> i) & 1U) == 0) continue;
        allowed = allowed && may[i];
        frees += all[i].frees;
        set.push_back(i);
      }
      if (allowed && frees.covers(need)) {
        EXPECT_GE(worst(set), worst(v.taken)) << round;
      }
    }
  }
}

TEST(ChooseVictims, TheOrderOfCandidatesDoesNotMatter) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    std::vector<Candidate> all;
    for (int i = 0; i < 40; ++i) all.push_back(random_candidate(random, i + 1));
    const Amount need{std::int64_t(random() % 5), std::int64_t(random() % 120),
                      std::int64_t(random() % 40) * 512};
    const auto names = [&](const std::vector<Candidate>& list) {
      std::vector<std::string> taken;
      for (const auto i : choose_victims(need, list).taken) taken.push_back(list[i].nodes[0]);
      return taken;
    };
    auto shuffled = all;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    EXPECT_EQ(names(all), names(shuffled));
  }
}

TEST(ChooseVictims, TenThousand) {
  std::mt19937 random(3);
  std::vector<Candidate> all;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back(job(i + 1, 1 + std::int64_t(random() % 8), std::int64_t(random() % 100'000)));
    all.back().holds = int(random() % 3);
  }
  for (const std::int64_t need : {1, 64, 4000, 20'000}) {
    const auto before = std::chrono::steady_clock::now();
    const auto v = choose_victims({0, need, need * 1024}, all);
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - before;
    EXPECT_TRUE(v.enough);
    RecordProperty("ms_for_" + std::to_string(need), std::to_string(took.count()));
    std::printf("[          ] %ld cores of 10,000 candidates: %.2f ms\n", long(need), took.count());
  }
}

HeldBack held(std::int64_t id, std::int64_t since, std::int64_t n, int priority = 0) {
  return {id, from_millis(since), priority, {0, n, 0}, Time{}};
}
ReturnRoom room(std::int64_t n) {
  return {{0, n, 0}, from_millis(1000), Millis(0), false, 100};
}
const Time kNow = from_millis(1'000'000);

TEST(ChooseReturns, InFairOrder) {
  struct Case {
    const char* what;
    std::vector<HeldBack> held;
    std::int64_t room;
    Ids back;
  };
  auto refused = held(1, 10, 4);
  refused.not_before = kNow + Millis(1);
  const Case cases[] = {
      {"none", {}, 100, {}},
      {"oldest first", {held(1, 30, 4), held(2, 20, 4), held(3, 10, 4)}, 8, {3, 2}},
      {"then the higher priority", {held(1, 10, 4, 1), held(2, 10, 4, 2)}, 4, {2}},
      {"then the lower id", {held(2, 10, 4), held(1, 10, 4)}, 4, {1}},
      {"a large one is not overtaken", {held(1, 10, 8), held(2, 20, 4)}, 7, {}},
      {"but by what takes nothing", {held(1, 10, 8), held(2, 20, 0)}, 7, {2}},
      {"no room at all", {held(1, 10, 1), held(2, 20, 0)}, -5, {2}},
      {"one that was refused keeps nobody waiting", {refused, held(2, 20, 4)}, 4, {2}},
  };
  for (const auto& c : cases)
    EXPECT_EQ(choose_returns(c.held, room(c.room), kNow), c.back) << c.what;
}

TEST(ChooseReturns, Hysteresis) {
  const std::vector<HeldBack> one{held(1, 10, 4)};
  auto r = room(4);
  r.settle = Millis(120'000);
  r.since = kNow - Millis(119'999);
  EXPECT_TRUE(choose_returns(one, r, kNow).empty());
  r.since = kNow - Millis(120'000);
  EXPECT_EQ(choose_returns(one, r, kNow), Ids{1});
  r.since = Time{};
  EXPECT_TRUE(choose_returns(one, r, kNow).empty()) << "nobody has seen room yet";
  r.since = kNow + Millis(1);
  EXPECT_TRUE(choose_returns(one, r, kNow).empty()) << "the clock went back";
  r = room(4);
  r.quiet = true;
  EXPECT_TRUE(choose_returns(one, r, kNow).empty());
  r = room(100);
  r.most = 1;
  EXPECT_EQ(choose_returns({held(1, 10, 1), held(2, 20, 1)}, r, kNow), Ids{1});
  r.most = -1;
  EXPECT_TRUE(choose_returns(one, r, kNow).empty());
}

TEST(ChooseReturns, NeverMoreThanFits) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::vector<HeldBack> all;
    for (int i = 0; i < 12; ++i) {
      all.push_back(held(i + 1, 1 + std::int64_t(random() % 6), 0, int(random() % 3)));
      all.back().needs = {std::int64_t(random() % 2), std::int64_t(random() % 9),
                          std::int64_t(random() % 4) * 512};
    }
    ReturnRoom r = room(std::int64_t(random() % 60) - 5);
    r.room.instances = std::int64_t(random() % 14) - 2,
    r.room.ram_mib = std::int64_t(random() % 20) * 256;
    Amount used;
    for (const auto id : choose_returns(all, r, kNow)) used += all[std::size_t(id - 1)].needs;
    EXPECT_LE(used.instances, std::max<std::int64_t>(r.room.instances, 0));
    EXPECT_LE(used.cores, std::max<std::int64_t>(r.room.cores, 0));
    EXPECT_LE(used.ram_mib, std::max<std::int64_t>(r.room.ram_mib, 0));
  }
}

TEST(RoomSince, BeginsWhenTheFirstFits) {
  const std::vector<HeldBack> both{held(1, 10, 8), held(2, 20, 2)};
  const Time long_ago = from_millis(5);
  EXPECT_EQ(room_since(Time{}, {}, cores(100), kNow), Time{});
  EXPECT_EQ(room_since(Time{}, both, cores(8), kNow), kNow);
  EXPECT_EQ(room_since(long_ago, both, cores(8), kNow), long_ago);
  EXPECT_EQ(room_since(long_ago, both, cores(7), kNow), Time{}) << "the second does not matter";
  auto refused = both;
  refused[0].not_before = kNow + Millis(1);
  EXPECT_EQ(room_since(long_ago, refused, cores(2), kNow), long_ago);
  refused[1].not_before = kNow + Millis(1);
  EXPECT_EQ(room_since(long_ago, refused, cores(2), kNow), Time{});
  EXPECT_EQ(room_since(Time{}, {held(1, 10, 0)}, cores(-5), kNow), kNow) << "takes nothing";
}

}  // namespace
}  // namespace tidepool::node
