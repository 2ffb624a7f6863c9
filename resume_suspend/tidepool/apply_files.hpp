// The files of an apply, as they are and as they shall be: read, parsed, checked.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/pool_file.hpp"
#include "config/slurm_conf.hpp"
#include "setup.hpp"
#include "work/apply_record.hpp"

namespace tidepool {

struct ApplyFileSet {
  ApplyFile conf, pool;
  SlurmConf conf_before, conf_after;
  PoolFile pools_before, pools_after;
};

// As given on the command line; both empty: files that were edited where they stand.
struct NewFiles {
  const std::string& slurm_conf;
  const std::string& pool;
};

// Complains, and gives the exit code, when one cannot be read or parsed.
tl::expected<ApplyFileSet, int> read_apply_files(Setup& setup,
                                                 const std::filesystem::path& pool_path,
                                                 NewFiles given);
// Do the new files agree with each other, and does slurmctld take the new slurm.conf? The exit
// code; complains. What is doubtful, and was not so before, is added to `warnings`.
int validate(const Setup& setup, const ApplyFileSet& all, bool dry_run,
             std::vector<std::string>& warnings);

}  // namespace tidepool
