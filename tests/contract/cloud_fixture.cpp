#include "cloud_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/address.hpp"

namespace tidepool::openstack {
namespace {

// Real services are Python that shares this machine's processors: whoever asks slows them down.
constexpr auto kPauseReal = std::chrono::milliseconds(300);
constexpr auto kPauseSimulator = std::chrono::milliseconds(20);

bool ours(const Server& server) {
  return server.meta(kMetaCluster) == "contract";
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
  project_.emplace(option("TIDEPOOL_CONTRACT_CLOUD", "demo"),
                   simulator ? std::filesystem::path() : clouds_.parent_path());
  const auto given = settings(project_->name());
  ASSERT_TRUE(given);
  cloud = connect(*given);
  flavor = must(run(cloud->compute().find_flavor(option("TIDEPOOL_CONTRACT_FLAVOR", "m1.small"))));
  image = must(run(cloud->image().find_image(option("TIDEPOOL_CONTRACT_IMAGE", "rocky9-slurm"))));
  network = must(run(cloud->network().find_network(option("TIDEPOOL_CONTRACT_NETWORK", "hpc"))));
  ASSERT_FALSE(HasFailure());
  if (!simulator) remove_leftovers();
}

// Of a test that was killed.
void CloudTest::remove_leftovers() {
  std::vector<std::string> old;
  for (const Server& server : must(run(cloud->compute().list_servers())))
    if (ours(server)) old.push_back(server.id);
  for (const std::string& id : old) must(run(cloud->compute().delete_server(id)));
  for (const std::string& id : old) wait_gone(id);
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
  if (!option("TIDEPOOL_CONTRACT_CLOUDS", "").empty())
    GTEST_SKIP() << "needs a simulator, which is told what to do wrong";
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

std::optional<ServerRequest> CloudTest::huge_request(int n) {
  const std::string name = option("TIDEPOOL_CONTRACT_HUGE_FLAVOR", "huge");
  if (name.empty()) return std::nullopt;
  ServerRequest wanted = request(n);
  wanted.flavor_id = must(run(cloud->compute().find_flavor(name))).id;
  return wanted;
}

Result<nlohmann::json> CloudTest::ask(Cloud& by, const std::string& method, const std::string& path,
                                      const nlohmann::json& body, Service service) {
  ApiRequest wanted;
  wanted.method = method;
  wanted.path = path;
  wanted.service = service;
  if (!body.is_null()) wanted.body = body.dump();
  auto response = run(by.session().call(std::move(wanted)));
  if (!response) return fail(response.error());
  return nlohmann::json::parse(response->body, nullptr, false);
}

bool CloudTest::wait_until(const std::function<bool()>& wanted, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!wanted()) {
    if (std::chrono::steady_clock::now() > end) return false;
    if (simulator)
      std::this_thread::sleep_for(kPauseSimulator);
    else
      std::this_thread::sleep_for(kPauseReal);
  }
  return true;
}

Server CloudTest::wait(const std::string& id, const std::function<bool(const Server&)>& wanted) {
  Result<Server> server = Server{};
  int refusals = 0;
  bool given_up = false;
  const bool in_time = wait_until([&] {
    server = run(cloud->compute().get_server(id));
    // Once is no proof: Nova loses sight of a server that it moves from one table to another.
    refusals = !server && !server.error().retryable() ? refusals + 1 : 0;
    given_up = refusals >= 5;
    return given_up || (server && wanted(*server));
  });
  if (in_time && !given_up) return *std::move(server);
  ADD_FAILURE() << "server " << id << " is "
                << (server ? server->status + " " + server->task_state + " " + server->fault
                           : server.error().message);
  return {};
}

Server CloudTest::wait_status(const std::string& id, const std::string& status) {
  return wait(id, [&](const Server& server) {
    return server.status == status && server.task_state.empty();
  });
}

void CloudTest::wait_gone(const std::string& id) {
  const bool gone = wait_until([&] {
    const auto server = run(cloud->compute().get_server(id));
    return !server && server.error().kind == ErrorKind::not_found;
  });
  if (!gone) ADD_FAILURE() << "server " << id << " is still there";
}

Port CloudTest::port_of(const std::string& server_id) {
  auto ports = must(run(cloud->network().list_ports(network.id)));
  const auto found = std::find_if(ports.begin(), ports.end(),
                                  [&](const Port& p) { return p.device_id == server_id; });
  if (found != ports.end()) return *std::move(found);
  ADD_FAILURE() << "server " << server_id << " has no port";
  return {};
}

}  // namespace tidepool::openstack
