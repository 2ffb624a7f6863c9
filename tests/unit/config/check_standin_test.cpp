// What holds need of slurm.conf, one fault each.
#include <gtest/gtest.h>

#include "config/check.hpp"

namespace tidepool {
namespace {

constexpr const char* kStandin = "standin: {node: keeper, address: 10.0.0.9}\n";
constexpr const char* kConf =
    "TreeWidth=65533\nSuspendExcNodes=keeper\n"
    "NodeName=n[1-2] NodeAddr=10.0.0.[1-2] State=CLOUD\n"
    "NodeName=keeper NodeAddr=10.0.0.9 CPUs=1 State=UNKNOWN\n"
    "PartitionName=p Nodes=n[1-2]\n";

PoolFile pools_with(const std::string& top, const std::string& hold) {
  std::vector<Diagnostic> faults;
  auto file = parse_pool_file("cluster: c\ncloud: {name: c}\n" + top +
                                  "pools:\n  p:\n    nodes: n[1-2]\n    addresses: 10.0.0.[1-2]\n"
                                  "    network: n\n    flavor: f\n    image: i\n    " +
                                  hold + "\n",
                              "/pool.yaml", faults);
  EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
  return file.value_or(PoolFile{});
}

// All that is said, a line each.
std::string said(const std::string& conf, const PoolFile& pools) {
  const auto parsed = parse_slurm_conf(conf, "/slurm.conf");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  std::vector<Diagnostic> found;
  check_standin(pools, parsed.value_or(SlurmConf{}), found);
  std::string text;
  for (const auto& d : found) text += to_string(d) + "\n";
  return text;
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kConf;
  return text.replace(text.find(from), from.size(), to);
}

// One line that begins so and has those words.
void expect_said(const std::string& text, const std::string& head, const std::string& words) {
  EXPECT_TRUE(text.starts_with(head)) << text;
  EXPECT_NE(text.find(words), std::string::npos) << "wanted: " << words << "\ngot: " << text;
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
}

TEST(CheckStandin, NothingToSay) {
  EXPECT_EQ(said(kConf, pools_with(kStandin, "hold: {mode: suspend}")), "");
  EXPECT_EQ(said(kConf, pools_with(kStandin, "key_name: k")), "");
  // Nobody wants to hold anything, or only without a stand-in.
  EXPECT_EQ(said("", pools_with("", "key_name: k")), "");
  EXPECT_EQ(said("", pools_with("", "hold: {mode: requeue}")), "");
}

TEST(CheckStandin, Missing) {
  expect_said(said(kConf, pools_with("", "hold: {mode: [suspend, requeue]}")),
              "/pool.yaml:4: error: pools.p.hold: ", "no standin: section");
}

TEST(CheckStandin, ItsNode) {
  const auto pools = pools_with(kStandin, "hold: {mode: suspend}");
  expect_said(said("NodeName=n1\n", pools), "/pool.yaml:3: error: standin.node: ",
              "slurm.conf (/slurm.conf) does not know keeper");
  expect_said(said(replaced("State=UNKNOWN", "State=CLOUD"), pools),
              "/slurm.conf:4: error: NodeName: ", "the stand-in keeper is State=CLOUD");
  expect_said(said(replaced("Nodes=n[1-2]", "Nodes=ALL"), pools),
              "/slurm.conf:5: error: PartitionName: ", "keeper is in partition p");
  expect_said(said(replaced("10.0.0.9", "10.0.0.8"), pools),
              "/pool.yaml:3: error: standin.address: ",
              "keeper has NodeAddr 10.0.0.8 in slurm.conf and 10.0.0.9 here");
  // A host name is Slurm's to resolve.
  EXPECT_EQ(said(replaced("10.0.0.9", "ctl"), pools), "");
}

TEST(CheckStandin, Ports) {
  const auto pools = pools_with(kStandin, "hold: {mode: suspend}");
  expect_said(said(std::string("SlurmdPort=7000\n") + kConf, pools),
              "/pool.yaml:3: error: standin.port: ",
              "the slurmd of keeper,n[1-2] has port 7000 in slurm.conf, the stand-in has 6818");
  expect_said(said(replaced("State=CLOUD", "State=CLOUD Port=7001"), pools),
              "/pool.yaml:3: error: standin.port: ", "the slurmd of n[1-2] has port 7001");
  EXPECT_EQ(said(std::string("SlurmdPort=7000\n") + kConf,
                 pools_with("standin: {node: keeper, address: 10.0.0.9, port: 7000}\n",
                            "hold: {mode: suspend}")),
            "");
}

TEST(CheckStandin, Parameters) {
  const auto pools = pools_with(kStandin, "hold: {mode: suspend}");
  expect_said(said(replaced("SuspendExcNodes=keeper", "SuspendExcNodes=n1:1"), pools),
              "/slurm.conf:2: warning: SuspendExcNodes: ", "lacks the stand-in keeper");
  expect_said(said(replaced("SuspendExcNodes=keeper\n", ""), pools),
              "/slurm.conf: warning: SuspendExcNodes: ", "lacks the stand-in keeper");
  expect_said(said(replaced("TreeWidth=65533", "TreeWidth=2"), pools),
              "/slurm.conf:1: warning: TreeWidth: ", "2 is less than the 3 nodes of slurm.conf");
  expect_said(said(std::string("SlurmdTimeout=10\n") + kConf, pools),
              "/slurm.conf:1: note: SlurmdTimeout: ", "10 s: a stand-in that is away");
  expect_said(said(std::string("Epilog=/etc/slurm/epilog\n") + kConf, pools),
              "/slurm.conf:1: note: Epilog: ", "runs on the stand-in's host, too");
}

}  // namespace
}  // namespace tidepool
