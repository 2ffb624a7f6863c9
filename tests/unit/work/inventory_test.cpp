#include "work/inventory.hpp"

#include <gtest/gtest.h>

#include "work/orphans.hpp"

namespace tidepool {
namespace {

openstack::Server server(const std::string& id, const std::string& node, const std::string& lease,
                         const std::string& status = "ACTIVE", int created_s = 0) {
  openstack::Server s;
  s.id = id;
  s.name = node;
  s.status = status;
  s.metadata = {{openstack::kMetaCluster, "lab"},
                {openstack::kMetaNode, node},
                {openstack::kMetaLease, lease}};
  s.created = from_millis(created_s * 1000);
  return s;
}

NodeRecord record(const std::string& name, const std::string& lease, const std::string& id = "") {
  NodeRecord r;
  r.name = name;
  r.lease_id = lease;
  r.server_id = id;
  return r;
}

TEST(InventoryTest, OnlyOurMetadataCounts) {
  auto foreign = server("1", "a1", "l");
  foreign.metadata[openstack::kMetaCluster] = "other";
  auto by_hand = server("2", "a1", "l");
  by_hand.metadata.clear();
  const Inventory inventory("lab", {foreign, by_hand}, now());
  EXPECT_TRUE(inventory.by_node().empty());
  const auto view = inventory.view(record("a1", "l"));
  EXPECT_EQ(view.own, nullptr);
  EXPECT_TRUE(view.strays.empty());
}

TEST(InventoryTest, TheLeaseDecidesNotTheName) {
  const Inventory inventory("lab", {server("1", "a1", "old"), server("2", "a1", "new")}, now());
  const auto view = inventory.view(record("a1", "new"));
  ASSERT_NE(view.own, nullptr);
  EXPECT_EQ(view.own->id, "2");
  ASSERT_EQ(view.strays.size(), 1u);
  EXPECT_EQ(view.strays[0]->id, "1");
  EXPECT_TRUE(view.duplicates.empty());
}

TEST(InventoryTest, OfTwoWithOneLeaseTheOneThatRunsIsKept) {
  const Inventory inventory(
      "lab",
      {server("1", "a1", "l", "ERROR"), server("2", "a1", "l"), server("3", "a1", "l", "BUILD")},
      now());
  auto view = inventory.view(record("a1", "l"));
  EXPECT_EQ(view.own->id, "2");
  EXPECT_EQ(view.duplicates.size(), 2u);
  // … unless the store knows another that is well.
  view = inventory.view(record("a1", "l", "3"));
  EXPECT_EQ(view.own->id, "3");
  // A known one that is in ERROR gives way.
  view = inventory.view(record("a1", "l", "1"));
  EXPECT_EQ(view.own->id, "2");
}

TEST(InventoryTest, TheOldestOfEqualsSoThatEveryLookPicksTheSame) {
  const Inventory inventory(
      "lab", {server("b", "a1", "l", "ACTIVE", 20), server("a", "a1", "l", "ACTIVE", 30)}, now());
  EXPECT_EQ(inventory.view(record("a1", "l")).own->id, "b");
}

TEST(InventoryTest, ADuplicateThatIsLeavingIsNotDeletedAgain) {
  const Inventory inventory("lab", {server("1", "a1", "l"), server("2", "a1", "l", "DELETED")},
                            now());
  EXPECT_TRUE(inventory.view(record("a1", "l")).duplicates.empty());
}

TEST(InventoryTest, AServerOfADownCellIsThereThoughItsMetadataIsNot) {
  openstack::Server partial;
  partial.id = "1";
  partial.status = "UNKNOWN";
  const Inventory inventory("lab", {partial}, now());
  const auto view = inventory.view(record("a1", "l", "1"));
  ASSERT_NE(view.own, nullptr);
  EXPECT_EQ(view.observed, node::Observed::busy);
}

TEST(OrphansTest, NoLeaseOrAnotherLease) {
  const Inventory inventory("lab",
                            {server("1", "a1", "l1"), server("2", "a2", "stale"),
                             server("3", "a3", "l3"), server("4", "a4", "l4", "DELETED")},
                            now());
  auto a1 = record("a1", "l1");
  auto a2 = record("a2", "l2");
  const auto orphans = Orphans::find(inventory, {a1, a2});
  ASSERT_EQ(orphans.size(), 2u);
  EXPECT_EQ(orphans[0].server_id, "2");
  EXPECT_EQ(orphans[1].server_id, "3");
  EXPECT_EQ(orphans[1].why, "the store does not know the node");
}

}  // namespace
}  // namespace tidepool
