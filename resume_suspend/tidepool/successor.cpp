#include "successor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "command.hpp"

namespace tidepool {
namespace {
using std::chrono::milliseconds;

constexpr const char* kSelf = "/proc/self/exe";
// Between a file's removal and another's coming (install(1), a linker) there is a moment without.
constexpr milliseconds kGone{10'000};
constexpr milliseconds kTryAgain{10'000};
constexpr milliseconds kStartLimit{10'000};

// Does it start here, to its first words? All of its libraries are found then.
bool starts(const std::filesystem::path& program) {
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  for (int fd = 0; fd < 3; ++fd)
    ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  const std::string name = program.string();
  std::string version = "--version";
  std::string first = name;
  char* const argv[] = {first.data(), version.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, name.c_str(), &files, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return false;
  int status = 0;
  for (auto left = kStartLimit; left > milliseconds(0); left -= milliseconds(10)) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0 && errno != EINTR) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  ::kill(child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return false;
}

}  // namespace

void exec_as_this(const std::filesystem::path& file) {
  auto words = read_file("/proc/self/cmdline");
  std::vector<char*> argv;
  if (words)
    for (std::size_t at = 0; at < words->size(); at = words->find('\0', at) + 1)
      argv.push_back(words->data() + at);
  argv.push_back(nullptr);
  // The same process id: systemd sees one service.
  ::execv(file.c_str(), argv.data());
}

Successor::Successor() {
  struct stat st {};
  if (::stat(kSelf, &st) != 0) return;  // no /proc: nobody is waited for
  std::error_code ec;
  std::string path = std::filesystem::read_symlink(kSelf, ec);
  // It may have been replaced since it was started.
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  path_ = path;
  device_ = st.st_dev;
  inode_ = st.st_ino;
}

bool Successor::gone() const {
  return ::access(path_.c_str(), F_OK) != 0 && errno == ENOENT;
}

bool Successor::waits() {
  if (path_.empty() || now() < not_before_) return false;
  struct stat st {};
  if (::stat(path_.c_str(), &st) == 0) {
    gone_since_ = {};
    return st.st_dev != device_ || st.st_ino != inode_;
  }
  if (errno != ENOENT) return false;
  if (gone_since_ == Time{}) gone_since_ = now();
  return now() - gone_since_ > kGone;
}

void Successor::take_over() {
  if (gone()) {
    log_event(LogLevel::warning, "worker ends",
              {{"why", "the program was removed: " + path_.string()}});
    std::exit(kOk);
  }
  if (starts(path_)) {
    log_event(LogLevel::info, "worker hands over", {{"to", path_.string()}});
    exec_as_this(path_);
  }
  log_event(LogLevel::warning, "worker goes on as it is",
            {{"why", "the program in its place does not start: " + path_.string()}});
  not_before_ = now() + kTryAgain;
}

}  // namespace tidepool
