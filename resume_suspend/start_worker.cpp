#include "start_worker.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/lock.hpp"

namespace tidepool {
namespace {

// `tidepool` stands beside the hook in a build tree, and in sbin when installed.
std::string tidepool_program() {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  for (const auto& place :
       {self.parent_path() / "tidepool", self.parent_path() / "../../sbin/tidepool"})
    if (!ec && ::access(place.c_str(), X_OK) == 0) return place.string();
  return "/usr/sbin/tidepool";
}

[[noreturn]] void become_worker(const std::string& program, const std::string& config) {
  ::setsid();
  if (::fork() != 0) ::_exit(0);  // not a session leader: can never get a terminal
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  ::close_range(3, ~0U, 0);
  if (::chdir("/") != 0) ::_exit(126);
  const char* argv[] = {program.c_str(), "--config", config.c_str(), "work", nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(argv));
  ::_exit(127);
}

}  // namespace

std::filesystem::path worker_lock(const std::filesystem::path& state_dir) {
  return state_dir / "worker.lock";
}

std::filesystem::path rest_lock(const std::filesystem::path& state_dir) {
  return state_dir / "worker-rests.lock";
}

Result<bool> start_worker(const std::filesystem::path& state_dir,
                          const std::filesystem::path& config) {
  // A worker that lets go of the lock looks at the store once more afterwards, so an intent written
  // before this test is seen either by it or by the one that we start. The test takes the lock
  // shared: others who only test (status, another hook) must not look like a worker.
  if (FileLock::is_held(worker_lock(state_dir))) return false;
  const std::string program = tidepool_program();
  const std::string path = std::filesystem::absolute(config).string();
  const pid_t child = ::fork();
  if (child < 0) return fail_errno(errno, "fork");
  if (child == 0) become_worker(program, path);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return true;
}

}  // namespace tidepool
