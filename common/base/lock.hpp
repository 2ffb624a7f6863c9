// FileLock: an exclusive flock(2) on a file, gone with the process that holds it.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace tidepool {

class FileLock {
 public:
  // ErrorKind::busy when another process has it. The file is made (0600) and stays.
  static Result<FileLock> try_lock(const std::filesystem::path& path);
  // Waits for it; ErrorKind::timeout after `patience`.
  static Result<FileLock> lock(const std::filesystem::path& path,
                               std::chrono::milliseconds patience);
  // Does another process have it just now? Takes nothing, so that askers never meet.
  static bool is_held(const std::filesystem::path& path);
  // The pid that the holder wrote, 0 when unknown. For messages only.
  static int holder(const std::filesystem::path& path);

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace tidepool
