#include "base/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/file.hpp"

namespace tidepool {

Result<FileLock> FileLock::try_lock(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(errno, path.string());
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return fail(ErrorKind::busy, path.string() + ": locked by another");
    return fail_errno(errno, path.string());
  }
  // Whoever waits can say for whom. A full disk must not stop us from holding the lock.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) == 0) {
    [[maybe_unused]] const auto n = ::pwrite(fd.get(), pid.data(), pid.size(), 0);
  }
  return FileLock(std::move(fd));
}

Result<FileLock> FileLock::lock(const std::filesystem::path& path,
                                std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto lock = try_lock(path);
    if (lock || lock.error().kind != ErrorKind::busy) return lock;
    if (std::chrono::steady_clock::now() >= end)
      return fail(ErrorKind::timeout,
                  path.string() + ": still locked by process " + std::to_string(holder(path)));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool FileLock::is_held(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return false;
  while (::flock(fd.get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    return errno == EWOULDBLOCK;
  }
  return false;
}

int FileLock::holder(const std::filesystem::path& path) {
  auto text = read_file(path, 64);
  return text ? std::atoi(text->c_str()) : 0;
}

}  // namespace tidepool
