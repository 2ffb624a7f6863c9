// SLURM_RESUME_FILE: which jobs need which nodes. Both JSON shapes (22.05, and 23.02 and later).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tidepool::slurm {

struct ResumeJob {
  std::uint32_t job_id = 0;
  std::vector<std::string> nodes;      // those to be resumed (nodes_resume), else all of the job's
  std::vector<std::string> all_nodes;  // nodes_alloc; on 22.05 the same as nodes
  std::string partition, extra, features;
};

struct ResumeFile {
  std::vector<ResumeJob> jobs;
  std::vector<std::string> nodes;  // all_nodes_resume / all_nodes
};

Result<ResumeFile> parse_resume_file(const std::string& json);

}  // namespace tidepool::slurm
