// Project: the project that a test has for itself, so that quotas and lists are its own while other
// tests run beside it.
#pragma once

#include <filesystem>
#include <string>

namespace tidepool::openstack {

class Project {
 public:
  // `names`: clouds of clouds.yaml, with blanks between them. Of several the first one that no
  // other process has is locked, by a file in `folder`; waits until one is free.
  Project(const std::string& names, const std::filesystem::path& folder);
  ~Project();
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int lock_ = -1;
};

}  // namespace tidepool::openstack
