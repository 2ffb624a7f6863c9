// A small cluster in which holds are planned: pool p with a1…a4, pool q with b1, jobs as the tests
// say. Everything runs and answers until a test says otherwise.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "work/plan_hold.hpp"

namespace tidepool {

class HoldCluster : public testing::Test {
 protected:
  static constexpr const char* kPools =
      "cluster: c\ncloud: {name: c}\nstandin: {node: keeper, address: 10.0.0.99}\npools:\n"
      "  p: {nodes: 'a[1-4]', addresses: '10.0.0.[1-4]', network: n, flavor: f, image: i,\n"
      "      hold: {mode: [suspend, requeue], max_held: 24h}}\n"
      "  q: {nodes: b1, addresses: 10.0.1.1, network: n, flavor: f, image: i, hold: {mode: "
      "pause}}\n";

  void SetUp() override {
    std::vector<Diagnostic> faults;
    auto file = parse_pool_file(kPools, "/pool.yaml", faults);
    ASSERT_TRUE(file) << (faults.empty() ? "" : to_string(faults[0]));
    pools = *file;
    for (const char* name : {"a1", "a2", "a3", "a4", "b1"}) {
      slurm::NodeInfo info;
      info.name = name;
      info.address = pools.find(name).node->address->str();
      info.state = "ALLOCATED";
      info.flags = {"CLOUD"};
      info.boot_time_s = 1000;
      info.slurmd_start_s = 1001;
      sight.nodes.push_back(info);
      NodeRecord record;
      record.name = name;
      record.wanted = Wanted::present;
      record.want_by = "resume";
      record.lease_id = std::string("lease-") + name;
      record.address = info.address;
      record.server_id = std::string("server-") + name;
      sight.records.push_back(record);
      openstack::Server server;
      server.id = record.server_id;
      server.status = "ACTIVE";
      server.vm_state = "active";
      sight.servers[server.id] = server;
    }
  }

  slurm::JobInfo& job(std::int64_t id, std::vector<std::string> nodes,
                      const std::string& state = "RUNNING") {
    slurm::JobInfo info;
    info.id = id;
    info.user = "alice";
    info.name = "work";
    info.state = state;
    info.nodes = std::move(nodes);
    info.batch_host = info.nodes.empty() ? "" : info.nodes[0];
    info.requeueable = true;
    sight.jobs.push_back(info);
    return sight.jobs.back();
  }
  slurm::JobInfo& task(std::int64_t id, std::int64_t array, const std::string& index,
                       std::vector<std::string> nodes, const std::string& state = "RUNNING") {
    auto& info = job(id, std::move(nodes), state);
    info.array_job_id = array;
    info.array_task = index;
    return info;
  }
  slurm::JobInfo& component(std::int64_t id, std::int64_t leader, std::vector<std::string> nodes,
                            const std::string& state = "RUNNING") {
    auto& info = job(id, std::move(nodes), state);
    info.het_job_id = leader;
    if (id != leader) info.batch_host.clear();
    return info;
  }
  slurm::NodeInfo& node(const std::string& name) {
    for (auto& info : sight.nodes)
      if (info.name == name) return info;
    ADD_FAILURE() << name;
    return sight.nodes.front();
  }
  NodeRecord& record(const std::string& name) {
    for (auto& r : sight.records)
      if (r.name == name) return r;
    ADD_FAILURE() << name;
    return sight.records.front();
  }

  HoldPlan plan(const std::string& jobs, std::vector<std::string> nodes = {}) {
    request.jobs.clear();
    if (!jobs.empty()) {
      auto specs = slurm::parse_job_specs(jobs);
      EXPECT_TRUE(specs) << jobs;
      request.jobs = specs.value_or(std::vector<slurm::JobSpec>{});
    }
    request.nodes = std::move(nodes);
    return plan_holds(pools, request, sight, from_millis(5000));
  }

  // "12 on a1 by suspend,requeue; 13 on a2 by …"
  static std::string holds(const HoldPlan& made) {
    std::string all;
    for (const auto& hold : made.holds) {
      if (!all.empty()) all += "; ";
      for (std::size_t i = 0; i < hold.jobs.size(); ++i)
        all += (i == 0 ? "" : ",") + std::to_string(hold.jobs[i].id);
      all += " on ";
      for (std::size_t i = 0; i < hold.nodes.size(); ++i)
        all += (i == 0 ? "" : ",") + hold.nodes[i].node;
      all += " by " + format_hold_modes(hold.modes);
    }
    return all;
  }

  // Exactly one refusal, with those words, and nothing to be held.
  static void expect_refused(const HoldPlan& made, const std::string& words) {
    EXPECT_TRUE(made.holds.empty()) << holds(made);
    std::string all;
    for (const auto& refusal : made.refusals) all += refusal + "\n";
    EXPECT_EQ(made.refusals.size(), 1u) << words << "\n" << all;
    EXPECT_NE(all.find(words), std::string::npos) << "wanted: " << words << "\ngot: " << all;
  }
  static void expect_held(const HoldPlan& made, const std::string& as) {
    for (const auto& refusal : made.refusals) ADD_FAILURE() << refusal;
    EXPECT_EQ(holds(made), as);
  }

  PoolFile pools;
  HoldRequest request;
  HoldSight sight;
};

}  // namespace tidepool
