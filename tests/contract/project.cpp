#include "project.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>
#include <vector>

namespace tidepool::openstack {

Project::Project(const std::string& names, const std::filesystem::path& folder) {
  std::vector<std::string> all;
  std::istringstream words(names);
  for (std::string word; words >> word;) all.push_back(word);
  if (all.size() < 2) {
    name_ = names;
    return;
  }
  while (true) {
    for (const std::string& name : all) {
      const auto file = folder / ("contract." + name + ".lock");
      const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (lock < 0) {
        ADD_FAILURE() << "cannot open " << file;
        return;
      }
      if (::flock(lock, LOCK_EX | LOCK_NB) == 0) {
        name_ = name;
        lock_ = lock;
        return;
      }
      ::close(lock);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

Project::~Project() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace tidepool::openstack
