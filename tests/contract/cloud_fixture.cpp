#include "cloud_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>

#include "base/address.hpp"

namespace tidepool::openstack {
namespace {

constexpr auto kPatience = std::chrono::seconds(120);

Task<void> pause(boost::asio::io_context& context) {
  boost::asio::steady_timer timer(context, std::chrono::milliseconds(50));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace

std::string CloudTest::option(const char* variable, const std::string& otherwise) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

void CloudTest::SetUp() {
  clouds_ = option("TIDEPOOL_CONTRACT_CLOUDS", "");
  if (clouds_.empty()) {
    simulator = std::make_unique<Simulator>();
    ASSERT_FALSE(HasFailure());
    clouds_ = simulator->clouds_yaml();
  }
  const auto given = settings(option("TIDEPOOL_CONTRACT_CLOUD", "demo"));
  ASSERT_TRUE(given);
  cloud = connect(*given);
  flavor = must(run(cloud->compute().find_flavor(option("TIDEPOOL_CONTRACT_FLAVOR", "m1.small"))));
  image = must(run(cloud->image().find_image(option("TIDEPOOL_CONTRACT_IMAGE", "rocky9-slurm"))));
  network = must(run(cloud->network().find_network(option("TIDEPOOL_CONTRACT_NETWORK", "hpc"))));
  ASSERT_FALSE(HasFailure());
}

void CloudTest::TearDown() {
  // A simulator goes with all it holds.
  if (cloud && !simulator) {
    for (const std::string& id : made_) must(run(cloud->compute().delete_server(id)));
    for (const std::string& id : made_) wait_gone(id);
  }
  cloud.reset();
}

void SimulatorTest::SetUp() {
  if (!option("TIDEPOOL_CONTRACT_CLOUDS", "").empty()) GTEST_SKIP() << "needs the simulator";
  CloudTest::SetUp();
}

void CloudTest::must(Result<void> result) {
  if (!result) ADD_FAILURE() << to_string(result.error().kind) << ": " << result.error().message;
}

std::optional<CloudSettings> CloudTest::settings(const std::string& name) {
  std::vector<Diagnostic> notes;
  auto loaded = load_cloud(
      {clouds_, name, false}, [](const std::string&) { return std::nullopt; }, notes);
  if (!loaded) return std::nullopt;
  return *std::move(loaded);
}

std::unique_ptr<Cloud> CloudTest::connect(CloudSettings given, bool cached) {
  const auto folder = cached && simulator ? simulator->cache_folder() : std::filesystem::path();
  return std::make_unique<Cloud>(context, std::move(given), folder);
}

std::string CloudTest::address(int n) {
  for (const Subnet& subnet : network.subnets) {
    const auto cidr = Cidr::parse(subnet.cidr);
    if (subnet.ip_version != 4 || !cidr) continue;
    const auto offset = std::atoi(option("TIDEPOOL_CONTRACT_OFFSET", "1000").c_str());
    return Ipv4(cidr->network().value() + static_cast<std::uint32_t>(offset + n)).str();
  }
  ADD_FAILURE() << "the network has no IPv4 subnet";
  return {};
}

ServerRequest CloudTest::request(int n) {
  ServerRequest wanted;
  wanted.name = "tidepool-contract-" + std::to_string(n);
  wanted.flavor_id = flavor.id;
  wanted.image_id = image.id;
  wanted.network_id = network.id;
  wanted.fixed_ip = address(n);
  wanted.metadata = {{kMetaCluster, "contract"}, {kMetaNode, wanted.name}};
  return wanted;
}

Result<std::string> CloudTest::create(ServerRequest wanted) {
  auto id = run(cloud->compute().create_server(std::move(wanted)));
  if (id) made_.push_back(*id);
  return id;
}

std::string CloudTest::create_active(int n) {
  const std::string id = must(create(request(n)));
  wait_status(id, "ACTIVE");
  return id;
}

Server CloudTest::wait(const std::string& id, const std::function<bool(const Server&)>& wanted) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    auto server = run(cloud->compute().get_server(id));
    if (server && wanted(*server)) return *std::move(server);
    if (std::chrono::steady_clock::now() > end || (!server && !server.error().retryable())) {
      ADD_FAILURE() << "server " << id << " is "
                    << (server ? server->status + " " + server->task_state + " " + server->fault
                               : server.error().message);
      return {};
    }
    run([](boost::asio::io_context& where) -> Task<int> {
      co_await pause(where);
      co_return 0;
    }(context));
  }
}

Server CloudTest::wait_status(const std::string& id, const std::string& status) {
  return wait(id, [&](const Server& server) {
    return server.status == status && server.task_state.empty();
  });
}

void CloudTest::wait_gone(const std::string& id) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const auto server = run(cloud->compute().get_server(id));
    if (!server && server.error().kind == ErrorKind::not_found) return;
    run([](boost::asio::io_context& where) -> Task<int> {
      co_await pause(where);
      co_return 0;
    }(context));
  }
  ADD_FAILURE() << "server " << id << " is still there";
}

}  // namespace tidepool::openstack
