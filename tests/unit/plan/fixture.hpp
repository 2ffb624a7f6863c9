// A small cluster: two pools of nodes of one core, room for as many as there are normal nodes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plan/engine.hpp"

namespace tidepool::plan {

inline Time at(std::int64_t seconds) {
  return from_millis(seconds * 1000);
}
inline Millis seconds(std::int64_t n) {
  return Millis(n * 1000);
}

// Holds take 10 s, returns 20 s, boots 30 s, deletes 5 s.
inline Model small_model(int nodes, std::int64_t cores = 1) {
  Model m;
  m.room = {nodes, nodes * cores, nodes * cores * 1024};
  for (auto& latency : m.modes) latency = {seconds(10), seconds(20)};
  m.modes[static_cast<std::size_t>(HoldMode::requeue)].hold = seconds(5);
  m.boot = seconds(30), m.remove = seconds(5), m.idle = seconds(0);
  m.late = seconds(60);
  OpportunisticClass osg;
  osg.name = "osg", osg.partitions = {"osg"}, osg.min_run = Millis(0);
  osg.modes = {HoldMode::hibernate};
  m.reclaim.classes = {osg};
  m.reclaim.settle = Millis(0);
  for (const char* name : {"compute", "osg"}) {
    PlanPool p;
    p.name = p.partition = name;
    p.nodes = nodes;
    p.node = {1, cores, cores * 1024};
    for (const auto mode :
         {HoldMode::hibernate, HoldMode::shelve, HoldMode::snapshot, HoldMode::requeue})
      p.frees[static_cast<std::size_t>(mode)] = p.node;
    m.pools.push_back(p);
  }
  return m;
}

class TraceOf {
 public:
  TraceOf& job(const std::string& partition, std::int64_t submit, std::int64_t run, int cores = 1) {
    TraceJob j;
    j.id = static_cast<std::int64_t>(trace.jobs.size()) + 1;
    j.submit = at(submit), j.run = seconds(run), j.cores = cores;
    while (std::find(trace.names.begin(), trace.names.end(), partition) == trace.names.end())
      trace.names.push_back(partition);
    j.partition = static_cast<std::uint32_t>(
        std::find(trace.names.begin(), trace.names.end(), partition) - trace.names.begin());
    trace.jobs.push_back(j);
    return *this;
  }
  Trace trace;
};

// "started 1 @30", a line for each thing that happens.
struct Seen {
  std::vector<std::string> lines;
  Watcher watcher() {
    return [this](Time when, Happens what, const TraceJob& job) {
      lines.push_back(std::string(to_string(what)) + " " + std::to_string(job.id) + " @" +
                      std::to_string(to_millis(when) / 1000));
    };
  }
};

}  // namespace tidepool::plan
