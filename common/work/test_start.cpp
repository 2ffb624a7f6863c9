#include "work/test_start.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <regex>
#include <sstream>
#include <vector>

#include "base/fd.hpp"
#include "base/file.hpp"

namespace tidepool {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// What would touch the cluster is taken out of the text, wherever it stands, and set anew at its
// ends.
const std::regex& replaced_keys() {
  static const std::regex keys(
      R"((^|\s)(SlurmctldHost|ControlMachine|ControlAddr|BackupController|BackupAddr|)"
      R"(StateSaveLocation|SlurmctldPidFile|SlurmctldLogFile|SlurmSchedLogFile|SlurmctldPort|)"
      R"(SlurmdPort|SlurmctldDebug|SlurmctldSyslogDebug|SlurmctldPrimaryOnProg|)"
      R"(SlurmctldPrimaryOffProg|ResumeProgram|SuspendProgram|ResumeFailProgram|)"
      R"(AccountingStorageType|AccountingStorageEnforce|AccountingStorageTRES|JobCompType|MailProg|)"
      R"(HealthCheckProgram)\s*=\s*("[^"]*"|[^\s\\]*))",
      std::regex::icase | std::regex::optimize);
  return keys;
}

// slurm.conf is one file, but for Include lines, of which at most this many are followed.
constexpr int kMostIncludes = 256;

void add_text(const std::string& text, const fs::path& conf, int& includes, std::string& out) {
  static const std::regex include(R"(^\s*include\s+(\S+)\s*$)", std::regex::icase);
  // It makes slurmctld look up its own host, which here need not be the real one's.
  static const std::regex any_address("NoCtldInAddrAny", std::regex::icase);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, include) && ++includes <= kMostIncludes) {
      const auto path = conf.parent_path() / found[1].str();
      if (auto other = read_file(path, 16u << 20)) {
        add_text(*other, conf, includes, out);
        continue;
      }
      line = "Include " + path.string();  // slurmctld says what is wrong with it
    }
    line = std::regex_replace(line, replaced_keys(), "$1");
    out += std::regex_replace(line, any_address, "x") + "\n";
  }
}

int free_port() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  const std::string whole(name.data());
  return whole.substr(0, whole.find('.'));
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const auto one = folder + "/" + name; ::access(one.c_str(), X_OK) == 0) return one;
  return {};
}

[[noreturn]] void become(const std::string& program, const fs::path& conf, const fs::path& out) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a killed apply leaves nothing behind
  const int null = ::open("/dev/null", O_RDONLY);
  const int log = ::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(null, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::close_range(3, ~0U, 0);
  ::setenv("SLURM_CONF", conf.c_str(), 1);
  const char* argv[] = {program.c_str(), "-D", "-f", conf.c_str(), nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(argv));
  ::_exit(127);
}

// What slurmctld complained of, without times and without the scratch folder's name.
std::string complaints(const std::string& log, const fs::path& folder) {
  std::vector<std::string> fatal, errors;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    for (const auto& [word, into] : {std::pair("fatal: ", &fatal), std::pair("error: ", &errors)}) {
      const auto at = line.find(word);
      if (at == std::string::npos) continue;
      std::string said = line.substr(at + 7);
      for (auto p = said.find(folder.string()); p != std::string::npos;
           p = said.find(folder.string()))
        said.replace(p, folder.string().size() + 1, "");
      if (std::find(into->begin(), into->end(), said) == into->end()) into->push_back(said);
      break;
    }
  }
  // A fatal line often only says that there was an error: the errors before it say which.
  constexpr std::size_t kMost = 3;
  if (errors.size() > kMost) errors.erase(errors.begin(), errors.end() - kMost);
  for (const auto& line : fatal)
    if (std::find(errors.begin(), errors.end(), line) == errors.end()) errors.push_back(line);
  return fmt::format("{}", fmt::join(errors, "\n  "));
}

// The neighbours that slurmctld reads too: gres.conf, topology.conf, job_submit.lua…
void link_neighbours(const fs::path& conf, const fs::path& folder) {
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(conf.parent_path(), ec))
    if (entry.path().filename() != conf.filename())
      fs::create_symlink(entry.path(), folder / entry.path().filename(), ec);
}

class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) end(SIGKILL);
  }
  // True when it has ended by itself.
  bool ended() {
    if (pid_ <= 0) return true;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) return false;
    pid_ = -1;
    return true;
  }
  void kill(int signal) {
    if (pid_ > 0) ::kill(pid_, signal);
  }
  void end(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

struct Scratch {
  explicit Scratch(fs::path where) : path(std::move(where)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  fs::path path;
};

}  // namespace

std::string test_text(const std::string& text, const fs::path& conf, const fs::path& folder,
                      const std::string& host, int port) {
  const auto file = [&](const char* name) { return (folder / name).string(); };
  std::string out = fmt::format("SlurmctldHost={}(127.0.0.1)\n", host);
  int includes = 0;
  add_text(text, conf, includes, out);
  out += fmt::format(
      "StateSaveLocation={}\nSlurmctldPidFile={}\nSlurmctldLogFile={}\nSlurmctldPort={}\n"
      "SlurmdPort={}\nSlurmctldDebug=info\nSlurmctldSyslogDebug=quiet\n"
      "SlurmctldPrimaryOnProg=/bin/true\nSlurmctldPrimaryOffProg=/bin/true\n"
      "ResumeProgram=/bin/true\nSuspendProgram=/bin/true\nResumeFailProgram=/bin/true\n"
      "AccountingStorageType=accounting_storage/none\n"
      "JobCompType=jobcomp/none\nMailProg=/bin/true\n",
      file("state"), file("slurmctld.pid"), file("slurmctld.log"), port, port == 1 ? 2 : 1);
  return out;
}

Task<Result<void>> test_start(TestStart test) {
  const std::string program = find_program(test.program);
  if (program.empty())
    co_return fail(ErrorKind::not_found,
                   test.program + ": not found in the usual folders; is this the controller?");
  std::error_code ec;
  fs::remove_all(test.folder, ec);
  const Scratch scratch(test.folder);
  if (auto made = make_private_folder(test.folder); !made) co_return made;
  if (auto made = make_private_folder(test.folder / "state"); !made) co_return made;
  link_neighbours(test.conf, test.folder);
  const auto conf = test.folder / test.conf.filename();
  const auto text = test_text(test.text, test.conf, test.folder, host_name(), free_port());
  if (auto done = write_file_atomically(conf, text, 0600); !done) co_return done;

  const auto out = test.folder / "output";
  const pid_t pid = ::fork();
  if (pid < 0) co_return fail_errno(errno, "fork");
  if (pid == 0) become(program, conf, out);
  Child child(pid);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const Time end = now() + test.limit;
  while (true) {
    const bool ended = child.ended();
    const auto said = read_file(out, 64u << 20).value_or("");
    if (said.find("Running as primary controller") != std::string::npos) {
      child.kill(SIGTERM);
      const Time patience = now() + Millis(5'000);
      while (!child.ended() && now() < patience) {
        timer.expires_after(Millis(50));
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      }
      co_return Result<void>{};
    }
    if (ended || now() >= end) {
      const auto what = complaints(said, test.folder);
      co_return fail(ErrorKind::invalid,
                     fmt::format("slurmctld refuses it{}:\n  {}",
                                 ended ? "" : " (it does not come up in a test)",
                                 what.empty() ? said.substr(0, 2000) : what));
    }
    timer.expires_after(Millis(50));
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace tidepool
