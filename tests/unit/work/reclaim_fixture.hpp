// The small cluster of hold_fixture.hpp with two classes of opportunistic jobs: osg on pool p's
// partition, and cheap, whose work may be lost; pool q is everybody's.
#pragma once

#include "hold_fixture.hpp"
#include "work/reclaim_balance.hpp"
#include "work/reclaim_candidates.hpp"

namespace tidepool {

class ReclaimCluster : public HoldCluster {
 protected:
  static constexpr Time kAt = Time(Millis(10'000'000));

  void SetUp() override {
    HoldCluster::SetUp();
    for (auto& pool : pools.pools) pool.partition = pool.name == "p" ? "osg" : "compute";
    OpportunisticClass cheap;
    cheap.name = "cheap";
    cheap.partitions = {"osg"};
    cheap.accounts = {"cheap"};
    cheap.may_requeue = true;
    cheap.priority = -1;
    OpportunisticClass osg;
    osg.name = "osg";
    osg.partitions = {"osg"};
    osg.min_run = Millis(60'000);
    osg.max_holds = 3;
    pools.reclaim.classes = {cheap, osg};
    pools.reclaim.given = true;
    pools.pools[0].hold.modes = {HoldMode::suspend, HoldMode::hibernate};
    pools.pools[0].guest.hibernate = GuestHibernate::image;
    reclaim.pools["p"].size = {1, 4, 8192};
    reclaim.pools["q"].size = {1, 8, 16384};
    need.missing = {0, 4, 0};
    need.book = Book::placement;
  }

  // On partition osg since a long time, with 4 CPUs.
  slurm::JobInfo& pilot(std::int64_t id, std::vector<std::string> nodes) {
    auto& info = job(id, std::move(nodes));
    info.partition = "osg";
    info.cpus = 4;
    info.start_time_s = 1000;
    info.run_time_s = 100;
    return info;
  }
  slurm::NodeInfo& idle(const std::string& name) {
    auto& info = node(name);
    info.state = "IDLE";
    info.partitions = "osg";
    record(name).registered = true;
    return info;
  }

  ReclaimCandidates candidates() {
    reclaim.hold = sight;
    return reclaim_candidates(pools, reclaim, need, kAt);
  }
  // "jobs 1,2 on a[1-2]: hibernate, 8 cores; …", or why it is none
  std::string said() {
    std::string all;
    const auto found = candidates();
    for (std::size_t i = 0; i < found.all.size(); ++i) {
      const auto& c = found.all[i];
      if (!all.empty()) all += "; ";
      all += candidate_in_words(c) + ": ";
      if (!c.why_not.empty())
        all += "no, " + c.why_not;
      else
        all += (found.ways[i].modes.empty() ? "goes" : format_hold_modes(found.ways[i].modes)) +
               ", " + std::to_string(c.frees.cores) + " cores" + (c.loses_work ? ", lost" : "");
    }
    return all;
  }

  ReclaimSight reclaim;
  ReclaimNeed need;
};

}  // namespace tidepool
