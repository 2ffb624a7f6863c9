#include "operator.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

namespace tidepool::openstack {

Operator::Operator(const Simulator* simulator, std::filesystem::path folder)
    : simulator_(simulator), folder_(std::move(folder)) {
  if (const char* given = std::getenv("TIDEPOOL_CONTRACT_OPERATOR")) command_ = given;
}

void Operator::set(int offload_time, bool count_from_placement) {
  if (simulator_ != nullptr) {
    simulator_->control(
        "PUT", "/settings",
        {{"shelved_offload_time", offload_time}, {"count_from_placement", count_from_placement}});
    return;
  }
  tell({"up", "--offload-time", std::to_string(offload_time),
        count_from_placement ? "--count-from-placement" : "--count-from-database"});
}

void Operator::stop_compute() {
  if (simulator_ != nullptr) return hosts(false);
  tell({"service", "stop", "nova-compute"});
}

void Operator::start_compute() {
  if (simulator_ != nullptr) return hosts(true);
  tell({"service", "start", "nova-compute"});
}

void Operator::stop_api() {
  if (simulator_ != nullptr)
    simulator_->control("PUT", "/traffic", {{"outage", "refuse"}});
  else
    tell({"service", "stop", "nova-api"});
}

void Operator::start_api() {
  if (simulator_ != nullptr)
    simulator_->control("PUT", "/traffic", {{"outage", "none"}});
  else
    tell({"service", "start", "nova-api"});
}

void Operator::stop_queue() {
  if (simulator_ != nullptr)
    simulator_->control("POST", "/outcomes",
                        {{"action", "suspend"}, {"result", "hang"}, {"times", -1}});
  else
    tell({"service", "stop", "rabbitmq"});
}

void Operator::start_queue() {
  if (simulator_ == nullptr) return tell({"service", "start", "rabbitmq"});
  // An outcome is looked up at the end of a step: those that were begun shall still find it.
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  simulator_->control("DELETE", "/outcomes");
}

void Operator::hosts(bool up) {
  const auto all = simulator_->control("GET", "/hosts");
  for (const auto& host : all["hosts"])
    simulator_->control("PUT", "/hosts/" + host["name"].get<std::string>(), {{"up", up}});
}

void Operator::tell(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{command_.string(), arguments[0], "--dir", folder_.string()};
  words.insert(words.end(), arguments.begin() + 1, arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    ADD_FAILURE() << command_ << " " << arguments[0] << " failed";
}

}  // namespace tidepool::openstack
