// A trace from stated distributions, for those who have none of their own. docs/simulate.md states
// them; the trace's head repeats the numbers.
#pragma once

#include <cstdint>
#include <string>

namespace tidepool::plan {

struct GenerateOptions {
  int days = 365;
  int nodes = 1000;  // of the normal jobs' pool; and of the opportunistic ones'
  int cores_per_node = 8;
  double load = 0.6;        // of the nodes, by normal jobs, in the mean
  double pilots = 0.35;     // opportunistic work, as a part of the nodes' whole time
  double pilot_hours = 12;  // median of a pilot's run time
  std::string normal = "compute", opportunistic = "osg";  // partitions
  std::uint64_t seed = 1;
};

// In SWF. The same options give the same bytes everywhere.
std::string generate_trace(const GenerateOptions& options);

}  // namespace tidepool::plan
