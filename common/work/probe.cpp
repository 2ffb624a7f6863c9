#include "work/probe.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "work/probe_address.hpp"
#include "work/probe_verdict.hpp"
#include "work/uuid.hpp"

namespace tidepool {
namespace {

using openstack::ServerAction;

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

bool quota_known(const ProbeReport& report, const ProbeMeasure& measure) {
  const auto r = judge(report, measure).releases;
  return r.instances && r.cores && r.ram;
}

// Lists are made here: g++ 12 miscompiles them inside coroutines.
std::vector<std::string> one_status(const char* status) {
  return {status};
}
std::vector<std::string> any_shelved() {
  return {"SHELVED", "SHELVED_OFFLOADED"};
}

void set(ProbeMeasure& measure, const ProbeAnswer& answer) {
  measure.outcome = answer.outcome;
  measure.why = answer.why;
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

std::vector<Probe::Held> Probe::reversible_steps() {
  return {
      {ProbeStep::pause, ServerAction::pause, one_status("PAUSED"), ServerAction::unpause},
      {ProbeStep::suspend, ServerAction::suspend, one_status("SUSPENDED"), ServerAction::resume},
      {ProbeStep::stop, ServerAction::stop, one_status("SHUTOFF"), ServerAction::start},
      {ProbeStep::shelve, ServerAction::shelve, any_shelved(), ServerAction::unshelve}};
}

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

// ---- steps

Task<Result<void>> Probe::reversible(Held held) {
  ProbeMeasure measure;
  // When others' servers came or went meanwhile the quota's use says nothing: once more.
  for (int attempt = 0; attempt < 3; ++attempt) {
    settings_.progress(fmt::format("{}{}", to_string(held.step),
                                   attempt == 0 ? "" : ", again: other servers changed meanwhile"));
    measure = ProbeMeasure();
    measure.step = held.step;
    if (auto done = co_await hold_once(held, measure); !done) co_return done;
    if (measure.outcome != ProbeOutcome::done || quota_known(report_, measure)) break;
  }
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

Task<Result<void>> Probe::hold_once(Held held, ProbeMeasure& measure) {
  auto have = co_await have_server(measure);
  if (!have) co_return tl::unexpected(have.error());
  if (!*have) co_return Result<void>{};
  auto before = co_await look();
  if (!before) co_return tl::unexpected(before.error());
  measure.before = *before;
  if (auto heard = co_await hear_guest(); !heard) co_return heard;

  const Time began = now();
  auto asked = co_await servers_.ask(server_, held.hold);
  if (!asked) co_return tl::unexpected(asked.error());
  set(measure, *asked);
  if (!asked->done()) co_return Result<void>{};
  openstack::Server seen;
  auto settled = co_await servers_.settle(server_, held.states, "ACTIVE", seen);
  if (!settled) co_return tl::unexpected(settled.error());
  set(measure, *settled);
  if (!settled->done()) co_return co_await drop();
  measure.hold = now() - began;
  auto during = co_await look();
  if (!during) co_return tl::unexpected(during.error());
  measure.during = *during;

  auto back = co_await bring_back(held.back, seen.status, measure);
  if (!back) co_return tl::unexpected(back.error());
  co_return Result<void>{};
}

Task<Result<bool>> Probe::bring_back(ServerAction back, std::string from, ProbeMeasure& measure) {
  const Time began = now();
  auto asked = co_await servers_.ask(server_, back);
  if (!asked) co_return tl::unexpected(asked.error());
  ProbeAnswer answer = *asked;
  if (answer.done()) {
    openstack::Server seen;
    std::vector<std::string> active = one_status("ACTIVE");
    auto settled = co_await servers_.settle(server_, std::move(active), std::move(from), seen);
    if (!settled) co_return tl::unexpected(settled.error());
    answer = *settled;
  }
  if (!answer.done()) {
    measure.outcome = answer.outcome;
    measure.why = fmt::format("it was held and does not come back ({}): {}",
                              openstack::to_string(back), answer.why);
    if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
    co_return false;
  }
  measure.back = now() - began;
  auto kept = co_await hear_guest_again();
  if (!kept) co_return tl::unexpected(kept.error());
  measure.guest_kept = *kept;
  auto after = co_await look();
  if (!after) co_return tl::unexpected(after.error());
  measure.after = *after;
  co_return true;
}

// May this user? Nova looks at the policy before it looks at the state.
Task<Result<bool>> Probe::may_offload(ProbeMeasure& measure) {
  const ProbeMeasure* shelve = report_.find(ProbeStep::shelve);
  const bool shelved = shelve != nullptr && shelve->outcome == ProbeOutcome::done;
  const bool offloaded = shelved && shelve->during && shelve->during->status == "SHELVED_OFFLOADED";
  auto have = co_await have_server(measure);
  if (!have || !*have) co_return have;
  auto asked = co_await cloud_.compute().act(server_, ServerAction::shelve_offload);
  if (!asked && asked.error().kind == ErrorKind::auth) co_return tl::unexpected(asked.error());
  if (!asked && asked.error().kind == ErrorKind::forbidden) {
    measure.outcome = ProbeOutcome::forbidden;
    measure.why = asked.error().message;
    if (offloaded) measure.why += "; shelve does it by itself on this cloud";
    co_return false;
  }
  if (!shelved) measure.why = "shelve does not work here";
  if (offloaded) measure.why = "shelve does it by itself on this cloud";
  co_return measure.why.empty();
}

Task<Result<void>> Probe::shelve_offload() {
  settings_.progress(std::string(to_string(ProbeStep::shelve_offload)));
  ProbeMeasure measure;
  measure.step = ProbeStep::shelve_offload;
  auto may = co_await may_offload(measure);
  if (!may) co_return tl::unexpected(may.error());
  if (*may) {
    auto before = co_await look();
    if (!before) co_return tl::unexpected(before.error());
    measure.before = *before;
    const Time began = now();
    openstack::Server seen;
    std::vector<std::string> shelved = any_shelved();
    auto answer = co_await servers_.ask(server_, ServerAction::shelve);
    if (answer && answer->done())
      answer = co_await servers_.settle(server_, std::move(shelved), "ACTIVE", seen);
    if (answer && answer->done())
      answer = co_await servers_.ask(server_, ServerAction::shelve_offload);
    std::vector<std::string> offloaded = one_status("SHELVED_OFFLOADED");
    if (answer && answer->done())
      answer = co_await servers_.settle(server_, std::move(offloaded), "SHELVED", seen);
    if (!answer) co_return tl::unexpected(answer.error());
    set(measure, *answer);
    if (answer->done()) {
      measure.hold = now() - began;
      auto during = co_await look();
      if (!during) co_return tl::unexpected(during.error());
      measure.during = *during;
      auto back = co_await bring_back(ServerAction::unshelve, "SHELVED_OFFLOADED", measure);
      if (!back) co_return tl::unexpected(back.error());
    } else if (auto dropped = co_await drop(); !dropped) {
      co_return dropped;
    }
  }
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

Task<Result<void>> Probe::snapshot() {
  settings_.progress(std::string(to_string(ProbeStep::snapshot)));
  ProbeMeasure measure;
  measure.step = ProbeStep::snapshot;
  std::string image;
  auto taken = co_await take_snapshot(measure, image);
  if (!taken) co_return tl::unexpected(taken.error());
  if (*taken)
    if (auto made = co_await make_again(image, measure); !made) co_return made;
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

// An image is made and the server is gone: true.
Task<Result<bool>> Probe::take_snapshot(ProbeMeasure& measure, std::string& image) {
  auto have = co_await have_server(measure);
  if (!have || !*have) co_return have;
  auto before = co_await look();
  if (!before) co_return tl::unexpected(before.error());
  measure.before = *before;
  if (auto heard = co_await hear_guest(); !heard) co_return tl::unexpected(heard.error());
  const Time began = now();
  auto asked = co_await cloud_.compute().create_image(server_, servers_.name() + "-image");
  if (!asked) {
    if (asked.error().kind == ErrorKind::auth) co_return tl::unexpected(asked.error());
    measure.outcome = asked.error().kind == ErrorKind::forbidden ? ProbeOutcome::forbidden
                                                                 : ProbeOutcome::refused;
    measure.why = asked.error().message;
    co_return false;
  }
  image = *asked;
  auto answer = co_await servers_.settle_image(server_, image);
  if (!answer) co_return tl::unexpected(answer.error());
  set(measure, *answer);
  if (!answer->done()) {
    // Its server may still be busy with it: the next step gets another one.
    if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
    co_return false;
  }
  const auto mark = mark_;
  if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
  mark_ = mark;
  if (!no_server_.empty()) {
    measure.outcome = ProbeOutcome::failed;
    measure.why = no_server_;
    co_return false;
  }
  measure.hold = now() - began;
  auto during = co_await look();
  if (!during) co_return tl::unexpected(during.error());
  measure.during = *during;
  co_return true;
}

Task<Result<void>> Probe::make_again(std::string image, ProbeMeasure& measure) {
  const auto mark = mark_;
  std::string address;
  if (may_choose_address_ && measure.before) address = measure.before->address;
  const Time began = now();
  auto made = co_await make(image, address);
  if (!made) co_return tl::unexpected(made.error());
  if (!made->done() && !address.empty()) {
    // Without its address it is no hold, but worth knowing that the image works.
    made = co_await make(image, "");
    if (!made) co_return tl::unexpected(made.error());
  }
  if (!made->done()) {
    measure.outcome = ProbeOutcome::failed;
    measure.why = "no server from the snapshot: " + made->why;
    co_return Result<void>{};
  }
  measure.back = now() - began;
  if (mark && mark_) measure.guest_kept = guest_went_on(*mark, mark_);
  auto after = co_await look();
  if (!after) co_return tl::unexpected(after.error());
  measure.after = *after;
  co_return Result<void>{};
}

Task<Result<void>> Probe::remove() {
  settings_.progress(std::string(to_string(ProbeStep::remove)));
  ProbeMeasure measure;
  measure.step = ProbeStep::remove;
  auto have = co_await have_server(measure);
  if (!have) co_return tl::unexpected(have.error());
  if (*have) {
    auto before = co_await look();
    if (!before) co_return tl::unexpected(before.error());
    measure.before = *before;
    const Time began = now();
    auto answer = co_await servers_.remove(server_);
    if (!answer) co_return tl::unexpected(answer.error());
    set(measure, *answer);
    server_.clear();
    if (answer->done()) {
      measure.hold = now() - began;
      measure.back = create_took_;
      auto during = co_await look();
      if (!during) co_return tl::unexpected(during.error());
      measure.during = *during;
    }
  }
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

}  // namespace tidepool
