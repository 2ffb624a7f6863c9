#include "cloud/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

extern char** environ;

namespace tidepool::sim {
namespace {

constexpr off_t kOutputLimit = 64 * 1024;

// Memory files and not pipes: a program that reads nothing, writes much, or leaves a daemon behind
// with its output open can then not block us.
int memory_file(const char* name, const std::string& content) {
  const int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) return fd;
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = write(fd, content.data() + done, content.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

std::string tail(int fd) {
  const off_t size = lseek(fd, 0, SEEK_END);
  const off_t from = size > kOutputLimit ? size - kOutputLimit : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t n = pread(fd, text.data(), text.size(), from);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

int spawn(const std::vector<std::string>& argv, int in, int out, pid_t* pid) {
  std::vector<char*> args;
  for (const auto& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
  args.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, out, 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);  // no socket of ours in a daemon's hands
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const int error = posix_spawn(pid, args[0], &files, &attributes, args.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

bool wait_for_end(pid_t pid, Millis timeout) {
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (handle < 0) return false;
  pollfd item{handle, POLLIN, 0};
  const int ready = poll(&item, 1, static_cast<int>(timeout.count()));
  close(handle);
  return ready > 0;
}

}  // namespace

SpawnResult spawn_and_wait(const std::vector<std::string>& argv, const std::string& input,
                           Millis timeout, const std::function<void(int)>& started,
                           const std::function<void(int)>& ended) {
  SpawnResult result;
  const int in = memory_file("hook-input", input);
  const int out = memory_file("hook-output", "");
  pid_t pid = 0;
  const int error = in < 0 || out < 0 ? EMFILE : spawn(argv, in, out, &pid);
  if (error != 0) {
    result.output = argv[0] + ": " + std::strerror(error);
  } else {
    started(pid);
    if (!wait_for_end(pid, timeout)) kill(-pid, SIGKILL);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
    ended(pid);
    int status = 0;
    waitpid(pid, &status, 0);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.output = tail(out);
  }
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  return result;
}

}  // namespace tidepool::sim
