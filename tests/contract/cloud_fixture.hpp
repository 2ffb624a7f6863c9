// Fixtures: a cloud to try things on, real or simulated, left as it was found.
#pragma once

#include "openstack/cloud.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "project.hpp"
#include "simulator.hpp"

namespace tidepool::openstack {

class CloudTest : public testing::Test {
 protected:
  void SetUp() override;
  // Deletes every server that create() has made.
  void TearDown() override;

  // Runs the coroutine to its end and gives its result.
  template <typename T>
  T run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(
        context, [&]() -> Task<void> { result.emplace(co_await std::move(task)); },
        boost::asio::detached);
    context.restart();
    while (!result) context.run_one();
    return *std::move(result);
  }
  // The value; a failed test and a default one when there is none.
  template <typename T>
  T must(Result<T> result) {
    if (result) return *std::move(result);
    ADD_FAILURE() << to_string(result.error().kind) << ": " << result.error().message;
    return T{};
  }
  void must(Result<void> result);

  // The settings of one of the clouds; nullopt when clouds.yaml has no such cloud.
  std::optional<CloudSettings> settings(const std::string& name);
  // A new client; `cached`: with the test's cache folder.
  std::unique_ptr<Cloud> connect(CloudSettings settings, bool cached = false);

  // A request that the client has no function for; its answer's JSON.
  Result<nlohmann::json> ask(Cloud& by, const std::string& method, const std::string& path,
                             const nlohmann::json& body = nullptr,
                             Service service = Service::compute);

  // A request that should work, for the test's n-th address.
  ServerRequest request(int n);
  std::string address(int n);
  // Creates a server and remembers it for TearDown.
  Result<std::string> create(ServerRequest wanted);
  std::string create_active(int n);
  // One that fits on no host: ERROR within a moment, and without an address.
  std::optional<ServerRequest> huge_request(int n);
  // Polls until the server is as wanted; a failed test after three minutes.
  Server wait(const std::string& id, const std::function<bool(const Server&)>& wanted);
  Server wait_status(const std::string& id, const std::string& status);
  void wait_gone(const std::string& id);
  // Polls until it is true; false after that time.
  bool wait_until(const std::function<bool()>& wanted,
                  std::chrono::seconds limit = std::chrono::seconds(180));
  Port port_of(const std::string& server_id);

  // Where clouds.yaml is.
  std::filesystem::path folder() const { return clouds_.parent_path(); }

  static std::string option(const char* variable, const std::string& otherwise);

  boost::asio::io_context context{1};
  std::unique_ptr<Simulator> simulator;  // null on a real cloud
  std::unique_ptr<Cloud> cloud;
  Flavor flavor;
  ImageInfo image;
  NetworkInfo network;

 private:
  void remove_leftovers();

  std::filesystem::path clouds_;
  std::optional<Project> project_;
  std::vector<std::string> made_;
};

// Tests that only a scripted cloud can pass: skipped on a real one.
class SimulatorTest : public CloudTest {
 protected:
  void SetUp() override;
  void fault(const nlohmann::json& rule) { simulator->control("POST", "/faults", rule); }
};

}  // namespace tidepool::openstack
