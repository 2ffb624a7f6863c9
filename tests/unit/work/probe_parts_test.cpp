// Names, marks, addresses and files of a probe.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "scratch.hpp"
#include "work/inventory.hpp"
#include "work/orphans.hpp"
#include "work/probe_address.hpp"
#include "work/probe_file.hpp"
#include "work/probe_leftovers.hpp"
#include "work/probe_marks.hpp"

namespace tidepool {
namespace {

TEST(ProbeNameTest, OnlyOwnThingsAreRemoved) {
  EXPECT_TRUE(is_probe_name("a", probe_name("a", "0a1b2c3d") + "-1"));
  EXPECT_TRUE(is_probe_name("a", "tidepool-probe-a-0a1b2c3d-12-image"));
  EXPECT_TRUE(is_probe_name("a", "tidepool-probe-a-0a1b2c3d-2-shelved"));
  for (const char* other :
       {"tidepool-probe-a-b-0a1b2c3d-1", "tidepool-probe-a-0a1b2c3d", "tidepool-probe-a-0a1b2c3d-",
        "tidepool-probe-a-0a1b2c3d-1-mine", "tidepool-probe-a-0A1B2C3D-1", "tidepool-probe-a-",
        "rocky9-slurm", "", "x-tidepool-probe-a-0a1b2c3d-1"})
    EXPECT_FALSE(is_probe_name("a", other)) << other;
}

TEST(ProbeNameTest, TheWorkerTakesAProbesServerForNoNodes) {
  openstack::Server s;
  s.id = "1";
  s.name = "tidepool-probe-lab-0a1b2c3d-1";
  s.status = "ACTIVE";
  s.metadata = {{openstack::kMetaCluster, "lab"}, {kMetaProbe, "0a1b2c3d"}};
  const Inventory inventory("lab", {s}, now());
  EXPECT_TRUE(inventory.by_node().empty());
  EXPECT_TRUE(Orphans::find(inventory, {}).empty());
}

TEST(ProbeMarkTest, TheLastWholeMarkCounts) {
  const std::string console =
      "boot text\ntidepool-probe-mark aa-1 1\r\n[ 3.1] noise tidepool-probe-mark aa-1 2\r\n"
      "tidepool-probe-mark aa-1";
  const auto mark = last_guest_mark(console);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->boot, "aa-1");
  EXPECT_EQ(mark->count, 2);
  EXPECT_EQ(last_guest_mark("tidepool-probe-mark aa-1 7\ntidepool-probe-mark aa-1 x\n")->count, 7);
  for (const char* none : {"", "\n", "tidepool-probe-mark \n", "tidepool-probe-mark a\n",
                           "tidepool-probe-mark a 0\n", "tidepool-probe-mark a -4\n"})
    EXPECT_FALSE(last_guest_mark(none)) << none;
}

TEST(ProbeMarkTest, GoingOnIsTheSameBootCountingFurther) {
  const GuestMark before{"a", 5};
  EXPECT_EQ(guest_went_on(before, GuestMark{"a", 6}), true);
  EXPECT_EQ(guest_went_on(before, GuestMark{"a", 5}), std::nullopt);
  EXPECT_EQ(guest_went_on(before, GuestMark{"b", 1}), false);
  EXPECT_EQ(guest_went_on(before, std::nullopt), std::nullopt);
}

PoolFile pool_file(const std::string& addresses) {
  std::vector<Diagnostic> faults;
  auto file =
      parse_pool_file("cluster: c\ncloud: {name: c}\npools:\n  p:\n    nodes: n[1-2]\n    " +
                          addresses + "\n    network: n\n    flavor: f\n    image: i\n",
                      "/pool.yaml", faults);
  EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
  return file.value_or(PoolFile{});
}

TEST(ProbeAddressTest, NoNodesNoPortsNoGatewaysAndNeutronsOwnFirst) {
  const auto pools = pool_file("addresses: 10.0.0.[10,11]");
  openstack::NetworkInfo network;
  network.subnets.push_back(
      {"s", "10.0.0.0/24", "10.0.0.9", 4, false, {{"10.0.0.8", "10.0.0.12"}}});
  openstack::Port port;
  port.addresses = {"10.0.0.12"};
  EXPECT_TRUE(has_nodes_in(pools, network));
  const auto free = free_addresses(pools, network, {port}, 3);
  EXPECT_EQ(free, (std::vector<std::string>{"10.0.0.8", "10.0.0.254", "10.0.0.253"}));
  EXPECT_EQ(node_of_address(pools, "10.0.0.11"), "n2");
  EXPECT_EQ(node_of_address(pools, "10.0.0.8"), "");
}

TEST(ProbeAddressTest, AFullSubnetHasNone) {
  const auto pools = pool_file("addresses: 10.0.0.[1-2]");
  openstack::NetworkInfo network;
  network.subnets.push_back({"s", "10.0.0.0/30", "", 4, false, {{"10.0.0.1", "10.0.0.2"}}});
  EXPECT_TRUE(free_addresses(pools, network, {}, 3).empty());
  EXPECT_FALSE(has_nodes_in(pool_file("address: dhcp"), network));
}

TEST(ProbeFileTest, APoolsOwnProbeBeatsTheClouds) {
  const Scratch scratch;
  const auto dir = scratch.path("");
  auto none = load_probe(dir, "osg");
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_FALSE(*none);
  ProbeReport r;
  r.at = from_millis(1'764'460'800'000);
  r.pool = "compute";
  ASSERT_TRUE(save_probe(dir, r, true));
  EXPECT_EQ((**load_probe(dir, "osg")).pool, "compute");
  r.pool = "osg";
  ASSERT_TRUE(save_probe(dir, r, false));
  EXPECT_EQ((**load_probe(dir, "osg")).pool, "osg");
  EXPECT_EQ((**load_probe(dir, "compute")).pool, "compute");
  struct stat st {};
  ASSERT_EQ(::stat(probe_file(dir, "osg").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  scratch.write("probe-osg.json", "{", 0600);
  const auto broken = load_probe(dir, "osg");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("probe-osg.json"), std::string::npos);
}

TEST(ProbeIntentTest, IsKeptUntilItIsRemoved) {
  const Scratch scratch;
  const auto dir = scratch.path("");
  EXPECT_FALSE(load_intent(dir));
  ProbeIntent intent{"0a1b2c3d", "demo", from_millis(5000), from_millis(6000)};
  ASSERT_TRUE(save_intent(dir, intent));
  const auto read = load_intent(dir);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "0a1b2c3d");
  EXPECT_EQ(read->cloud, "demo");
  EXPECT_EQ(read->create_begun, from_millis(6000));
  scratch.write("probe.intent", "rubbish", 0600);
  ASSERT_TRUE(load_intent(dir));
  EXPECT_EQ(load_intent(dir)->begun, Time{});
  ASSERT_TRUE(remove_intent(dir));
  EXPECT_FALSE(load_intent(dir));
  EXPECT_TRUE(remove_intent(dir));
}

}  // namespace
}  // namespace tidepool
