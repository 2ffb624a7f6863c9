#include "config/conf_changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidepool {
namespace {

constexpr SlurmVersion k22{22, 5}, k24{24, 11};

SlurmConf conf(const std::string& text) {
  auto parsed = parse_slurm_conf(text, "/etc/slurm/slurm.conf");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

const std::string kBase =
    "ClusterName=c\nSuspendTime=20\nMaxJobCount=100\nAccountingStoragePass=old\n"
    "NodeName=a[1-4] NodeAddr=10.0.0.[1-4] CPUs=2 State=CLOUD\n"
    "PartitionName=p Nodes=a[1-4] MaxTime=60 State=UP\n";

std::vector<ConfChange> changes(const std::string& after, SlurmVersion version = k22) {
  return conf_changes(conf(kBase), conf(after), version);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  text.replace(text.find(what), what.size(), by);
  return text;
}

TEST(ConfChanges, SameIsNoChangeWhateverTheOrderAndComments) {
  EXPECT_TRUE(changes("# a word\nsuspendtime=20\n" + kBase).empty());
}

TEST(ConfChanges, AParameter) {
  const auto all = changes(replaced(kBase, "SuspendTime=20", "SuspendTime=90"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(to_string(all[0]), "suspendtime: 20 -> 90");
  EXPECT_EQ(all[0].takes, Takes::reconfigure);
}

TEST(ConfChanges, AParameterThatGoesAndOneThatComes) {
  const auto all = changes(replaced(kBase, "SuspendTime=20", "Prolog=/p"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(to_string(all[0]), "prolog: (not set) -> /p");
  EXPECT_EQ(to_string(all[1]), "suspendtime: 20 -> (not set)");
}

TEST(ConfChanges, PasswordsAreNotShown) {
  const auto all = changes(replaced(kBase, "Pass=old", "Pass=new"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(to_string(all[0]).find("new"), std::string::npos);
  EXPECT_EQ(to_string(all[0]).find("old"), std::string::npos);
}

TEST(ConfChanges, NodesThatComeNeedARestartUntil2311) {
  const auto grown = replaced(replaced(kBase, "a[1-4]", "a[1-6]"), ".[1-4]", ".[1-6]");
  const auto all = changes(replaced(grown, "Nodes=a[1-4]", "Nodes=a[1-6]"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(to_string(all[0]), "2 nodes are new: a[5-6]");
  EXPECT_EQ(all[0].takes, Takes::restart);
  EXPECT_EQ(to_string(all[1]), "partition p: nodes: +a[5-6]");
  EXPECT_EQ(all[1].takes, Takes::reconfigure);
  EXPECT_EQ(conf_changes(conf(kBase), conf(grown), k24)[0].takes, Takes::reconfigure);
}

TEST(ConfChanges, NodesThatGo) {
  const auto shrunk = replaced(replaced(replaced(kBase, "a[1-4]", "a[1-3]"), ".[1-4]", ".[1-3]"),
                               "Nodes=a[1-4]", "Nodes=a[1-3]");
  const auto all = changes(shrunk);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].what, ConfChange::What::node_removed);
  EXPECT_EQ(all[0].nodes, std::vector<std::string>{"a4"});
  EXPECT_EQ(all[1].nodes, std::vector<std::string>{"a4"});
}

TEST(ConfChanges, NodesThatChangeAlikeAreOneChange) {
  const auto all = changes(replaced(kBase, "CPUs=2", "CPUs=4"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(to_string(all[0]), "nodes a[1-4]: cpus: 2 -> 4");
  EXPECT_TRUE(all[0].cpus);
}

TEST(ConfChanges, AWeightIsNoMatterOfCpus) {
  const auto all = changes(replaced(kBase, "CPUs=2", "CPUs=2 Weight=5"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all[0].cpus);
}

TEST(ConfChanges, AnAddressIsTheNodesOwnNotTheLinesList) {
  // A longer list in which the nodes keep their addresses changes none of them.
  EXPECT_TRUE(changes(replaced(kBase, "NodeName=a[1-4] NodeAddr=10.0.0.[1-4] CPUs=2 State=CLOUD",
                               "NodeName=a[1-2] NodeAddr=10.0.0.[1-2] CPUs=2 State=CLOUD\n"
                               "NodeName=a[3-4] NodeAddr=10.0.0.[3-4] CPUs=2 State=CLOUD"))
                  .empty());
  const auto all = changes(replaced(kBase, ".[1-4]", ".[5-8]"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].nodes.size(), 4U);
}

TEST(ConfChanges, Partitions) {
  const auto all = changes(replaced(replaced(kBase, "MaxTime=60", "MaxTime=120"), "PartitionName=p",
                                    "PartitionName=q Nodes=a1\nPartitionName=p"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(to_string(all[0]), "partition p: maxtime: 60 -> 120");
  EXPECT_EQ(to_string(all[1]), "partition q is new");
  const auto gone = changes(replaced(kBase, "PartitionName=p", "PartitionName=q"));
  EXPECT_TRUE(std::any_of(gone.begin(), gone.end(), [](const auto& c) {
    return c.what == ConfChange::What::partition_removed && c.key == "p";
  }));
}

TEST(ConfChanges, WhatAParameterTakes) {
  EXPECT_EQ(takes_of("ClusterName", k24), Takes::by_hand);
  EXPECT_EQ(takes_of("StateSaveLocation", k22), Takes::by_hand);
  EXPECT_EQ(takes_of("SlurmdPort", k24), Takes::empty_cluster);
  EXPECT_EQ(takes_of("SelectType", k22), Takes::empty_cluster);
  EXPECT_EQ(takes_of("MaxJobCount", k22), Takes::restart);
  EXPECT_EQ(takes_of("MaxJobCount", k24), Takes::reconfigure);
  EXPECT_EQ(takes_of("GresTypes", k22), Takes::restart);
  EXPECT_EQ(takes_of("SuspendTime", k22), Takes::reconfigure);
}

}  // namespace
}  // namespace tidepool
