#include "config/pool_changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidepool {
namespace {

PoolFile file(const std::string& pools,
              const std::string& head = "cluster: c\ncloud: {name: c}\n") {
  std::vector<Diagnostic> faults;
  auto parsed = parse_pool_file(head + "pools:\n" + pools, "/p.yaml", faults);
  EXPECT_TRUE(parsed) << (faults.empty() ? "" : to_string(faults[0]));
  return *parsed;
}

const std::string kRest = ", network: n, flavor: f, image: i}\n";
const std::string kA = "  a: {nodes: 'a[1-2]', addresses: '10.0.0.[1-2]'" + kRest;
const std::string kB = "  b: {nodes: 'b[1-2]', addresses: '10.0.1.[1-2]'" + kRest;

bool says(const std::vector<std::string>& lines, const std::string& text) {
  return std::find(lines.begin(), lines.end(), text) != lines.end();
}

TEST(PoolChanges, None) {
  EXPECT_TRUE(pool_changes(file(kA + kB), file(kB + kA)).empty());
}

TEST(PoolChanges, GrowAndShrink) {
  const auto grown = "  a: {nodes: 'a[1-4]', addresses: '10.0.0.[1-4]'" + kRest;
  const auto more = pool_changes(file(kA), file(grown));
  EXPECT_EQ(more.added, (std::vector<std::string>{"a3", "a4"}));
  EXPECT_TRUE(more.removed.empty() && more.moved.empty());
  EXPECT_TRUE(says(more.lines, "pool a: 2 nodes more: a[3-4]"));
  const auto less = pool_changes(file(grown), file(kA));
  EXPECT_EQ(less.removed, (std::vector<std::string>{"a3", "a4"}));
  EXPECT_TRUE(says(less.lines, "pool a: 2 nodes fewer: a[3-4]"));
}

TEST(PoolChanges, APoolComesAndGoes) {
  const auto come = pool_changes(file(kA), file(kA + kB));
  EXPECT_EQ(come.added, (std::vector<std::string>{"b1", "b2"}));
  EXPECT_TRUE(says(come.lines, "pool b is new"));
  const auto go = pool_changes(file(kA + kB), file(kA));
  EXPECT_EQ(go.removed, (std::vector<std::string>{"b1", "b2"}));
  EXPECT_TRUE(says(go.lines, "pool b goes"));
}

TEST(PoolChanges, ANodeInAnotherPoolOrAtAnotherAddressIsAnother) {
  const auto other = pool_changes(
      file(kA + kB), file("  a: {nodes: a1, addresses: 10.0.0.1" + kRest +
                          "  b: {nodes: 'b[1-2],a2', addresses: '10.0.1.[1-2],10.0.0.2'" + kRest));
  EXPECT_EQ(other.moved, std::vector<std::string>{"a2"});
  EXPECT_TRUE(says(other.lines, "a2 move from pool a to pool b"));
  // The two addresses change places.
  const auto swapped =
      pool_changes(file(kA), file("  a: {nodes: 'a1,a2', addresses: '10.0.0.2,10.0.0.1'" + kRest));
  EXPECT_EQ(swapped.moved, (std::vector<std::string>{"a1", "a2"}));
}

TEST(PoolChanges, Settings) {
  const auto changed = pool_changes(
      file(kA),
      file("  a: {nodes: 'a[1-2]', addresses: '10.0.0.[1-2]', network: n, flavor: big, image: "
           "i, hold: {mode: [shelve]}}\n"));
  EXPECT_TRUE(says(changed.lines, "pools.a.flavor: f -> big"));
  EXPECT_TRUE(says(changed.lines, "pools.a.hold.mode: suspend -> shelve"));
  EXPECT_TRUE(changed.moved.empty());
}

// slurmctld was told the flavor's size, and the features, when the nodes were made.
TEST(PoolChanges, DynamicNodesOfAnotherKindAreOthers) {
  const std::string head = "cluster: c\ncloud: {name: c}\nslurm: {nodes: dynamic}\n";
  const auto of = [&](const std::string& more) {
    return file(
        "  a: {nodes: 'a[1-2]', addresses: '10.0.0.[1-2]', network: n, image: i, " + more + "}\n",
        head);
  };
  const auto was = of("flavor: f");
  const std::vector<std::string> both{"a1", "a2"};
  EXPECT_EQ(pool_changes(was, of("flavor: big")).moved, both);
  EXPECT_EQ(pool_changes(was, of("flavor: f, features: [x]")).moved, both);
  EXPECT_EQ(pool_changes(was, of("flavor: f, partition: p")).moved, both);
  EXPECT_TRUE(pool_changes(was, of("flavor: f, partition: a")).moved.empty());
  EXPECT_TRUE(pool_changes(was, of("flavor: f, key_name: k")).moved.empty());
  EXPECT_EQ(pool_changes(file(kA), file(kA, head)).refused.size(), 1U);
}

TEST(PoolChanges, WhatApplyDoesNotChange) {
  const auto cluster = pool_changes(file(kA), file(kA, "cluster: d\ncloud: {name: c}\n"));
  EXPECT_EQ(cluster.refused.size(), 1U);
  const auto state =
      pool_changes(file(kA), file(kA, "cluster: c\ncloud: {name: c}\nstate: {dir: /else}\n"));
  EXPECT_EQ(state.refused.size(), 1U);
  const auto cloud = pool_changes(file(kA), file(kA, "cluster: c\ncloud: {name: d}\n"));
  EXPECT_EQ(cloud.only_empty.size(), 1U);
}

}  // namespace
}  // namespace tidepool
