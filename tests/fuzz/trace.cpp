// Any text: a trace of jobs that keep what its header promises, in order, or faults with words; and
// a simulation of it ends.
#include "plan/trace.hpp"

#include "plan/engine.hpp"
#include "target.hpp"

namespace {

tidepool::plan::Model model() {
  tidepool::plan::Model m;
  m.room = {4, 8, 8192};
  tidepool::OpportunisticClass c;
  c.name = "osg", c.partitions = {"osg"}, c.modes = {tidepool::HoldMode::hibernate};
  c.max_holds = 3;
  m.reclaim.classes = {c};
  for (const char* name : {"compute", "osg"}) {
    tidepool::plan::PlanPool p;
    p.name = p.partition = name;
    p.nodes = 4;
    p.node = {1, 2, 2048};
    p.frees.fill(p.node);
    m.pools.push_back(p);
  }
  return m;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<tidepool::Diagnostic> faults;
  const auto trace = tidepool::plan::read_trace(text, "t", faults);
  promise(faults.size() <= tidepool::plan::kMostFaults + 1, "faults are counted, not heaped up");
  for (const auto& fault : faults)
    promise(!fault.what.empty() && fault.line >= 0, "a fault has words");
  tidepool::Time before{};
  for (const auto& job : trace.jobs) {
    promise(job.run.count() > 0 && job.cores > 0 && job.nodes >= 0, "a job ran on something");
    promise(job.nodes <= job.cores, "a node has a core");
    promise(job.submit >= before, "in the order of their submission");
    promise(job.partition < trace.names.size() && job.qos < trace.names.size() &&
                job.account < trace.names.size(),
            "names are known");
    before = job.submit;
  }
  if (trace.jobs.size() > 200) return 0;
  const auto m = model();
  tidepool::plan::Engine engine(trace, m, tidepool::plan::Way::hold);
  const auto figures = engine.run();
  promise(m.room.covers(figures.most_used), "no more is taken than there is");
  promise(figures.normal.ended + figures.opportunistic.ended + figures.too_large + figures.stuck ==
              static_cast<std::int64_t>(trace.jobs.size()),
          "every job is accounted for");
  return 0;
}
