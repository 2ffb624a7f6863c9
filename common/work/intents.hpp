// What the hooks do: write down what slurmctld wants, durably, and nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/pool_file.hpp"
#include "store/store.hpp"

namespace tidepool {

enum class Hook { resume, suspend, resume_fail };
std::string_view to_string(Hook hook);  // "resume", "suspend", "resume-fail": also want_by

struct IntentReport {
  std::vector<std::string> taken;    // nodes whose want is on disk
  std::vector<std::string> unknown;  // nodes that no pool has: nothing was written for them
  std::vector<JobNodes> jobs;        // from the resume file
};

// `hostlist` is the program's argument; `resume_json` the text of SLURM_RESUME_FILE, if there was
// one (an unreadable one is only remarked on: the hostlist is what counts).
Result<IntentReport> take_intent(const PoolFile& pools, Store& store, Hook hook,
                                 const std::string& hostlist,
                                 const std::optional<std::string>& resume_json);

}  // namespace tidepool
