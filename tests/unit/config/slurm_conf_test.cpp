#include "config/slurm_conf.hpp"

#include <gtest/gtest.h>

#include "scratch.hpp"

namespace tidepool {
namespace {

using Texts = std::vector<std::string>;

SlurmConf parsed_conf(const std::string& text) {
  auto conf = parse_slurm_conf(text, "/etc/slurm/slurm.conf");
  EXPECT_TRUE(conf) << (conf ? "" : conf.error().message);
  return conf.value_or(SlurmConf{});
}

TEST(SlurmConf, ReadsParametersAsSlurmDoes) {
  const auto conf = parsed_conf(
      "# a comment\nClusterName=c # another\nTREEWIDTH = 65533\nResumeTimeout=600\n"
      "SuspendTime=INFINITE\nSuspendTimeout=\nResumeTimeout=300\n"
      "SlurmctldParameters=idle_on_node_suspend,\\\npower_save_interval=1\n"
      "Epilog=\"/a b\" Prolog=/c\\#d\n");
  EXPECT_EQ(conf.value("clustername"), "c");
  EXPECT_EQ(conf.seconds("TreeWidth", 50), 65533);
  EXPECT_EQ(conf.seconds("ResumeTimeout", 60), 300);
  EXPECT_EQ(conf.places.at("resumetimeout").line, 7);
  EXPECT_EQ(conf.seconds("SuspendTime", 5), std::nullopt);
  EXPECT_EQ(conf.seconds("InactiveLimit", 7), 7);
  EXPECT_TRUE(conf.has_option("SlurmctldParameters", "idle_on_node_suspend"));
  EXPECT_TRUE(conf.has_option("SlurmctldParameters", "Power_Save_Interval"));
  EXPECT_FALSE(conf.has_option("SlurmctldParameters", "power_save"));
  EXPECT_EQ(conf.value("Epilog"), "/a b");
  EXPECT_EQ(conf.value("NoSuchKey"), std::nullopt);
}

TEST(SlurmConf, NodesTakeDefaultsAndPairAddresses) {
  const auto conf = parsed_conf(
      "NodeName=DEFAULT State=CLOUD CPUs=2\n"
      "nodename=osg-[01-03] NodeAddr=10.0.0.[1-2,9]\n"
      "NodeName=login State=UNKNOWN NodeHostname=h\n"
      "NodeName=DEFAULT CPUs=8\nNodeName=big\n");
  ASSERT_EQ(conf.nodes.size(), 5u);
  EXPECT_EQ(conf.nodes.at("osg-03").address, "10.0.0.9");
  EXPECT_TRUE(conf.nodes.at("osg-03").cloud);
  EXPECT_EQ(conf.nodes.at("osg-03").line, 2);
  EXPECT_EQ(conf.nodes.at("osg-03").values.at("cpus"), "2");
  EXPECT_FALSE(conf.nodes.at("login").cloud);
  EXPECT_EQ(conf.nodes.at("login").address, "h");
  EXPECT_EQ(conf.nodes.at("big").values.at("cpus"), "8");
  EXPECT_EQ(conf.nodes.at("big").address, "big");
}

TEST(SlurmConf, PartitionsSeeNodesOfTheWholeFile) {
  const auto conf = parsed_conf(
      "PartitionName=DEFAULT MaxTime=60\nPartitionName=all Nodes=ALL\n"
      "PartitionName=two Nodes=n[1-2] MaxTime=5\nNodeName=n[1-3]\n");
  ASSERT_EQ(conf.partitions.size(), 2u);
  EXPECT_EQ(conf.partitions[0].nodes, (Texts{"n1", "n2", "n3"}));
  EXPECT_EQ(conf.partitions[0].values.at("maxtime"), "60");
  EXPECT_EQ(conf.partitions[1].nodes, (Texts{"n1", "n2"}));
  EXPECT_EQ(conf.partitions[1].values.at("maxtime"), "5");
  EXPECT_EQ(conf.partitions[1].line, 3);
}

TEST(SlurmConf, NodeSetsAreNoParameters) {
  const auto conf = parsed_conf(
      "NodeSet=big Feature=gpu\nNodeSet=some Nodes=n1\nNodeName=n1 Feature=x\n"
      "PartitionName=p Nodes=big,some\n");
  EXPECT_EQ(conf.node_sets.at("big"), "gpu");
  EXPECT_EQ(conf.node_sets.at("some"), "");
  EXPECT_FALSE(conf.value("Feature"));
  EXPECT_EQ(conf.value("NodeSet"), "big Feature=gpu; some Nodes=n1");
  EXPECT_EQ(conf.partitions[0].nodes, (Texts{"big", "some"}));
}

TEST(SlurmConf, SaysWhereNodesFetchIt) {
  EXPECT_EQ(parsed_conf("ClusterName=c\n").conf_server(), "");
  EXPECT_EQ(parsed_conf("SlurmctldHost=ctl\n").conf_server(), "ctl");
  EXPECT_EQ(parsed_conf("SlurmctldHost=a(10.0.0.1)\nSlurmctldHost=b\nSlurmctldPort=7000-7002\n")
                .conf_server(),
            "10.0.0.1:7000,b:7000");
}

TEST(SlurmConf, FollowsIncludes) {
  Scratch scratch;
  const auto path = scratch.write("slurm.conf", "ClusterName=c\nInclude sub/nodes.conf\n");
  scratch.write("sub/nodes.conf", "\nNodeName=n1 State=CLOUD\n");
  const auto conf = load_slurm_conf(path);
  ASSERT_TRUE(conf) << conf.error().message;
  EXPECT_EQ(conf->nodes.at("n1").file, scratch.path("sub/nodes.conf").string());
  EXPECT_EQ(conf->nodes.at("n1").line, 2);
}

TEST(SlurmConf, RefusesLoopsAndNonsenseWithTheirPlace) {
  Scratch scratch;
  const auto loop = scratch.write("loop.conf", "Include loop.conf\nInclude loop.conf\n");
  const auto conf = load_slurm_conf(loop);
  ASSERT_FALSE(conf);
  EXPECT_NE(conf.error().message.find("Include nested more than 8 deep"), std::string::npos);
  EXPECT_FALSE(load_slurm_conf(scratch.path("none.conf")));
  for (const auto& [text, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"A=1\nnonsense\n", "/etc/slurm/slurm.conf:2: 'nonsense' is not KEY=VALUE"},
           {"A=\"x\n", ":1: a quote is not closed"},
           {"NodeName=n[1-3] NodeAddr=10.0.0.[1-2]\n", ":1: n[1-3]: 2 addresses for 3 nodes"},
           {"NodeName=n[1-\n", ":1: hostlist 'n[1-'"},
           {"PartitionName=p Nodes=n[3-1]\n", "the range runs backwards"}}) {
    const auto bad = parse_slurm_conf(text, "/etc/slurm/slurm.conf");
    ASSERT_FALSE(bad) << text;
    EXPECT_NE(bad.error().message.find(words), std::string::npos) << bad.error().message;
  }
}

}  // namespace
}  // namespace tidepool
