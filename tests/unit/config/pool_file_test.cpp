// What a right pool file means. Wrong ones are in pool_file_faults_test.cpp.
#include "config/pool_file.hpp"

#include <gtest/gtest.h>

#include "scratch.hpp"

namespace tidepool {
namespace {

using Texts = std::vector<std::string>;

PoolFile parsed(const std::string& text) {
  std::vector<Diagnostic> faults;
  auto file = parse_pool_file(text, "/etc/tidepool.yaml", faults);
  for (const auto& fault : faults) ADD_FAILURE() << to_string(fault);
  return file.value_or(PoolFile{});
}

TEST(PoolFile, ShortestHasTheDefaults) {
  const auto file = parsed(R"(
cluster: moc
cloud: {name: c}
pools:
  osg: {nodes: "osg-[001-003]", addresses: "10.10.1.[1-3]", network: n, flavor: f, image: i}
)");
  EXPECT_EQ(file.cluster, "moc");
  EXPECT_EQ(file.cloud.max_in_flight, 16);
  EXPECT_EQ(file.state.dir, "/var/lib/tidepool");
  EXPECT_TRUE(file.slurm.configless);
  EXPECT_TRUE(file.policy.all_or_nothing);
  ASSERT_EQ(file.pools.size(), 1u);
  const auto& pool = file.pools[0];
  EXPECT_EQ(pool.line, 5);
  EXPECT_EQ(pool.on_suspend, OnSuspend::remove);
  EXPECT_EQ(pool.hold.modes, std::vector{HoldMode::suspend});
  EXPECT_FALSE(pool.hold.given);
  EXPECT_FALSE(file.standin.given());
  EXPECT_EQ(file.standin.port, 6818);
  EXPECT_TRUE(pool.hold.allow.empty());
  EXPECT_TRUE(pool.hold.owner_may_refuse);
  EXPECT_EQ(pool.guest.hibernate, GuestHibernate::no);
  ASSERT_EQ(pool.nodes.size(), 3u);
  EXPECT_EQ(pool.nodes[2].name, "osg-003");
  EXPECT_EQ(pool.nodes[2].address->str(), "10.10.1.3");
  ASSERT_NE(file.find("osg-002").node, nullptr);
  EXPECT_EQ(file.find("osg-002").node->address->str(), "10.10.1.2");
  EXPECT_EQ(file.find("osg-004").pool, nullptr);
  EXPECT_EQ(file.pool("osg"), &pool);
  EXPECT_EQ(file.pool("x"), nullptr);
}

TEST(PoolFile, EveryKeyIsRead) {
  Scratch scratch;
  const auto user_data = scratch.write("node.user-data", "#cloud-config\npackages: [slurmd]\n");
  const auto file = parsed(R"(
cluster: moc.1
cloud: {name: c, config: /etc/c.yaml, max_in_flight: 4, strict: true}
slurm: {conf: /s/slurm.conf, bin_dir: /s/bin, dns: [10.0.0.2, 10.0.0.3], configless: false,
  conf_server: "ctl:6817"}
state: {dir: /s/state}
standin: {node: keeper, address: 10.0.0.4, port: 7818}
log: {file: /s/log, level: debug, format: json, syslog: false}
policy: {all_or_nothing: false, cool_off: 5s, cool_off_max: 1m, boot_timeout: 90,
  give_up_after: 2m, protect_after: 3, protected_for: 1h, orphan_grace: 0, poll: 250ms,
  poll_idle: 10s}
pools:
  gpu:
    nodes: g[1-2]
    address: dhcp
    subnet: 10.1.0.0/24
    network: n
    flavor: f
    image: i
    partition: gpu
    key_name: k
    availability_zone: az
    security_groups: [a, b]
    config_drive: true
    on_suspend: shelve
    hold: {mode: [suspend, requeue], preemptible: true, max_held: 24h, then: requeue,
      action_timeout: 5m, return_timeout: 2h, hibernate_timeout: 90s,
      hibernate_command: [ssh, "root@{address}", tidepool-hibernate, "{node}"],
      allow: [shelve], owner_may_refuse: false}
    guest: {hibernate: true, swap: 4G}
    policy: {cool_off: 7s}
    features: [gpu, a100]
    user_data: )" + user_data.string() +
                           "\n");
  EXPECT_EQ(file.cloud.config, "/etc/c.yaml");
  EXPECT_EQ(file.cloud.max_in_flight, 4);
  EXPECT_TRUE(file.cloud.strict);
  EXPECT_EQ(file.slurm.dns, (Texts{"10.0.0.2", "10.0.0.3"}));
  EXPECT_EQ(file.slurm.conf_server, "ctl:6817");
  EXPECT_EQ(file.slurm.bin_dir, "/s/bin");
  EXPECT_FALSE(file.slurm.configless);
  EXPECT_EQ(file.log.level, LogLevel::debug);
  EXPECT_EQ(file.log.format, LogFormat::json);
  EXPECT_EQ(file.policy.cool_off, Millis(5000));
  EXPECT_EQ(file.policy.boot_timeout, Millis(90'000));
  EXPECT_EQ(file.policy.poll, Millis(250));
  ASSERT_EQ(file.pools.size(), 1u);
  const auto& pool = file.pools[0];
  EXPECT_TRUE(pool.dhcp);
  EXPECT_FALSE(pool.nodes.at(0).address);
  EXPECT_EQ(pool.cidr->str(), "10.1.0.0/24");
  EXPECT_EQ(pool.on_suspend, OnSuspend::shelve);
  EXPECT_EQ(pool.hold.modes, (std::vector{HoldMode::suspend, HoldMode::requeue}));
  EXPECT_EQ(pool.hold.max_held, Millis(86'400'000));
  EXPECT_TRUE(pool.hold.given);
  EXPECT_EQ(pool.hold.action_timeout, Millis(300'000));
  EXPECT_EQ(pool.hold.return_timeout, Millis(7'200'000));
  EXPECT_EQ(pool.hold.hibernate_timeout, Millis(90'000));
  EXPECT_EQ(pool.hold.hibernate_command,
            (Texts{"ssh", "root@{address}", "tidepool-hibernate", "{node}"}));
  EXPECT_TRUE(file.standin.given());
  EXPECT_EQ(file.standin.node, "keeper");
  EXPECT_EQ(file.standin.address->str(), "10.0.0.4");
  EXPECT_EQ(file.standin.port, 7818);
  EXPECT_EQ(file.standin.line, 7);
  EXPECT_EQ(pool.hold.allow, std::vector{HoldMode::shelve});
  EXPECT_FALSE(pool.hold.owner_may_refuse);
  EXPECT_EQ(pool.guest.hibernate, GuestHibernate::prepare);
  EXPECT_EQ(pool.guest.swap_mib, 4096);
  EXPECT_TRUE(pool.config_drive);
  EXPECT_EQ(pool.security_groups, (Texts{"a", "b"}));
  EXPECT_EQ(pool.features, (Texts{"gpu", "a100"}));
  EXPECT_EQ(pool.user_data, user_data);
  // The pool's own on top of the file's.
  EXPECT_EQ(pool.policy.cool_off, Millis(7000));
  EXPECT_EQ(pool.policy.protect_after, 3);
}

TEST(PoolFile, GuestsThatHibernate) {
  const auto guest = [](const std::string& words) {
    const auto file = parsed(
        "cluster: c\ncloud: {name: c}\npools:\n  p: {nodes: n1, addresses: 10.0.0.1, network: n,"
        " flavor: f, image: i, guest: {" +
        words + "}}\n");
    return file.pools.empty() ? GuestSection{} : file.pools[0].guest;
  };
  EXPECT_EQ(guest("hibernate: false").hibernate, GuestHibernate::no);
  EXPECT_EQ(guest("hibernate: image").hibernate, GuestHibernate::image);
  EXPECT_EQ(guest("hibernate: true").hibernate, GuestHibernate::prepare);
  EXPECT_EQ(guest("hibernate: true").swap_mib, 0);
  EXPECT_EQ(guest("hibernate: true, swap: 512M").swap_mib, 512);
}

TEST(PoolFile, CidrGivesItsFirstUsableAddresses) {
  const auto file = parsed(
      "cluster: c\ncloud: {name: c}\npools:\n"
      "  p: {nodes: 'n[1-3]', addresses: 10.2.0.0/29, network: n, flavor: f, image: i}\n");
  ASSERT_EQ(file.pools.size(), 1u);
  EXPECT_EQ(file.pools[0].nodes.at(0).address->str(), "10.2.0.1");
  EXPECT_EQ(file.pools[0].nodes.at(2).address->str(), "10.2.0.3");
}

TEST(PoolFile, MungeKeyInUserDataIsAWarning) {
  Scratch scratch;
  const auto user_data = scratch.write(
      "u",
      "#cloud-config\nwrite_files:\n  - path: /etc/munge/munge.key\n    encoding: b64\n"
      "    content: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v\n");
  std::vector<Diagnostic> faults;
  const auto file = parse_pool_file(
      "cluster: c\ncloud: {name: c}\npools:\n  p:\n    nodes: n1\n    addresses: 10.0.0.1\n"
      "    network: n\n    flavor: f\n    image: i\n    user_data: " +
          user_data.string() + "\n",
      "/p.yaml", faults);
  EXPECT_TRUE(file);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].severity, Severity::warning);
  EXPECT_EQ(faults[0].line, 10);
  EXPECT_NE(faults[0].what.find("munge key"), std::string::npos);
}

TEST(PoolFile, LoadTellsEveryFault) {
  Scratch scratch;
  const auto path =
      scratch.write("t.yaml", "cluster: 'no good'\ncloud: {name: c, strickt: true}\npools: {}\n");
  const auto file = load_pool_file(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::invalid);
  for (const char* words : {":1:10: error: cluster: 'no good'", ":2:18: error: cloud.strickt: ",
                            "did you mean 'strict'?", ":3:8: error: pools: is empty"})
    EXPECT_NE(file.error().message.find(words), std::string::npos) << file.error().message;
  EXPECT_EQ(load_pool_file(scratch.path("none.yaml")).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace tidepool
