#include "work/probe.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "work/probe_address.hpp"
#include "work/uuid.hpp"

namespace tidepool {
namespace {

constexpr int kAddressesTried = 5;
constexpr Millis kCleanUp{300'000};

ProbeIntent new_probe_intent(const std::string& cloud) {
  ProbeIntent intent;
  intent.id = random_uuid().substr(0, 8);
  intent.cloud = cloud;
  intent.begun = now();
  return intent;
}

ProbeServers::Settings servers_settings(const PoolFile& pools, const ProbeIntent& intent,
                                        const Probe::Settings& settings) {
  ProbeServers::Settings s;
  s.state_dir = pools.state.dir;
  s.intent = intent;
  s.cluster = pools.cluster;
  s.step_limit = settings.step_limit;
  return s;
}

}  // namespace

Probe::Probe(boost::asio::io_context& context, const PoolFile& pools, openstack::Cloud& cloud,
             Settings settings)
    : pools_(pools),
      cloud_(cloud),
      settings_(std::move(settings)),
      patience_(context.get_executor(), settings_.time_limit),
      intent_(new_probe_intent(cloud.session().settings().name)),
      servers_(cloud, patience_, servers_settings(pools, intent_, settings_)) {}

Task<Result<void>> Probe::prepare() {
  const Pool& pool = *settings_.pool;
  const auto& cloud = cloud_.session().settings();
  report_.at = now();
  report_.cluster = pools_.cluster;
  report_.cloud = cloud.name;
  report_.auth_url = cloud.auth_url;
  report_.pool = pool.name;
  report_.flavor = pool.flavor;
  report_.image = pool.image;
  report_.network = pool.network;
  auto identity = co_await cloud_.session().identity();
  if (!identity) co_return tl::unexpected(identity.error());
  report_.project = identity->project_name;
  report_.user = cloud.username.empty() ? identity->user_id : cloud.username;
  report_.roles = identity->roles;
  std::sort(report_.roles.begin(), report_.roles.end());
  const std::string where = "pool " + pool.name;
  auto flavor = co_await cloud_.compute().find_flavor(pool.flavor);
  if (!flavor) co_return fail(std::move(flavor.error()).context(where));
  report_.vcpus = flavor->vcpus;
  report_.ram_mib = flavor->ram_mib;
  auto image = co_await cloud_.image().find_image(pool.image);
  if (!image) co_return fail(std::move(image.error()).context(where));
  auto network = co_await cloud_.network().find_network(pool.network);
  if (!network) co_return fail(std::move(network.error()).context(where));

  const auto& roles = report_.roles;
  may_choose_address_ = network->project_id == identity->project_id ||
                        std::find(roles.begin(), roles.end(), "admin") != roles.end();
  if (may_choose_address_ && has_nodes_in(pools_, *network)) {
    auto ports = co_await cloud_.network().list_ports(network->id);
    if (!ports) co_return tl::unexpected(ports.error());
    addresses_ = free_addresses(pools_, *network, *ports, kAddressesTried);
    if (addresses_.empty())
      co_return fail(ErrorKind::not_found,
                     fmt::format("network {} has no free address that is no node's; leave one out "
                                 "of the pools for the probe",
                                 pool.network));
  }
  request_.flavor_id = flavor->id;
  request_.image_id = image->id;
  request_.network_id = network->id;
  request_.availability_zone = pool.availability_zone;
  request_.security_groups = pool.security_groups;
  request_.config_drive = pool.config_drive;
  if (settings_.guest_wait > Millis(0)) request_.user_data = guest_mark_user_data();
  co_return Result<void>{};
}

Task<Result<void>> Probe::run() {
  if (auto saved = save_intent(pools_.state.dir, intent_); !saved) co_return saved;
  settings_.progress(fmt::format("creating a server of flavor {}", report_.flavor));
  ProbeMeasure first;
  auto made = co_await have_server(first);
  if (!made) co_return tl::unexpected(made.error());
  if (!*made)
    co_return fail(
        ErrorKind::conflict,
        fmt::format("the probe's server (flavor {}, {} cores, {} MiB) could not be made: "
                    "{}",
                    report_.flavor, report_.vcpus, report_.ram_mib, first.why));
  const std::vector<Held> all = reversible_steps();
  for (const auto& held : all)
    if (auto done = co_await reversible(held); !done) co_return done;
  if (auto done = co_await shelve_offload(); !done) co_return done;
  if (auto done = co_await snapshot(); !done) co_return done;
  co_return co_await remove();
}

Task<Result<int>> Probe::clean_up() {
  auto removed =
      co_await remove_probe_things(cloud_, pools_.cluster, kCleanUp, servers_.in_doubt());
  if (!removed) co_return tl::unexpected(removed.error());
  if (auto gone = remove_intent(pools_.state.dir); !gone) co_return tl::unexpected(gone.error());
  co_return *removed;
}

// ---- servers

Task<Result<ProbeAnswer>> Probe::make(std::string image, std::string address) {
  openstack::ServerRequest request = request_;
  if (!image.empty()) request.image_id = image;
  std::vector<std::string> tries = addresses_;
  if (!address.empty()) tries.assign(1, address);
  if (tries.empty()) tries.emplace_back();
  ProbeAnswer answer;
  for (const auto& candidate : tries) {
    request.fixed_ip = candidate;
    const Time began = now();
    auto made = co_await servers_.create(request, server_);
    if (!made) co_return made;
    answer = *made;
    last_server_ = server_;
    if (answer.done()) {
      auto fits = co_await address_is_free();
      if (!fits) co_return tl::unexpected(fits.error());
      answer = *fits;
    }
    if (answer.done()) {
      if (image.empty() && !create_took_) create_took_ = now() - began;
      if (auto heard = co_await hear_guest(); !heard) co_return tl::unexpected(heard.error());
      co_return answer;
    }
    if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
    // Another attempt only helps when the address was what was wrong.
    if (answer.outcome != ProbeOutcome::refused || answer.why.find(candidate) == std::string::npos)
      break;
  }
  co_return answer;
}

// Where a member cannot choose, the network may have given away a node's address.
Task<Result<ProbeAnswer>> Probe::address_is_free() {
  if (!addresses_.empty()) co_return ProbeAnswer{};
  auto server = co_await cloud_.compute().get_server(server_);
  if (!server || server->addresses.empty()) co_return ProbeAnswer{};
  const std::string& address = server->addresses.front();
  const std::string node = node_of_address(pools_, address);
  if (node.empty()) co_return ProbeAnswer{};
  co_return ProbeAnswer{ProbeOutcome::failed,
                        fmt::format("network {} gave the probe {}, which is node {}'s address, and "
                                    "this user may choose no other",
                                    report_.network, address, node)};
}

// Sees to it that there is a server that is ACTIVE. false: there can be none; the measure says why.
Task<Result<bool>> Probe::have_server(ProbeMeasure& measure) {
  if (server_.empty() && no_server_.empty()) {
    auto made = co_await make("", "");
    if (!made) co_return tl::unexpected(made.error());
    if (!made->done()) no_server_ = made->why;
  }
  if (!server_.empty()) co_return true;
  measure.outcome = ProbeOutcome::not_tried;
  measure.why = no_server_;
  co_return false;
}

// Deletes the server, whatever has become of it.
Task<Result<void>> Probe::drop() {
  if (server_.empty()) co_return Result<void>{};
  const std::string id = server_;
  server_.clear();
  mark_.reset();
  auto removed = co_await servers_.remove(id);
  if (!removed) co_return tl::unexpected(removed.error());
  if (!removed->done()) no_server_ = "the last server cannot be deleted: " + removed->why;
  co_return Result<void>{};
}

}  // namespace tidepool
