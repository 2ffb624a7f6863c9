#include "config/job_policy.hpp"

#include <gtest/gtest.h>

#include "config/partition_policies.hpp"
#include "scratch.hpp"

namespace tidepool {
namespace {

using Modes = std::vector<HoldMode>;
constexpr auto kSuspend = HoldMode::suspend;
constexpr auto kRequeue = HoldMode::requeue;
constexpr auto kStop = HoldMode::stop;

JobPolicy two() {
  return {{{"osg", true, {kSuspend, kRequeue}, {kSuspend, kRequeue}, Seconds(3600), false},
           {"big", false, {kStop}, {kStop, kSuspend}, {}, true},
           {"mixed", false, {}, {}, {}, true}}};
}

JobPolicy of_pools(const std::string& pools, std::string_view by_default = "") {
  std::vector<Diagnostic> faults;
  const auto file =
      parse_pool_file("cluster: moc\ncloud: {name: c}\npools:\n" + pools, "/p.yaml", faults);
  EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
  return job_policy_of(file.value_or(PoolFile{}), by_default);
}

std::string pool(const std::string& name, int net, const std::string& rest) {
  const auto n = std::to_string(net);
  return "  " + name + ": {nodes: \"" + name + "[1-2]\", addresses: \"10.0." + n +
         ".[1-2]\", network: n, flavor: f, image: i" + rest + "}\n";
}

TEST(JobPolicy, WrittenAndReadAgain) {
  const auto text = format_job_policy(two(), "made by a test");
  EXPECT_EQ(text,
            "# made by a test\nversion=1\n"
            "partition=osg default-partition=yes default=suspend,requeue allow=suspend,requeue "
            "max-held=3600s no-hold=no\n"
            "partition=big default-partition=no default=stop allow=stop,suspend "
            "max-held=unlimited no-hold=yes\n"
            "partition=mixed default-partition=no default=pool allow=none "
            "max-held=unlimited no-hold=yes\nend\n");
  const auto read = parse_job_policy(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, two());
}

TEST(JobPolicy, BrokenFilesAreRefusedWithTheLine) {
  const auto text = format_job_policy(two(), "x");
  const auto expect = [](const std::string& broken, const std::string& words) {
    const auto read = parse_job_policy(broken);
    ASSERT_FALSE(read) << words;
    EXPECT_NE(read.error().message.find(words), std::string::npos) << read.error().message;
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  expect("", "the last line, end, is missing");
  // Cut off anywhere, also between two lines.
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_FALSE(parse_job_policy(text.substr(0, n))) << n;
  expect(with("version=1", "version=2"), "line 2: 'version=2'");
  expect(with("default=suspend,requeue", "default=freeze"), "line 3: default: 'freeze' is not");
  expect(with("allow=stop,suspend", "allow=stop,stop"), "line 4: allow: 'stop' is there twice");
  expect(with("max-held=3600s", "max-held=1y"), "line 3: max-held: '1y'");
  expect(with("no-hold=no", "no-hold=maybe"), "'maybe' is neither yes nor no");
  expect(with(" no-hold=no", ""), "'' where no-hold=VALUE must be");
  expect(with("no-hold=no", "no-hold=no more"), "'more' is one word too many");
  expect(with("partition=big", "partition=osg"), "'osg' is there twice");
  expect(with("partition=big", "partition=big,osg"), "line 4: partition: 'big,osg'");
  expect(with("partition=big default-partition=no", "partition=big default-partition=yes"),
         "a second default partition");
  expect(text + "more\n", "after the last line");
  expect(std::string(kLargestJobPolicy + 1, '#'), "larger than 1 MiB");
}

TEST(JobPolicy, TheDefaultIsWrittenWhereTheOwnerSaysNothing) {
  const JobWish all{{kSuspend, kRequeue}, Seconds(3600), false};
  EXPECT_EQ(apply_job_policy(two(), "osg", {}).value(), all);
  EXPECT_EQ(apply_job_policy(two(), "", {}).value(), all);
  EXPECT_EQ(apply_job_policy(two(), "osg", {{kRequeue}, Seconds(60), false}).value(),
            (JobWish{{kRequeue}, Seconds(60), false}));
  // The owner's refusal stands alone.
  EXPECT_EQ(apply_job_policy(two(), "big", {{}, {}, true}).value(), (JobWish{{}, {}, true}));
}

TEST(JobPolicy, SeveralPartitionsGetWhatAllAllow) {
  EXPECT_EQ(apply_job_policy(two(), "big,osg", {}).value(), (JobWish{{}, Seconds(3600), false}));
  EXPECT_EQ(apply_job_policy(two(), "local,osg", {}).value().modes, (Modes{kSuspend, kRequeue}));
  EXPECT_TRUE(apply_job_policy(two(), "big,osg", {{kSuspend}, {}, false}));
  EXPECT_FALSE(apply_job_policy(two(), "big,osg", {{kStop}, {}, false}));
}

TEST(JobPolicy, WhatIsNotAllowedIsRefusedInWords) {
  const auto refusal = [](std::string_view partition, const JobWish& asked) {
    const auto wish = apply_job_policy(two(), partition, asked);
    if (wish) return std::string("taken");
    EXPECT_EQ(wish.error().kind, ErrorKind::forbidden);
    return wish.error().message;
  };
  EXPECT_EQ(refusal("osg", {{kStop}, {}, false}),
            "--hold-mode: partition osg does not allow 'stop'; it allows suspend, requeue");
  EXPECT_EQ(refusal("mixed", {{kStop}, {}, false}),
            "--hold-mode: partition mixed does not allow 'stop'; it allows none");
  EXPECT_EQ(refusal("osg", {{}, Seconds(3601), false}),
            "--max-held: partition osg holds nodes for 3600s at most, and 3601s were asked for");
  EXPECT_EQ(refusal("osg", {{}, {}, true}),
            "--no-hold: partition osg does not let jobs refuse to be held");
  EXPECT_EQ(refusal("local", {{kStop}, {}, false}),
            "--hold-mode: partition local has no nodes that can be held");
  EXPECT_EQ(refusal("local", {{}, Seconds(1), false}),
            "--max-held: partition local has no nodes that can be held");
  EXPECT_EQ(refusal("local", {{}, {}, true}), "taken");
  EXPECT_EQ(refusal("big,", {}), "taken");
}

TEST(JobPolicy, OnePoolSaysItAll) {
  const auto policy =
      of_pools(pool("a", 1,
                    ", partition: osg, hold: {mode: [suspend, requeue], allow: [stop, suspend], "
                    "max_held: 1500ms, owner_may_refuse: false}") +
                   pool("b", 2, ""),
               "osg");
  EXPECT_EQ(
      policy,
      (JobPolicy{
          {{"osg", true, {kSuspend, kRequeue}, {kSuspend, kRequeue, kStop}, Seconds(2), false}}}));
}

TEST(JobPolicy, PoolsOfOnePartitionGiveTheStrictest) {
  const auto policy =
      of_pools(pool("a", 1, ", partition: all, hold: {mode: [suspend, requeue], max_held: 2h}") +
               pool("b", 2, ", partition: all, hold: {mode: stop, allow: requeue, max_held: 1h}") +
               pool("c", 3, ", partition: one, hold: {owner_may_refuse: false}"));
  ASSERT_EQ(policy.partitions.size(), 2u);
  EXPECT_EQ(policy.partitions[0],
            (PartitionPolicy{"all", false, {}, {kRequeue}, Seconds(3600), true}));
  EXPECT_EQ(policy.partitions[1],
            (PartitionPolicy{"one", false, {kSuspend}, {kSuspend}, {}, false}));
}

TEST(JobPolicy, TheDefaultPartitionIsSlurmConfs) {
  const auto conf = parse_slurm_conf(
      "PartitionName=a Nodes=ALL Default=YES\nPartitionName=b Nodes=ALL Default=yes\n"
      "PartitionName=c Nodes=ALL Default=NO\n",
      "/slurm.conf");
  ASSERT_TRUE(conf) << conf.error().message;
  EXPECT_EQ(default_partition(*conf), "b");
}

class CheckJobPolicy : public ::testing::Test {
 protected:
  static std::string conf(const std::string& plugins) {
    return "JobSubmitPlugins=" + plugins + "\nPartitionName=osg Nodes=ALL Default=YES\n";
  }
  // What is said of a pool file with this hold: when the policy file has this text.
  std::string said(const std::string& hold, const std::optional<std::string>& text,
                   const std::string& plugins = "lua,tidepool") {
    const Scratch scratch;
    const auto path = text ? scratch.write("job-policy", *text) : scratch.path("job-policy");
    std::vector<Diagnostic> found;
    const auto parsed = parse_slurm_conf(conf(plugins), "/slurm.conf");
    check_job_policy(file_of(hold), parsed.value_or(SlurmConf{}), path, found);
    std::string all;
    for (const auto& d : found) all += d.what + "; " + d.fix.substr(0, 33) + "\n";
    return all;
  }
  static PoolFile file_of(const std::string& hold) {
    std::vector<Diagnostic> faults;
    auto file = parse_pool_file("cluster: moc\ncloud: {name: c}\npools:\n" +
                                    pool("a", 1, ", partition: osg, hold: " + hold),
                                "/pool.yaml", faults);
    EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
    return file.value_or(PoolFile{});
  }
};

TEST_F(CheckJobPolicy, OnlyTheOneThatThePoolFileGivesIsWell) {
  const auto now = format_job_policy(job_policy_of(file_of("{mode: suspend}"), "osg"), "made");
  const std::string fix = "tidepool slurm-conf --job-policy ";
  EXPECT_EQ(said("{mode: suspend}", now), "");
  EXPECT_EQ(said("{mode: stop}", now),
            "is not what /pool.yaml says now (it is older, or was edited); " + fix + "\n");
  EXPECT_NE(said("{mode: suspend}", now.substr(0, now.size() - 8)).find("does not take it"),
            std::string::npos);
  EXPECT_NE(said("{mode: suspend}", std::nullopt).find("has no policy"), std::string::npos);
  EXPECT_EQ(said("{mode: stop}", now, "lua"), "");
}

}  // namespace
}  // namespace tidepool
