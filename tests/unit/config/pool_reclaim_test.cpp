// reclaim: of the pool file, right and wrong.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "config/pool_changes.hpp"
#include "config/pool_file.hpp"

namespace tidepool {
namespace {

constexpr const char* kFile =
    "cluster: c\ncloud: {name: c}\npools:\n"
    "  p: {nodes: n1, addresses: 10.0.0.1, network: n, flavor: f, image: i, partition: osg}\n"
    "reclaim:\n";  // line 5

std::optional<PoolFile> read(const std::string& lines, std::vector<Diagnostic>& faults) {
  return parse_pool_file(kFile + lines, "/t.yaml", faults);
}
PoolFile right(const std::string& lines) {
  std::vector<Diagnostic> faults;
  auto file = read(lines, faults);
  EXPECT_TRUE(file) << lines << (faults.empty() ? "" : to_string(faults[0]));
  return file.value_or(PoolFile{});
}

constexpr const char* kOsg = "  opportunistic: [{name: osg, partitions: [osg]}]\n";

TEST(PoolReclaim, Everything) {
  const auto file = right(
      "  opportunistic:\n"
      "    - {name: urgent, partitions: [osg], qos: high, accounts: [a, b], priority: 5,\n"
      "       modes: [hibernate, requeue], min_run: 1h, max_holds: 3, may_requeue: true,\n"
      "       max_held: 24h}\n"
      "    - {name: osg, partitions: [osg]}\n"
      "  headroom: {cores: 64, ram: 256G, instances: 10%}\n"
      "  poll: 30s\n  settle: 1m\n  keep: 5m\n"
      "  quiet_hours: ['Mon-Fri 08:00-18:00', '22:00-06:00']\n"
      "  drop_folder: /var/spool/tidepool/reclaim\n  for_jobs: false\n");
  const auto& r = file.reclaim;
  EXPECT_TRUE(r.given);
  EXPECT_EQ(r.line, 6);
  ASSERT_EQ(r.classes.size(), 2u);
  const auto& c = r.classes[0];
  EXPECT_EQ(c.name, "urgent");
  EXPECT_EQ(c.line, 7);
  EXPECT_EQ(c.partitions, std::vector<std::string>{"osg"});
  EXPECT_EQ(c.qos, std::vector<std::string>{"high"});
  EXPECT_EQ(c.accounts, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(c.priority, 5);
  EXPECT_EQ(c.modes, (std::vector{HoldMode::hibernate, HoldMode::requeue}));
  EXPECT_EQ(c.min_run, Millis(3'600'000));
  EXPECT_EQ(c.max_holds, 3);
  EXPECT_TRUE(c.may_requeue);
  EXPECT_EQ(c.max_held, Millis(86'400'000));
  EXPECT_EQ(r.headroom, (Headroom{{0, 10}, {64, 0}, {262'144, 0}}));
  EXPECT_EQ(r.poll, Millis(30'000));
  EXPECT_EQ(r.settle, Millis(60'000));
  EXPECT_EQ(r.keep, Millis(300'000));
  EXPECT_EQ(r.quiet_hours, (std::vector<QuietHours>{{31, 480, 1080}, {127, 1320, 360}}));
  EXPECT_EQ(r.drop_folder, "/var/spool/tidepool/reclaim");
  EXPECT_FALSE(r.for_jobs);
}

TEST(PoolReclaim, Defaults) {
  const auto r = right(kOsg).reclaim;
  const auto& c = r.classes.at(0);
  EXPECT_TRUE(c.modes.empty());
  EXPECT_EQ(c.min_run, Millis(600'000));
  EXPECT_EQ(c.max_holds, 0);
  EXPECT_FALSE(c.may_requeue);
  EXPECT_FALSE(c.max_held);
  EXPECT_FALSE(r.headroom.given());
  EXPECT_EQ(r.poll, Millis(60'000));
  EXPECT_EQ(r.settle, Millis(120'000));
  EXPECT_EQ(r.keep, Millis(900'000));
  EXPECT_TRUE(r.for_jobs);
  std::vector<Diagnostic> faults;
  std::string without = kFile;
  without.resize(without.size() - std::string("reclaim:\n").size());
  const auto none = parse_pool_file(without, "/t.yaml", faults);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->reclaim.given);
}

void fault(const std::string& lines, const std::string& place, const std::string& words,
           Severity severity = Severity::error) {
  std::vector<Diagnostic> faults;
  EXPECT_EQ(bool(read(lines, faults)), severity != Severity::error) << lines;
  ASSERT_EQ(faults.size(), 1u) << lines << (faults.size() > 1 ? to_string(faults[1]) : "");
  const auto& f = faults[0];
  EXPECT_EQ(f.severity, severity);
  EXPECT_EQ(fmt::format("{}:{} {}", f.line, f.column, f.key), place) << to_string(f);
  EXPECT_NE((f.what + "; " + f.fix).find(words), std::string::npos)
      << to_string(f) << "\nwanted: " << words;
}
void class_fault(const std::string& keys, const std::string& place, const std::string& words,
                 Severity severity = Severity::error) {
  fault("  opportunistic:\n    - name: osg\n      partitions: [osg]\n      " + keys + "\n",
        "9:" + place, words, severity);
}

TEST(PoolReclaim, FaultsOfTheSection) {
  fault("  poll: 60s\n", "6:3 reclaim.opportunistic", "is missing");
  fault("  opportunistic: []\n", "6:18 reclaim.opportunistic", "is empty");
  fault("  opportunistic: {name: osg}\n", "6:18 reclaim.opportunistic", "must be a list");
  fault(std::string(kOsg) + "  headrom: {cores: 1}\n", "7:3 reclaim.headrom",
        "did you mean 'headroom'?");
  fault(std::string(kOsg) + "  headroom: 10%\n", "7:13 reclaim.headroom", "must be a mapping");
  fault(std::string(kOsg) + "  headroom: {cpus: 1}\n", "7:14 reclaim.headroom.cpus", "known keys");
  fault(std::string(kOsg) + "  headroom: {cores: -1}\n", "7:21 reclaim.headroom.cores",
        "write 64 or 10%");
  fault(std::string(kOsg) + "  headroom: {cores: 110%}\n", "7:21 reclaim.headroom.cores",
        "0% to 100%");
  fault(std::string(kOsg) + "  headroom: {ram: 256}\n", "7:19 reclaim.headroom.ram",
        "write 256G, 512M or 10%");
  fault(std::string(kOsg) + "  poll: 10ms\n", "7:9 reclaim.poll", "at least 1s");
  fault(std::string(kOsg) + "  settle: soon\n", "7:11 reclaim.settle", "not a duration");
  fault(std::string(kOsg) + "  quiet_hours: [nights]\n", "7:16 reclaim.quiet_hours",
        "not a time of the week");
  fault(std::string(kOsg) + "  drop_folder: spool\n", "7:16 reclaim.drop_folder",
        "is a relative path");
  fault(std::string(kOsg) + "  drop_folder: /var/lib/tidepool/x/../drop\n",
        "7:16 reclaim.drop_folder", "is in the state folder");
  fault(std::string(kOsg) + "  for_jobs: sometimes\n", "7:13 reclaim.for_jobs", "true nor false");
}

TEST(PoolReclaim, FaultsOfAClass) {
  fault("  opportunistic: [osg]\n", "6:19 reclaim.opportunistic[0]", "must be a mapping");
  fault("  opportunistic: [{partitions: [osg]}]\n", "6:19 reclaim.opportunistic[0].name",
        "is missing");
  fault("  opportunistic: [{name: osg}]\n", "6:19 reclaim.opportunistic[0]", "every job");
  fault("  opportunistic: [{name: osg, qos: []}]\n", "6:19 reclaim.opportunistic[0]", "every job");
  fault("  opportunistic: [{name: a b, qos: [q]}]\n", "6:26 reclaim.opportunistic[0].name",
        "'a b' is not a name");
  fault("  opportunistic: [{name: a, qos: [q]}, {name: a, qos: [r]}]\n",
        "6:47 reclaim.opportunistic[1].name", "is there twice");
  fault("  opportunistic: [{name: a, qos: ['q,r']}]\n", "6:34 reclaim.opportunistic[0].qos",
        "as in [osg, osg-long]");
  class_fault("modes: [freeze]", "14 reclaim.opportunistic[0].modes",
              "'freeze' is not a hold mode");
  class_fault("modes: [suspend, requeue]", "14 reclaim.opportunistic[0].modes",
              "requeue loses a job's work; write may_requeue: true");
  class_fault("modes: [shelve]", "14 reclaim.opportunistic[0].modes", "shelve loses");
  class_fault("min_run: -1", "16 reclaim.opportunistic[0].min_run", "not a duration");
  class_fault("max_holds: many", "18 reclaim.opportunistic[0].max_holds", "not a whole number");
  class_fault("max_held: 0s", "17 reclaim.opportunistic[0].max_held", "too short");
  class_fault("prioritty: 1", "7 reclaim.opportunistic[0].prioritty", "did you mean 'priority'?");
}

TEST(PoolReclaim, WhatIsOnlyOdd) {
  fault("  opportunistic: [{name: osg, partitions: [osgg]}]\n",
        "6:43 reclaim.opportunistic[0].partitions", "no pool is in partition osgg",
        Severity::warning);
  fault("  opportunistic: [{name: a, partitions: [osg]}, {name: b, partitions: [osg], qos: [q]}]\n",
        "6:49 reclaim.opportunistic[1]", "class a comes first", Severity::warning);
  std::vector<Diagnostic> faults;
  EXPECT_TRUE(
      read("  opportunistic: [{name: a, partitions: [osg], qos: [q]},\n"
           "                  {name: b, partitions: [osg]}]\n",
           faults));
  EXPECT_TRUE(faults.empty());
}

TEST(PoolReclaim, Changes) {
  using Lines = std::vector<std::string>;
  const auto base = right(kOsg);
  EXPECT_TRUE(pool_changes(base, base).empty());
  EXPECT_EQ(
      pool_changes(base, right(std::string(kOsg) + "  headroom: {ram: 10%}\n  poll: 30s\n")).lines,
      (Lines{"reclaim.headroom.ram: 0G -> 10%", "reclaim.poll: 1m -> 30s"}));
  EXPECT_EQ(
      pool_changes(base, right("  opportunistic: [{name: osg, partitions: [osg], min_run: 1h}]\n"))
          .lines,
      (Lines{"reclaim.opportunistic.osg.min_run: 10m -> 1h"}));
  const auto two = right(
      "  opportunistic: [{name: osg, partitions: [osg]}, {name: guests, accounts: [guest]}]\n");
  EXPECT_EQ(pool_changes(base, two).lines, (Lines{"reclaim: class guests is new"}));
  EXPECT_EQ(pool_changes(two, base).lines, (Lines{"reclaim: class guests goes"}));
  const auto turned = right(
      "  opportunistic: [{name: guests, accounts: [guest]}, {name: osg, partitions: [osg]}]\n");
  EXPECT_EQ(pool_changes(two, turned).lines,
            (Lines{"reclaim.opportunistic: osg,guests -> guests,osg"}));
  std::vector<Diagnostic> faults;
  std::string without = kFile;
  without.resize(without.size() - std::string("reclaim:\n").size());
  const auto none = *parse_pool_file(without, "/t.yaml", faults);
  EXPECT_EQ(pool_changes(none, base).lines,
            (Lines{"reclaim: is new", "reclaim: class osg is new"}));
  EXPECT_EQ(pool_changes(base, none).lines, (Lines{"reclaim: goes", "reclaim: class osg goes"}));
}

}  // namespace
}  // namespace tidepool
