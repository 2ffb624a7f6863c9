#include "config/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "scratch.hpp"

namespace tidepool {
namespace {

class Check : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"resume", "suspend", "fail"})
      scratch_.write(name, "#!/bin/sh\n", 0755);
  }

  // A slurm.conf without fault; `more` comes last and so wins.
  std::string good(const std::string& more = {}) const {
    const auto bin = scratch_.path("").string();
    return "SlurmctldHost=ctl\nResumeProgram=" + bin + "resume\nSuspendProgram=" + bin +
           "suspend\nResumeFailProgram=" + bin + "fail\n" +
           "ResumeTimeout=600\nSuspendTime=300\nSuspendTimeout=60\nTreeWidth=65533\n"
           "ReturnToService=2\nPrivateData=cloud\n"
           "SlurmctldParameters=idle_on_node_suspend,enable_configless\n"
           "NodeName=n[1-2] NodeAddr=10.0.0.[1-2] State=CLOUD\n"
           "PartitionName=p Nodes=ALL\n" +
           more;
  }

  static PoolFile pools(const std::string& line = "partition: p",
                        const std::string& addresses = "addresses: 10.0.0.[1-2]") {
    std::vector<Diagnostic> faults;
    auto file = parse_pool_file(
        "cluster: c\ncloud: {name: c}\npools:\n  p:\n    nodes: n[1-2]\n    " + addresses +
            "\n    network: n\n    flavor: f\n    image: i\n    " + line + "\n",
        "/pool.yaml", faults);
    EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
    return file.value_or(PoolFile{});
  }

  static std::vector<Diagnostic> check(const PoolFile& file, const std::string& text,
                                       SlurmVersion version = {22, 5}) {
    const auto conf = parse_slurm_conf(text, "/slurm.conf");
    EXPECT_TRUE(conf) << (conf ? "" : conf.error().message);
    return check_slurm_conf(file, conf.value_or(SlurmConf{}), version);
  }

  static std::string all(const std::vector<Diagnostic>& list) {
    std::string text;
    for (const auto& d : list) text += to_string(d) + "\n";
    return text;
  }

  // Exactly one diagnostic, of that kind.
  static void expect_one(const std::vector<Diagnostic>& list, Severity severity,
                         const std::string& key, const std::string& words) {
    ASSERT_EQ(list.size(), 1u) << words << "\n" << all(list);
    EXPECT_EQ(list[0].severity, severity) << all(list);
    EXPECT_EQ(list[0].key, key);
    EXPECT_NE(to_string(list[0]).find(words), std::string::npos) << all(list);
  }

  Scratch scratch_;
};

TEST_F(Check, NothingToSayOfARightPair) {
  EXPECT_EQ(all(check(pools(), good())), "");
}

TEST_F(Check, HoldsByHibernationAndGuests) {
  const auto said = [](const std::string& lines) {
    std::vector<Diagnostic> found;
    check_guest(pools(lines), found);
    return found;
  };
  EXPECT_EQ(all(said("partition: p")), "");
  expect_one(said("hold: {mode: [suspend, hibernate]}"), Severity::warning, "pools.p.hold.mode",
             "write guest: {hibernate: true}");
  EXPECT_EQ(all(said("hold: {mode: hibernate}\n    guest: {hibernate: image}")), "");
  EXPECT_EQ(all(said("hold: {mode: hibernate}\n    guest: {hibernate: true}")), "");
  expect_one(said("guest: {hibernate: true}"), Severity::note, "pools.p.guest.hibernate",
             "no hold hibernates it");
}

TEST_F(Check, NodesAgainstEachOther) {
  const auto replaced = [&](const std::string& from, const std::string& to) {
    auto text = good();
    return text.replace(text.find(from), from.size(), to);
  };
  expect_one(check(pools(), replaced("n[1-2] NodeAddr=10.0.0.[1-2]", "n1 NodeAddr=10.0.0.1")),
             Severity::error, "pools.p.nodes",
             "/pool.yaml:4: error: pools.p.nodes: slurm.conf (/slurm.conf) does not know n2");
  expect_one(check(pools(), replaced("State=CLOUD", "State=UNKNOWN")), Severity::error,
             "pools.p.nodes", "n[1-2] not State=CLOUD");
  expect_one(check(pools(), replaced("10.0.0.[1-2]", "10.0.0.[1,7]")), Severity::warning,
             "pools.p.nodes", "n2 has NodeAddr 10.0.0.7 in slurm.conf and 10.0.0.2 here");
  expect_one(check(pools(), good("NodeName=x[1-3] State=CLOUD\n")), Severity::error, "NodeName",
             "/slurm.conf:14: error: NodeName: CLOUD node(s) that no pool has: x[1-3]");
  EXPECT_EQ(all(check(pools(), good("NodeName=login State=UNKNOWN\n"))), "");
}

TEST_F(Check, Partitions) {
  expect_one(check(pools("partition: q"), good()), Severity::error, "pools.p.partition",
             "has no partition 'q'");
  expect_one(check(pools("partition: r"), good("PartitionName=r Nodes=n1\n")), Severity::warning,
             "pools.p.partition",
             "/slurm.conf:14: warning: pools.p.partition: partition r lacks the pool's n2");
}

TEST_F(Check, DynamicNodes) {
  auto file = pools();
  file.slurm.dynamic = true;
  const auto conf = [&](const std::string& more) {
    auto text = good();
    text.erase(text.find("NodeName=n"),
               text.find('\n', text.find("NodeName=n")) + 1 - text.find("NodeName=n"));
    text.erase(text.find("PartitionName=p"));
    return text + more;
  };
  const std::string sets = "NodeSet=s Feature=p\nPartitionName=p Nodes=s\n";
  const std::string select = "SelectType=select/cons_tres\n";
  EXPECT_EQ(all(check(file, conf(select + sets + "MaxNodeCount=2\n"))), "");
  EXPECT_EQ(all(check(file, conf(sets + "MaxNodeCount=2\n"), {24, 11})), "");
  EXPECT_EQ(all(check(file, conf(select + "PartitionName=p Nodes=ALL\nMaxNodeCount=2\n"))), "");
  expect_one(check(file, conf(sets + "MaxNodeCount=2\n")), Severity::error, "SelectType",
             "only with select/cons_tres");
  expect_one(check(file, conf(select + sets)), Severity::error, "MaxNodeCount", "is not set");
  expect_one(check(file, conf(select + sets + "MaxNodeCount=2\nNodeName=login State=UNKNOWN\n")),
             Severity::error, "MaxNodeCount", "2 for 3 nodes");
  expect_one(check(file, conf(select + "MaxNodeCount=9\nNodeSet=s Feature=q\nPartitionName=p "
                                       "Nodes=s\n")),
             Severity::error, "pools.p.partition", "takes no node with one of the features p");
  expect_one(check(file, conf(select + sets + "MaxNodeCount=9\nPartitionName=q Nodes=s\n")),
             Severity::warning, "pools.p.partition", "partition q takes its nodes too");
  expect_one(check(file, conf(select + sets + "MaxNodeCount=9\nNodeName=n1 State=CLOUD\n")),
             Severity::error, "pools.p.nodes", "slurm.conf names n1");
}

struct Case {
  const char* line;  // overrides
  Severity severity;
  const char* key;
  const char* words;
};

TEST_F(Check, Parameters) {
  for (const auto& c : {
           Case{"ResumeProgram=/nonexistent/x", Severity::error, "ResumeProgram",
                "/nonexistent/x is not there"},
           Case{"SuspendProgram=(null)", Severity::error, "SuspendProgram",
                "no node ever goes away"},
           Case{"ResumeFailProgram=(null)", Severity::warning, "ResumeFailProgram", "is not set"},
           Case{"SuspendTime=-1", Severity::error, "SuspendTime", "power saving does not work"},
           Case{"ResumeTimeout=30", Severity::warning, "ResumeTimeout", "30 s is short"},
           Case{"SuspendTimeout=3", Severity::warning, "SuspendTimeout",
                "3 s: a node may be asked"},
           Case{"BatchStartTimeout=2", Severity::warning, "BatchStartTimeout", "taken for lost"},
           Case{"InactiveLimit=60", Severity::warning, "InactiveLimit", "InactiveLimit=0"},
           Case{"SlurmdTimeout=0", Severity::note, "SlurmdTimeout", "never notices"},
           Case{"TreeWidth=1", Severity::warning, "TreeWidth", "1 is less than the pools' 2 nodes"},
           Case{"ReturnToService=1", Severity::warning, "ReturnToService", "ReturnToService=2"},
           Case{"PrivateData=jobs", Severity::warning, "PrivateData", "lacks cloud"},
           Case{"SuspendExcNodes=n1,other", Severity::note, "SuspendExcNodes", "n1 never go away"},
           Case{"SlurmctldParameters=enable_configless", Severity::warning, "SlurmctldParameters",
                "lacks idle_on_node_suspend"},
           Case{"SlurmctldParameters=idle_on_node_suspend", Severity::warning,
                "SlurmctldParameters", "lacks enable_configless"},
           Case{"SlurmctldParameters=idle_on_node_suspend,enable_configless,cloud_dns",
                Severity::warning, "SlurmctldParameters", "cloud_dns"},
       }) {
    const auto found = check(pools(), good(std::string(c.line) + "\n"));
    expect_one(found, c.severity, c.key, c.words);
    ASSERT_FALSE(found.empty()) << c.line;
    EXPECT_EQ(found[0].line, 14) << c.line;
  }
  // A partition of its own may have a SuspendTime.
  EXPECT_EQ(all(check(pools(), good("SuspendTime=-1\nPartitionName=s Nodes=n1 SuspendTime=60\n"))),
            "");
}

// The worker tells slurmctld the address of every node, whoever chose it.
TEST_F(Check, DhcpNeedsNoRegisteredAddresses) {
  const auto dhcp = pools("partition: p", "address: dhcp");
  EXPECT_EQ(all(check(dhcp, good())), "");
  const std::string line =
      "SlurmctldParameters=idle_on_node_suspend,enable_configless,cloud_reg_addrs\n";
  EXPECT_EQ(all(check(dhcp, good(line))), "");
  expect_one(check(dhcp, good(line), {24, 11}), Severity::note, "SlurmctldParameters", "complains");
}

TEST_F(Check, AnEmptySlurmConfIsToldAllItLacks) {
  const auto found = check(pools(), "");
  for (const char* key :
       {"ResumeProgram", "SuspendProgram", "SuspendTime", "ReturnToService", "SlurmctldHost"})
    EXPECT_TRUE(std::any_of(
        found.begin(), found.end(),
        [&](const auto& d) { return d.key == key && d.file == "/slurm.conf" && d.line == 0; }))
        << key << "\n"
        << all(found);
}

}  // namespace
}  // namespace tidepool
