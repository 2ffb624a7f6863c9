#include "state_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace tidepool::sim {
namespace {

// Written beside and renamed, so that nobody ever reads half a file.
std::string write_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fresh + ": " + std::strerror(errno);
  const ssize_t n = ::write(fd, text.data(), text.size());
  close(fd);
  if (n != static_cast<ssize_t>(text.size()) || rename(fresh.c_str(), path.c_str()) != 0)
    return path + ": " + std::strerror(errno);
  return "";
}

// The kernel's start time of this process, field 22 of stat: with the pid it names us for good.
std::string start_time() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return field;
}

std::string password_cloud(const std::string& name, const std::string& url) {
  return "  " + name + ":\n    auth:\n      auth_url: " + url + "/v3\n      username: " + name +
         "\n      password: " + name + "-secret\n      project_name: " + name +
         "\n      user_domain_name: Default\n      project_domain_name: Default\n"
         "    region_name: RegionOne\n    interface: public\n    identity_api_version: 3\n";
}

}  // namespace

StateDir::StateDir(const std::string& path) : path_(path) {
  if (path_.empty()) {
    const char* temporary = std::getenv("TMPDIR");
    path_ = std::string(temporary && *temporary ? temporary : "/tmp") + "/tidepool-sim.XXXXXX";
    if (!mkdtemp(path_.data()))
      problem_ = path_ + ": " + std::strerror(errno);
    else
      ours_ = true;
    return;
  }
  if (mkdir(path_.c_str(), 0700) == 0) return;
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    problem_ = path_ + ": cannot be made, or is no folder";
}

StateDir::~StateDir() {
  if (!problem_.empty()) return;
  for (const char* name : {"/clouds.yaml", "/sim.pid", "/sim.json"}) unlink((path_ + name).c_str());
  if (ours_) rmdir(path_.c_str());
}

std::string StateDir::write(const std::string& url, const std::string& control_url,
                            const std::string& credential_id) {
  std::string clouds = "clouds:\n";
  for (const char* name : {"demo", "other", "admin"}) clouds += password_cloud(name, url);
  clouds +=
      "  demo-appcred:\n    auth_type: v3applicationcredential\n    auth:\n      auth_url: " + url +
      "/v3\n      application_credential_id: " + credential_id +
      "\n      application_credential_secret: demo-appcred-secret\n"
      "    region_name: RegionOne\n    interface: public\n    identity_api_version: 3\n";
  const nlohmann::json info = {{"pid", getpid()},
                               {"start_time", start_time()},
                               {"url", url},
                               {"control_url", control_url},
                               {"clouds_yaml", clouds_yaml()}};
  std::string problem = write_file(clouds_yaml(), clouds);
  if (problem.empty()) problem = write_file(path_ + "/sim.pid", std::to_string(getpid()) + "\n");
  if (problem.empty()) problem = write_file(path_ + "/sim.json", info.dump(2) + "\n");
  return problem;
}

}  // namespace tidepool::sim
