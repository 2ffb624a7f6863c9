// Who comes after a worker: the program that a package has put in the place of the one that runs.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/clock.hpp"

namespace tidepool {

// dpkg, rpm and install(1) never write into a program that runs: they put another file at its path.
// A worker that has held jobs to look after would go on for days with the old one, and no service
// manager need be there to restart it (a hook may have started it). So it looks itself.
class Successor {
 public:
  // For the program that runs now.
  Successor();
  // True when this worker should end after the requests in flight and call take_over(). Cheap: two
  // system calls, for several times a second.
  bool waits();
  // Call without the worker's lock. Replaces this process by the new program, with the same
  // arguments and process id, and does not return; or ends it, when the program was removed and
  // nothing came in its place. Returns when the new one does not start here (a package is unpacked
  // before the libraries that it needs): waits() is false then for a while.
  void take_over();

 private:
  bool gone() const;

  std::filesystem::path path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  Time gone_since_{};
  Time not_before_{};
};

// Begins the file anew as this process, with this process's arguments. Returns when it cannot.
void exec_as_this(const std::filesystem::path& file);

}  // namespace tidepool
