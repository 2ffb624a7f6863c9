// What measurements mean: pure.
#include "work/probe_verdict.hpp"

#include <gtest/gtest.h>

#include "work/check_probe.hpp"
#include "work/probe_file.hpp"

namespace tidepool {
namespace {

constexpr int kCores = 2, kRam = 2048;

ProbeMoment moment(const std::string& status, int instances, int cores, bool placed,
                   const std::string& others = "none") {
  ProbeMoment m;
  m.status = status;
  m.address = "10.0.0.9";
  m.limits.used_instances = instances;
  m.limits.used_cores = cores;
  m.limits.used_ram_mib = cores / kCores * kRam;
  m.placement = openstack::Allocations{};
  if (placed) m.placement = openstack::Allocations{kCores, kRam, 10, 1};
  m.others = others;
  return m;
}

ProbeMeasure measure(ProbeStep step, const ProbeMoment& during) {
  ProbeMeasure m;
  m.step = step;
  m.outcome = ProbeOutcome::done;
  m.before = moment("ACTIVE", 4, 8, true);
  m.during = during;
  m.after = m.before;
  m.hold = Millis(1500);
  m.back = Millis(2250);
  return m;
}

ProbeReport report(std::vector<ProbeMeasure> measures) {
  ProbeReport r;
  r.at = from_millis(1'764'460'800'000);
  r.cluster = "moc";
  r.cloud = "demo";
  r.roles = {"member", "reader"};
  r.pool = "osg";
  r.flavor = "small";
  r.vcpus = kCores;
  r.ram_mib = kRam;
  r.measures = std::move(measures);
  return r;
}

// The four settings of a cloud: shelve as each of them shows it.
struct Setting {
  bool offloads, counts_from_placement;
};
ProbeReport cloud(Setting s) {
  const bool frees = s.offloads && s.counts_from_placement;
  auto during = moment(s.offloads ? "SHELVED_OFFLOADED" : "SHELVED", 4, frees ? 6 : 8, !s.offloads);
  return report({measure(ProbeStep::suspend, moment("SUSPENDED", 4, 8, true)),
                 measure(ProbeStep::shelve, during)});
}

TEST(ProbeVerdictTest, TheFourSettingsOfACloudDifferInShelve) {
  for (const bool offloads : {false, true})
    for (const bool counts : {false, true}) {
      const auto v = judge(cloud({offloads, counts}), HoldMode::shelve);
      EXPECT_EQ(v.usable, true);
      EXPECT_EQ(v.keeps_processes, false);
      EXPECT_EQ(v.releases.placement, offloads);
      EXPECT_EQ(v.releases.cores, offloads && counts);
      EXPECT_EQ(v.releases.ram, offloads && counts);
      EXPECT_EQ(v.releases.instances, false);
      const auto s = judge(cloud({offloads, counts}), HoldMode::suspend);
      EXPECT_EQ(s.keeps_processes, true);
      EXPECT_EQ(s.releases, (ProbeReleases{false, false, false, false}));
    }
}

TEST(ProbeVerdictTest, WhoCannotSeePlacementIsToldWhatNovasStatesMean) {
  for (const bool offloads : {false, true}) {
    auto r = cloud({offloads, false});
    for (auto& m : r.measures)
      for (auto* at : {&m.before, &m.during, &m.after}) (*at)->placement.reset();
    EXPECT_EQ(judge(r, HoldMode::shelve).releases.placement, offloads);
    EXPECT_TRUE(judge(r, HoldMode::shelve).releases.placement_by_contract);
    EXPECT_EQ(judge(r, HoldMode::suspend).releases.placement, false);
  }
}

TEST(ProbeVerdictTest, OthersDoingsAreNotTakenForOurs) {
  // Somebody deletes a server of the same size between before and during.
  auto m = measure(ProbeStep::suspend, moment("SUSPENDED", 3, 6, true, "one less"));
  m.after = moment("ACTIVE", 3, 6, true, "one less");
  const auto r = report({});
  EXPECT_EQ(judge(r, m).releases.cores, false);  // during and after can be compared
  m.after = moment("ACTIVE", 2, 4, true, "two less");
  EXPECT_EQ(judge(r, m).releases.cores, std::nullopt);
  // The two pairs contradict each other.
  m = measure(ProbeStep::suspend, moment("SUSPENDED", 3, 6, true));
  m.after = m.during;
  EXPECT_EQ(judge(r, m).releases.cores, std::nullopt);
}

TEST(ProbeVerdictTest, ADeletedServerFreesAll) {
  auto m = measure(ProbeStep::remove, moment("", 3, 6, false));
  m.after.reset();
  const auto v = judge(report({m}), HoldMode::requeue);
  EXPECT_EQ(v.usable, true);
  EXPECT_EQ(v.releases, (ProbeReleases{true, true, true, true}));
  EXPECT_EQ(judge(report({m}), m).keeps_address, false);
}

TEST(ProbeVerdictTest, TheGuestsWordBeatsTheContract) {
  auto m = measure(ProbeStep::suspend, moment("SUSPENDED", 4, 8, true));
  EXPECT_TRUE(judge(report({m}), m).by_contract);
  m.guest_kept = false;
  EXPECT_FALSE(judge(report({m}), m).by_contract);
  const auto v = judge(report({m}), HoldMode::suspend);
  EXPECT_EQ(v.usable, false);
  EXPECT_NE(v.why_not.find("without its processes"), std::string::npos);
}

TEST(ProbeVerdictTest, ForbiddenAndFailedAreNotUsableAndSayWhy) {
  ProbeMeasure m;
  m.step = ProbeStep::suspend;
  m.outcome = ProbeOutcome::forbidden;
  m.why = "Policy doesn't allow os_compute_api:os-suspend-server:suspend to be performed.";
  auto v = judge(report({m}), HoldMode::suspend);
  EXPECT_EQ(v.usable, false);
  EXPECT_NE(v.why_not.find("not allowed to this user"), std::string::npos);
  EXPECT_NE(v.why_not.find("os-suspend-server"), std::string::npos);
  m.outcome = ProbeOutcome::slow;
  EXPECT_EQ(judge(report({m}), HoldMode::suspend).usable, false);
  m.outcome = ProbeOutcome::not_tried;
  EXPECT_EQ(judge(report({m}), HoldMode::suspend).usable, std::nullopt);
  EXPECT_EQ(judge(report({}), HoldMode::pause).usable, std::nullopt);
}

TEST(ProbeVerdictTest, SnapshotMustComeBackWithItsAddress) {
  auto m = measure(ProbeStep::snapshot, moment("", 3, 6, false));
  EXPECT_EQ(judge(report({m}), HoldMode::snapshot).usable, true);
  m.after->address = "10.0.0.77";
  EXPECT_EQ(judge(report({m}), HoldMode::snapshot).usable, false);
}

TEST(ProbeVerdictTest, HibernateIsJudgedByShelveAndPromisesNothingOfTheGuest) {
  const auto v = judge(cloud({true, true}), HoldMode::hibernate);
  EXPECT_EQ(v.usable, true);
  EXPECT_EQ(v.keeps_processes, std::nullopt);
  EXPECT_EQ(v.releases.cores, true);
}

// ---- check

PoolFile pools(const std::string& hold) {
  std::vector<Diagnostic> faults;
  auto file = parse_pool_file(
      "cluster: moc\ncloud: {name: demo}\npools:\n  osg:\n    nodes: osg-[1-2]\n"
      "    addresses: 10.0.0.[1-2]\n    network: n\n    flavor: f\n    image: i\n" +
          hold,
      "/pool.yaml", faults);
  EXPECT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
  return file.value_or(PoolFile{});
}

std::string findings(const std::string& hold, const ProbeReport& r,
                     const std::string& in_use = "demo") {
  const auto file = pools(hold);
  std::string all;
  for (const auto& d : compare_with_probe(file, file.pools[0], r, in_use, r.at))
    all += to_string(d) + "\n";
  return all;
}

TEST(CheckProbeTest, ShelveOnACloudThatGivesNothingBack) {
  const std::string said = findings("    hold: {mode: shelve}\n", cloud({true, false}));
  EXPECT_NE(said.find("warning: pools.osg.hold.mode: pool osg holds by shelve, but this cloud's "
                      "quota still counts shelved servers (probe of 2025-11-30)"),
            std::string::npos)
      << said;
  EXPECT_EQ(said.find("hypervisor"), std::string::npos) << said;
  const std::string kept = findings("    hold: {mode: shelve}\n", cloud({false, true}));
  EXPECT_NE(kept.find("keep their room on the hypervisor"), std::string::npos) << kept;
  const std::string good = findings("    hold: {mode: shelve}\n", cloud({true, true}));
  EXPECT_EQ(good.find("warning"), std::string::npos) << good;
  EXPECT_NE(good.find("still count as instances"), std::string::npos) << good;
}

TEST(CheckProbeTest, AForbiddenModeIsAnErrorUnlessAnotherIsThere) {
  auto r = cloud({true, true});
  r.measures[0].outcome = ProbeOutcome::forbidden;
  r.measures[0].why = "Policy doesn't allow it";
  std::string said = findings("    hold: {mode: suspend}\n", r);
  EXPECT_NE(said.find("error: pools.osg.hold.mode: pool osg holds by suspend"), std::string::npos)
      << said;
  EXPECT_NE(said.find("usable here: hibernate, shelve"), std::string::npos) << said;
  said = findings("    hold: {mode: [suspend, shelve]}\n", r);
  EXPECT_NE(said.find("warning: pools.osg.hold.mode: pool osg holds by suspend"), std::string::npos)
      << said;
  EXPECT_EQ(said.find("error"), std::string::npos) << said;
  said = findings("    on_suspend: suspend\n    hold: {mode: shelve}\n", r);
  EXPECT_NE(said.find("error: pools.osg.on_suspend"), std::string::npos) << said;
}

TEST(CheckReclaimTest, WhatNoModeFreesHereIsWarnedOf) {
  const auto with = [](const std::string& keys) {
    return "    partition: osg\nreclaim:\n  opportunistic: [{name: osg, partitions: [osg]" + keys +
           "\n";
  };
  const auto frees = cloud({true, true}), keeps = cloud({false, false});
  // Suspend frees no book but the hypervisor's.
  std::string said = findings(with(", modes: [suspend]}]\n  headroom: {cores: 4}"), frees);
  EXPECT_NE(
      said.find("/pool.yaml:12: warning: reclaim.headroom.cores: jobs of class osg on pool osg "
                "step aside by suspend, which gives no cores back to the quota here: this "
                "headroom cannot be made (probe of 2025-11-30); these do: hibernate, shelve "
                "(with may_requeue: true)"),
      std::string::npos)
      << said;
  EXPECT_NE(said.find("warning: reclaim.for_jobs: "), std::string::npos) << said;
  EXPECT_NE(said.find("makes no room for another server here"), std::string::npos) << said;
  // Not asked for.
  said = findings(with(", modes: [suspend]}]\n  for_jobs: false"), frees);
  EXPECT_EQ(said.find("reclaim"), std::string::npos) << said;
  // Hibernate frees cores and memory, where the cloud offloads and counts from placement.
  said = findings(with(", modes: [hibernate]}]\n  headroom: {cores: 4, ram: 10%}"), frees);
  EXPECT_EQ(said.find("warning: reclaim"), std::string::npos) << said;
  EXPECT_NE(said.find("note: reclaim.for_jobs"), std::string::npos) << said;
  said = findings(with(", modes: [hibernate]}]\n  headroom: {instances: 4}"), frees);
  EXPECT_NE(said.find("warning: reclaim.headroom.instances"), std::string::npos) << said;
  said = findings(with(", modes: [hibernate]}]"), keeps);
  EXPECT_NE(said.find("warning: reclaim.for_jobs"), std::string::npos) << said;
  // What was not probed is not warned of: requeue deletes.
  said = findings(with(", modes: [suspend], may_requeue: true}]\n  headroom: {cores: 4}"), frees);
  EXPECT_EQ(said.find("reclaim"), std::string::npos) << said;
  // The pool's own mode; a class of another partition.
  said = findings(with("}]"), frees);
  EXPECT_NE(said.find("warning: reclaim.for_jobs"), std::string::npos) << said;
}

TEST(CheckProbeTest, AProbeOfAnotherCloudSaysNothing) {
  auto r = cloud({true, false});
  const std::string said = findings("    hold: {mode: shelve}\n", r, "elsewhere");
  EXPECT_NE(said.find("note: "), std::string::npos) << said;
  EXPECT_EQ(said.find("warning"), std::string::npos) << said;
}

// ---- file

TEST(ProbeFileTest, WhatIsWrittenIsRead) {
  auto r = cloud({true, true});
  r.measures[0].guest_kept = true;
  r.measures.push_back({});
  r.measures.back().step = ProbeStep::shelve_offload;
  r.measures.back().outcome = ProbeOutcome::forbidden;
  r.measures.back().why = "403";
  r.placement_note = "not visible to this project";
  r.measures[1].during->placement.reset();
  const auto read = probe_from_json(probe_json(r).dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(probe_json(*read).dump(), probe_json(r).dump());
  EXPECT_EQ(read->measures[1].during->others, r.measures[1].during->others);
  EXPECT_FALSE(read->measures[1].during->placement);
  EXPECT_EQ(read->measures[0].back, Millis(2250));
  EXPECT_EQ(read->vcpus, kCores);
}

TEST(ProbeFileTest, RubbishIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"format": 2, "at": "2026-11-30T00:00:00Z"})",
                           R"({"format": 1, "at": "yesterday"})",
                           R"({"format": 1, "at": "2026-11-30T00:00:00Z", "steps": [1]})",
                           R"({"format": 1, "at": "2026-11-30T00:00:00Z",
                               "steps": [{"step": "dance", "outcome": "done"}]})"})
    EXPECT_FALSE(probe_from_json(text)) << text;
}

}  // namespace
}  // namespace tidepool
