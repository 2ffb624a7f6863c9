// One wrong pool file per kind of fault: place, key and words of what is said.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "config/pool_file.hpp"
#include "scratch.hpp"

namespace tidepool {
namespace {

constexpr const char* kTop = "cluster: c\ncloud: {name: c}\n";
constexpr const char* kRest = "    network: n\n    flavor: f\n    image: i\n";

// Nodes on line 5, addresses on line 6.
std::string listed(const std::string& nodes, const std::string& addresses) {
  return kTop + ("pools:\n  p:\n    nodes: " + nodes) + "\n    " + addresses + "\n" + kRest;
}
// A right file but for `line`, which is line 10, in pool p.
std::string with(const std::string& line) {
  return listed("n[1-2]", "addresses: 10.0.0.[1-2]") + "    " + line + "\n";
}
// The pools: section of a right file.
std::string pools() {
  return with("key_name: k").substr(std::string(kTop).size());
}
// A second pool, its nodes on line 12, addresses on line 13.
std::string second(const std::string& nodes, const std::string& addresses) {
  return with("key_name: k") + "  q:\n    nodes: " + nodes + "\n    addresses: " + addresses +
         "\n" + kRest;
}

void expect(const std::string& text, int line, int column, const std::string& key,
            const std::string& words) {
  std::vector<Diagnostic> faults;
  const auto file = parse_pool_file(text, "/t.yaml", faults);
  const std::string head = text.substr(0, 400);
  EXPECT_FALSE(file) << head;
  ASSERT_EQ(faults.size(), 1u) << head << (faults.size() > 1 ? to_string(faults[1]) : "");
  const auto& f = faults[0];
  EXPECT_EQ(f.severity, Severity::error);
  EXPECT_EQ(f.file, "/t.yaml");
  EXPECT_EQ(fmt::format("{}:{} {}", f.line, f.column, f.key),
            fmt::format("{}:{} {}", line, column, key))
      << to_string(f);
  EXPECT_NE((f.what + "; " + f.fix).find(words), std::string::npos)
      << to_string(f) << "\nwanted: " << words;
}

TEST(PoolFileFault, Keys) {
  expect(with("flavour: f"), 10, 5, "pools.p.flavour", "did you mean 'flavor'?");
  expect(with("zzzzzzzzzz: 1"), 10, 5, "pools.p.zzzzzzzzzz", "known keys: ");
  expect(with("flavor: g"), 10, 5, "pools.p.flavor", "is given twice");
  expect("cloud: {name: c}\n" + with("key_name: k"), 3, 1, "cloud", "is given twice");
  expect("cloud: {name: c}\n" + pools(), 1, 1, "cluster", "is missing");
  expect("cluster: c\ncloud: {}\n" + pools(), 2, 8, "cloud.name", "is missing");
  expect(kTop, 1, 1, "pools", "is missing");
  expect(kTop + std::string("pools: {}\n"), 3, 8, "pools", "is empty");
}

TEST(PoolFileFault, Types) {
  expect(with("config_drive: maybe"), 10, 19, "pools.p.config_drive", "neither true nor false");
  expect(with("key_name: [a]"), 10, 15, "pools.p.key_name", "is a list, but must be a text");
  expect(with("key_name:"), 10, 5, "pools.p.key_name", "is nothing, but must be a text");
  expect(with("hold: suspend"), 10, 11, "pools.p.hold", "a single value, but must be a mapping");
  expect(with("on_suspend: pause"), 10, 17, "pools.p.on_suspend", "delete, stop, shelve, suspend");
  expect(with("partition: 'a b'"), 10, 16, "pools.p.partition",
         "cannot be written into slurm.conf");
  expect(with("features: [a, 'b,c']"), 10, 15, "pools.p.features", "'b,c' cannot be written");
  expect("cluster: c\ncloud: {name: c, max_in_flight: 0}\n" + pools(), 2, 33, "cloud.max_in_flight",
         "from 1 to 256");
  expect("log: {level: loud}\n" + with("key_name: k"), 1, 14, "log.level", "loud");
  expect("slurm: {dns: [ns1]}\n" + with("key_name: k"), 1, 14, "slurm.dns", "not an IPv4 address");
  expect("slurm: {conf_server: 'a b'}\n" + with("key_name: k"), 1, 22, "slurm.conf_server",
         "is not HOST[:PORT]");
  expect("- a\n- b\n", 1, 1, "", "is a list, but must be a mapping");
}

TEST(PoolFileFault, PolicyAndHold) {
  expect(with("policy: {cool_off: soon}"), 10, 24, "pools.p.policy.cool_off", "is not a duration");
  expect(with("policy: {poll: 1ms}"), 10, 20, "pools.p.policy.poll", "too short; at least 100ms");
  expect(with("policy: {protect_after: -1}"), 10, 29, "pools.p.policy.protect_after", "from 0 to");
  expect(with("policy: {cool_off: 2h}"), 10, 13, "pools.p.policy.cool_off_max",
         "less than cool_off");
  expect(with("hold: {mode: freeze}"), 10, 18, "pools.p.hold.mode",
         "use pause, suspend, hibernate");
  expect(with("hold: {mode: []}"), 10, 18, "pools.p.hold.mode", "is empty");
  expect(with("hold: {mode: [stop, stop]}"), 10, 18, "pools.p.hold.mode", "there twice");
  expect(with("hold: {mode: [requeue, stop]}"), 10, 18, "pools.p.hold.mode", "after requeue");
  expect(with("hold: {allow: [melt]}"), 10, 19, "pools.p.hold.allow", "'melt' is not a hold mode");
  expect(with("hold: {allow: []}"), 10, 19, "pools.p.hold.allow", "is empty");
  expect(with("hold: {owner_may_refuse: 1}"), 10, 30, "pools.p.hold.owner_may_refuse",
         "neither true nor false");
  expect(with("hold: {then: cancel}"), 10, 18, "pools.p.hold.then", "use requeue");
  expect(with("hold: {action_timeout: 1ms}"), 10, 28, "pools.p.hold.action_timeout", "at least 1s");
  expect(with("hold: {return_timeout: no}"), 10, 28, "pools.p.hold.return_timeout",
         "is not a duration");
  expect(with("hold: {hibernate_timeout: 0}"), 10, 31, "pools.p.hold.hibernate_timeout",
         "at least 1s");
}

TEST(PoolFileFault, HibernateCommand) {
  const std::string key = "pools.p.hold.hibernate_command";
  const auto command = [](const std::string& argv) {
    return with("hold: {hibernate_command: " + argv + "}");
  };
  expect(command("[]"), 10, 31, key, "names no program");
  expect(command("ssh root@h true"), 10, 31, key, "write a list, as in [ssh,");
  expect(command("[bin/hibernate]"), 10, 31, key, "'bin/hibernate' is a relative path");
  expect(command("[ssh, 'root@{ip}']"), 10, 31, key, "'root@{ip}' has a brace that is no {node}");
}

TEST(PoolFileFault, Standin) {
  const auto standin = [](const std::string& keys) {
    return "standin: {" + keys + "}\n" + with("key_name: k");
  };
  expect(standin("address: 10.0.9.9"), 1, 10, "standin.node", "is missing");
  expect(standin("node: keeper"), 1, 10, "standin.address", "is missing");
  expect(standin("node: 'a b', address: 10.0.9.9"), 1, 17, "standin.node", "is not a node name");
  expect(standin("node: keeper, address: ctl"), 1, 34, "standin.address", "not an IPv4 address");
  expect(standin("node: keeper, address: 10.0.9.9, port: 0"), 1, 50, "standin.port",
         "from 1 to 65535");
  expect(standin("node: n2, address: 10.0.9.9"), 1, 17, "standin.node", "node n2 is in pool p");
  expect(standin("node: keeper, address: 10.0.0.2"), 1, 34, "standin.address",
         "address 10.0.0.2 belongs to node n2");
  expect(standin("node: keeper, address: 10.0.9.9, nodes: n1"), 1, 44, "standin.nodes",
         "did you mean 'node'?");
}

TEST(PoolFileFault, Guest) {
  const std::string h = "pools.p.guest.hibernate", s = "pools.p.guest.swap";
  expect(with("guest: {hibernate: yes}"), 10, 24, h, "use true (tidepool prepares");
  expect(with("guest: true"), 10, 12, "pools.p.guest", "must be a mapping");
  expect(with("guest: {hibernat: true}"), 10, 13, "pools.p.guest.hibernat",
         "did you mean 'hibernate'?");
  for (const char* size : {"4", "G", "-1G", "0M", "4P", "17T", "99999999999G", "16385G", "1.5G"})
    expect(with("guest: {hibernate: true, swap: " + std::string(size) + "}"), 10, 36, s,
           "write it as 4G or 512M");
  expect(with("guest: {swap: 4G}"), 10, 19, s, "is for hibernate: true only");
  expect(with("guest: {hibernate: image, swap: 4G}"), 10, 37, s, "has its swap");
  // What tidepool adds takes from the room that the site's part has.
  Scratch scratch;
  const auto large = scratch.write("large", "#!/bin/sh\n" + std::string(40'000, '#')).string();
  expect(with("user_data: " + large + "\n    guest: {hibernate: true}"), 10, 16,
         "pools.p.user_data", "needs its share");
  std::vector<Diagnostic> faults;
  EXPECT_TRUE(parse_pool_file(with("user_data: " + large + "\n    guest: {hibernate: image}"),
                              "/t.yaml", faults));
}

TEST(PoolFileFault, NodesAndAddresses) {
  const std::string a = "pools.p.addresses", n = "pools.p.nodes";
  expect(listed("n[1-3]", "addresses: 10.0.0.[1-2]"), 6, 16, a, "2 addresses for 3 nodes");
  expect(listed("n[1-7]", "addresses: 10.0.0.0/29"), 6, 16, a, "6 usable addresses for 7");
  expect(listed("n[1-2]", "addresses: 10.0.0.1/29"), 6, 16, a, "write 10.0.0.0/29");
  expect(listed("n[1-2]", "addresses: 10.0.0.[255-256]"), 6, 16, a, "'10.0.0.256' is not");
  expect(with("subnet: 10.1.0.0/24"), 6, 16, a, "10.0.0.1 is not a host address of 10.1.0.0/24");
  expect(listed("n1", "subnet: 10.0.0.0/30\n    addresses: 10.0.0.3"), 7, 16, a,
         "10.0.0.3 is not a host address");
  expect(listed("osg-[1-010]", "addresses: 10.0.0.[1-10]"), 5, 12, n, "write as many digits");
  expect(listed("n[1-999999999]", "address: dhcp"), 5, 12, n, "more than 65536 names");
  expect(listed("n[1-2", "address: dhcp"), 5, 12, n, "']' is missing");
  expect(listed("n_[1-2]", "address: dhcp"), 5, 12, n, "'n_1' is not a host name");
  expect(listed("n[1-2],n1", "address: dhcp"), 5, 12, n, "'n1' is listed twice");
  expect(listed("n1", "address: static"), 6, 14, "pools.p.address", "write address: dhcp");
}

TEST(PoolFileFault, BetweenPools) {
  expect(second("n[2-3]", "10.0.0.[3-4]"), 12, 12, "pools.q.nodes", "node n2 is in pool p too");
  expect(second("m[1-2]", "10.0.0.[2-3]"), 13, 16, "pools.q.addresses",
         "address 10.0.0.2 belongs to node n2 too");
}

TEST(PoolFileFault, Paths) {
  const std::string key = "pools.p.user_data";
  expect(with("user_data: node.user-data"), 10, 16, key, "is a relative path");
  expect("state: {dir: var}\n" + with("key_name: k"), 1, 14, "state.dir", "is a relative path");
  Scratch scratch;
  expect(with("user_data: " + scratch.path("none").string()), 10, 16, key, "No such file");
  const auto large = scratch.write("large", "#!/bin/sh\n" + std::string(50'000, '#'));
  expect(with("user_data: " + large.string()), 10, 16, key, "larger than 48000 bytes");
  const auto unknown = scratch.write("unknown", "packages: [slurmd]\n");
  expect(with("user_data: " + unknown.string()), 10, 16, key, "begin it with #cloud-config");
}

TEST(PoolFileFault, Yaml) {
  expect(with("key_name: &x k"), 10, 15, "", "anchors and aliases");
  expect("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", 1, 4, "", "write the value out");
  expect("x: " + std::string(20, '[') + std::string(20, ']'), 1, 19, "",
         "nested more than 16 deep");
  expect("cluster: c\n---\ncluster: d\n", 0, 0, "", "more than one YAML document");
  expect("# " + std::string(2'000'000, 'x'), 0, 0, "", "larger than 1048576 bytes");
  std::vector<Diagnostic> faults;
  EXPECT_FALSE(parse_pool_file("x: " + std::string(100'000, '['), "/t.yaml", faults));
  EXPECT_EQ(faults.size(), 1u);
  faults.clear();
  EXPECT_FALSE(parse_pool_file(with("key_name: [a"), "/t.yaml", faults));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_GE(faults[0].line, 10);
  EXPECT_NE(faults[0].what.find("not valid YAML"), std::string::npos);
}

}  // namespace
}  // namespace tidepool
