#include "simulator.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

pid_t start(const std::vector<std::string>& argv, const std::filesystem::path& log) {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  // Also when the test is killed.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  std::vector<char*> pointers;
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

}  // namespace

Simulator::Simulator() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "tidepool-contract.XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  const char* given = std::getenv("TIDEPOOL_SIM");
  const auto info = folder_ / "state" / "sim.json";
  // Short steps, and a flavor that fits on no host.
  std::vector<std::string> argv{given != nullptr ? given : TIDEPOOL_SIMULATOR,
                                "--state-dir",
                                (folder_ / "state").string(),
                                "--port",
                                "0",
                                "--flavor",
                                "m1.small:1:2048:20",
                                "--flavor",
                                "huge:4000:64:1",
                                "--network",
                                "hpc:10.20.0.0/20",
                                "--shared-network",
                                "campus:10.99.0.0/24"};
  for (const char* step : {"boot", "suspend", "resume", "stop", "start", "pause", "unpause",
                           "shelve", "upload", "offload", "unshelve", "delete", "schedule"}) {
    argv.push_back("--time");
    argv.push_back(std::string(step) + "=50ms");
  }
  pid_ = start(argv, folder_ / "log");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (!std::filesystem::exists(info)) {
    int status = 0;
    if (std::chrono::steady_clock::now() > end || ::waitpid(pid_, &status, WNOHANG) == pid_) {
      std::ifstream log(folder_ / "log");
      ADD_FAILURE() << "the simulator did not start: "
                    << std::string((std::istreambuf_iterator<char>(log)), {});
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  // The file appears before it is complete.
  nlohmann::json body;
  while (!body.is_object() && std::chrono::steady_clock::now() < end) {
    std::ifstream file(info);
    body = nlohmann::json::parse(file, nullptr, false);
  }
  control_url_ = body.value("control_url", "");
}

Simulator::~Simulator() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

nlohmann::json Simulator::control(const std::string& method, const std::string& path,
                                  const nlohmann::json& body) const {
  const std::string url = control_url_ + "/_sim" + path;
  const std::string text = body.is_null() ? std::string() : body.dump();
  std::string answer;
  CURL* easy = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (!text.empty())
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, text.c_str());
  else if (method == "POST")
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  const CURLcode code = curl_easy_perform(easy);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  EXPECT_EQ(code, CURLE_OK) << curl_easy_strerror(code);
  EXPECT_LT(status, 300) << method << " " << path << ": " << answer;
  return answer.empty() ? nlohmann::json() : nlohmann::json::parse(answer, nullptr, false);
}

int Simulator::count(const std::string& route) const {
  int count = 0;
  const nlohmann::json journal = control("GET", "/journal");
  for (const auto& entry : journal["requests"])
    if (entry["method"].get<std::string>() + " " + entry["path"].get<std::string>() == route)
      ++count;
  return count;
}
