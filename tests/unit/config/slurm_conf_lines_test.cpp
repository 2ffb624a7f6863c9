#include "config/slurm_conf_lines.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "config/check.hpp"
#include "scratch.hpp"

namespace tidepool {
namespace {

PoolFile lab_pools() {
  std::vector<Diagnostic> faults;
  auto file = parse_pool_file(R"(
cluster: moc
cloud: {name: c}
standin: {node: keeper, address: 10.0.0.5}
pools:
  osg: {nodes: "osg-[001-003]", addresses: "10.0.1.[1-2],10.0.2.9", network: n, flavor: f, image: i,
        partition: all, features: [a, b]}
  odd: {nodes: "n[8-10],n01", addresses: "10.0.3.[250,7,8,9]", network: n, flavor: f, image: i,
        partition: all}
)",
                              "/pool.yaml", faults);
  EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
  return file.value_or(PoolFile{});
}

SlurmConfLinesRequest request(SlurmVersion version = {22, 5}) {
  SlurmConfLinesRequest r;
  r.sizes = {{"osg", {2, 8192}}, {"odd", {1, 512}}};
  r.version = version;
  return r;
}

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(SlurmConfLines, NodesPairedWithAddresses) {
  const auto lines = slurm_conf_lines(lab_pools(), request());
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_TRUE(has(*lines,
                  "NodeName=osg-[001-003] NodeAddr=10.0.1.[1-2],10.0.2.9 CPUs=2 "
                  "RealMemory=7783 State=CLOUD Feature=a,b"))
      << *lines;
  EXPECT_TRUE(has(*lines,
                  "PartitionName=all Nodes=n[01,10],n[8-9],osg-[001-003] "
                  "MaxTime=INFINITE State=UP"))
      << *lines;
  // Read back, every node has its own address, whatever the order of the list.
  const auto conf = parse_slurm_conf(*lines, "/slurm.conf");
  ASSERT_TRUE(conf) << conf.error().message;
  const auto file = lab_pools();
  for (const auto& pool : file.pools)
    for (const auto& node : pool.nodes) {
      ASSERT_TRUE(conf->nodes.contains(node.name)) << *lines;
      EXPECT_EQ(conf->nodes.at(node.name).address, node.address->str()) << node.name;
    }
}

TEST(SlurmConfLines, PassTheCheckThatTidepoolItselfMakes) {
  Scratch scratch;
  for (const char* name : {"tidepool-resume", "tidepool-suspend", "tidepool-resume-fail"})
    scratch.write(name, "#!/bin/sh\n", 0755);
  for (const SlurmVersion version :
       {SlurmVersion{22, 5}, SlurmVersion{23, 11}, SlurmVersion{25, 5}}) {
    auto r = request(version);
    r.programs = scratch.path();
    const auto lines = slurm_conf_lines(lab_pools(), r);
    ASSERT_TRUE(lines);
    const auto conf = parse_slurm_conf("SlurmctldHost=ctl\n" + *lines, "/slurm.conf");
    ASSERT_TRUE(conf) << conf.error().message;
    for (const auto& d : check_slurm_conf(lab_pools(), *conf, version))
      ADD_FAILURE() << to_string(d);
  }
}

TEST(SlurmConfLines, TheStandInIsInNoPartitionAndStays) {
  auto pools = lab_pools();
  const auto lines = *slurm_conf_lines(pools, request());
  EXPECT_TRUE(has(lines, "NodeName=keeper NodeAddr=10.0.0.5 CPUs=1 State=UNKNOWN")) << lines;
  EXPECT_TRUE(has(lines, "SuspendExcNodes=keeper"));
  EXPECT_TRUE(has(lines, "TreeWidth=65533"));
  const auto conf = parse_slurm_conf("NodeName=DEFAULT State=CLOUD\n" + lines, "/slurm.conf");
  ASSERT_TRUE(conf);
  EXPECT_FALSE(conf->nodes.at("keeper").cloud);
  for (const auto& partition : conf->partitions)
    EXPECT_EQ(std::count(partition.nodes.begin(), partition.nodes.end(), "keeper"), 0);
  pools.standin.port = 7818;
  EXPECT_TRUE(has(*slurm_conf_lines(pools, request()),
                  "NodeName=keeper NodeAddr=10.0.0.5 Port=7818 CPUs=1 State=UNKNOWN"));
  pools.standin = {};
  EXPECT_EQ(slurm_conf_lines(pools, request())->find("keeper"), std::string::npos);
  EXPECT_EQ(slurm_conf_lines(pools, request())->find("SuspendExcNodes"), std::string::npos);
}

TEST(SlurmConfLines, OfDynamicNodesNameNone) {
  auto file = lab_pools();
  file.slurm.dynamic = true;
  const auto lines = slurm_conf_lines(file, request());
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->find("NodeName=osg"), std::string::npos) << *lines;
  EXPECT_TRUE(has(*lines, "NodeSet=all Feature=all"));
  EXPECT_TRUE(has(*lines, "PartitionName=all Nodes=all MaxTime=INFINITE State=UP"));
  EXPECT_TRUE(has(*lines, "MaxNodeCount=1024"));
  EXPECT_EQ(dynamic_features(file.pools[0]), (std::vector<std::string>{"osg", "all", "a", "b"}));
  EXPECT_EQ(dynamic_settings(file.pools[0], {2, 8192}),
            (std::vector<std::string>{"CPUs=2", "RealMemory=7783", "State=CLOUD",
                                      "Feature=osg,all,a,b"}));
}

TEST(SlurmConfLines, DifferByVersion) {
  auto dhcp = lab_pools();
  dhcp.pools[0].dhcp = true;
  const auto v22 = *slurm_conf_lines(dhcp, request({22, 5}));
  const auto v25 = *slurm_conf_lines(dhcp, request({25, 5}));
  EXPECT_TRUE(has(v22, "SlurmctldParameters=idle_on_node_suspend,enable_configless")) << v22;
  EXPECT_TRUE(has(
      v25, "SlurmctldParameters=idle_on_node_suspend,enable_configless,requeue_on_resume_failure"));
  EXPECT_EQ(v22.find("SuspendExcStates"), std::string::npos);
  EXPECT_TRUE(has(v25, "SuspendExcStates=DRAIN"));
  EXPECT_TRUE(has(v22, "NodeName=osg-[001-003] CPUs=2 RealMemory=7783 State=CLOUD Feature=a,b"))
      << v22;
}

TEST(SlurmConfLines, MemoryLeavesTheGuestItsShare) {
  EXPECT_EQ(real_memory_mib(8192), 8192 - 409);
  EXPECT_EQ(real_memory_mib(2048), 2048 - 256);
  EXPECT_EQ(real_memory_mib(512), 256);
  EXPECT_EQ(real_memory_mib(1), 1);
}

TEST(SlurmConfLines, NeedEverySize) {
  auto r = request();
  r.sizes.erase("odd");
  EXPECT_EQ(slurm_conf_lines(lab_pools(), r).error().message,
            "pool odd: its flavor's size is not known");
  r.sizes["odd"] = {0, 512};
  EXPECT_FALSE(slurm_conf_lines(lab_pools(), r));
}

// Slurm's own parser reads them: scontrol reads the whole file before it answers.
TEST(SlurmConfLines, SlurmReadsThem) {
  if (std::system("command -v scontrol >/dev/null") != 0) GTEST_SKIP() << "no scontrol here";
  Scratch scratch;
  const auto lines = slurm_conf_lines(lab_pools(), request());
  ASSERT_TRUE(lines);
  const auto ask = [&](const std::string& text) {
    const auto path = scratch.write("slurm.conf", text);
    return std::system(
        ("SLURM_CONF=" + path.string() + " scontrol show hostnames n1 >/dev/null 2>&1").c_str());
  };
  const std::string head = "ClusterName=c\nSlurmctldHost=localhost\n";
  EXPECT_EQ(ask(head + *lines), 0) << *lines;
  // The proof that it would have told us: a parameter that Slurm does not know.
  EXPECT_NE(ask(head + *lines + "NoSuchParameter=1\n"), 0);
}

TEST(SlurmVersion, ReadsWhatScontrolPrints) {
  EXPECT_EQ(*SlurmVersion::parse("slurm-wlm 22.05.8"), (SlurmVersion{22, 5}));
  EXPECT_EQ(*SlurmVersion::parse("24.11"), (SlurmVersion{24, 11}));
  EXPECT_EQ(*SlurmVersion::parse("slurm 23.02.1\n"), (SlurmVersion{23, 2}));
  EXPECT_LT((SlurmVersion{22, 5}), kSuspendExcStates);
  for (const char* text : {"", "slurm", "22", "22.x", "x.5", "22.05x"})
    EXPECT_FALSE(SlurmVersion::parse(text)) << text;
}

}  // namespace
}  // namespace tidepool
