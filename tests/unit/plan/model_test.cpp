#include "plan/model.hpp"

#include <gtest/gtest.h>

namespace tidepool::plan {
namespace {

PoolFile two_pools(const std::string& headroom) {
  std::vector<Diagnostic> faults;
  auto file = parse_pool_file(
      "cluster: c\ncloud: {name: c}\npools:\n"
      "  osg: {nodes: 'o[1-6]', addresses: '10.0.1.[1-6]', network: n, flavor: f, image: i, "
      "partition: osg}\n"
      "  big: {nodes: 'b[1-2]', addresses: '10.0.0.[1-2]', network: n, flavor: g, image: i, "
      "partition: big}\n"
      "reclaim:\n  opportunistic: [{name: osg, partitions: [osg]}]\n" +
          headroom,
      "/p.yaml", faults);
  EXPECT_TRUE(file);
  return *file;
}

// Shelve frees placement and the quota's cores and memory, and takes 2 s.
ProbeReport probe() {
  ProbeReport r;
  r.flavor = "f";
  r.vcpus = 2, r.ram_mib = 4096;
  ProbeMeasure m;
  m.step = ProbeStep::shelve;
  m.outcome = ProbeOutcome::done;
  ProbeMoment there;
  there.status = "ACTIVE";
  there.limits.used_instances = 1, there.limits.used_cores = 2, there.limits.used_ram_mib = 4096;
  there.placement = openstack::Allocations{2, 4096, 10, 1};
  m.before = m.during = m.after = there;
  m.during->status = "SHELVED_OFFLOADED";
  m.during->limits.used_cores = m.during->limits.used_ram_mib = 0;
  m.during->placement = openstack::Allocations{};
  m.hold = Millis(2000), m.back = Millis(3000);
  r.measures = {m};
  return r;
}

const Amount& freed(const PlanPool& pool, HoldMode mode) {
  return pool.frees[static_cast<std::size_t>(mode)];
}

TEST(Model, WithoutAProbeWhatNovaDocuments) {
  const auto m = make_model(two_pools("  headroom: {cores: 10%}\n"), {{}, {}}, {});
  EXPECT_EQ(m.book, Book::placement);
  EXPECT_EQ(m.pools[0].node, (Amount{1, kUsualCores, kUsualRamMib}));
  // Six nodes are more than two; a tenth of 48 cores on top, rounded up.
  EXPECT_EQ(m.room, (Amount{6, 48 + 5, 6 * kUsualRamMib}));
  EXPECT_EQ(freed(m.pools[0], HoldMode::hibernate), m.pools[0].node);
  EXPECT_TRUE(freed(m.pools[0], HoldMode::suspend).none());
  const auto& hibernate = m.modes[static_cast<std::size_t>(HoldMode::hibernate)];
  EXPECT_EQ(hibernate.hold, Millis(60'000));
  EXPECT_FALSE(hibernate.measured);
}

TEST(Model, AProbeSaysWhatTheQuotaGetsBackAndHowLongItTakes) {
  const auto m = make_model(two_pools(""), {probe(), std::nullopt}, {});
  EXPECT_EQ(m.book, Book::quota);
  EXPECT_EQ(m.pools[0].node, (Amount{1, 2, 4096}));
  EXPECT_EQ(m.pools[1].node, (Amount{1, kUsualCores, kUsualRamMib})) << "of another flavor";
  EXPECT_EQ(freed(m.pools[0], HoldMode::hibernate), (Amount{0, 2, 4096}));
  EXPECT_EQ(freed(m.pools[1], HoldMode::hibernate), (Amount{0, kUsualCores, kUsualRamMib}));
  EXPECT_TRUE(freed(m.pools[0], HoldMode::suspend).none()) << "not measured: not believed";
  EXPECT_EQ(freed(m.pools[0], HoldMode::requeue), m.pools[0].node);
  const auto& hibernate = m.modes[static_cast<std::size_t>(HoldMode::hibernate)];
  EXPECT_EQ(hibernate.hold, Millis(2000 + 5000 + 25'000));
  EXPECT_EQ(hibernate.back, Millis(3000 + 5000 + 15'000));
  EXPECT_TRUE(hibernate.measured);
}

TEST(Model, OptionsBeatBoth) {
  ModelOptions o;
  o.book = Book::hypervisor;
  o.cores_per_node = 4, o.ram_per_node_mib = 1024;
  o.cores = 100, o.hold = Millis(7), o.back = Millis(8), o.boot = Millis(9);
  const auto m = make_model(two_pools(""), {probe(), std::nullopt}, o);
  EXPECT_EQ(m.book, Book::hypervisor);
  EXPECT_EQ(m.room, (Amount{6, 100, 6 * 1024}));
  EXPECT_EQ(freed(m.pools[0], HoldMode::suspend), m.pools[0].node);
  EXPECT_EQ(m.modes[static_cast<std::size_t>(HoldMode::suspend)].hold, Millis(7));
  EXPECT_EQ(m.modes[static_cast<std::size_t>(HoldMode::suspend)].back, Millis(8));
  EXPECT_NE(m.modes[static_cast<std::size_t>(HoldMode::requeue)].hold, Millis(7));
  EXPECT_EQ(m.boot, Millis(9));
}

}  // namespace
}  // namespace tidepool::plan
