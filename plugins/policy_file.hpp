// The job policy file as slurmctld sees it: read at the first job and again whenever it has
// changed.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "config/job_policy.hpp"

namespace tidepool {

// Not safe for several threads at once.
class PolicyFile {
 public:
  explicit PolicyFile(std::string path) : path_(std::move(path)) {}

  // nullptr: no right file has been seen, jobs are taken as they ask. When the file is missing or
  // broken, the last right one goes on counting; it is logged once per change of the file.
  const JobPolicy* current();

 private:
  void read(const struct stat& now);
  void complain(const std::string& what);

  std::string path_;
  std::optional<JobPolicy> policy_;
  struct stat seen_ {};
  bool missing_ = false;
};

}  // namespace tidepool
