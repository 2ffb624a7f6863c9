// tidepool node create|delete: a cluster VM by hand.
#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.hpp"
#include "command.hpp"
#include "hold_output.hpp"
#include "live.hpp"
#include "output.hpp"
#include "start_worker.hpp"
#include "work/by_hand.hpp"
#include "work/status.hpp"

namespace tidepool {
namespace {

struct NodeOptions {
  std::string name, pool, ip, slurm_conf;
  std::vector<std::string> dns, names;
  bool json = false, dry_run = false, no_wait = false, force = false;
  int timeout_s = 600;
};

int failed(const Error& error) {
  complain(kProgram, error.message);
  if (error.kind == ErrorKind::conflict) return kFailed;
  return error.kind == ErrorKind::invalid ? static_cast<int>(kUsage) : exit_code_of(error);
}

void print_node(const NodeStatus& n, bool json, const std::string& verb) {
  if (json) {
    nlohmann::ordered_json one{{"name", n.name},     {"address", n.address},  {"pool", n.pool},
                               {"status", n.status}, {"server", n.server_id}, {"reason", n.reason}};
    fmt::print("{}\n", one.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{} {} {} {} {}\n", n.name, n.address.empty() ? "dhcp" : n.address, verb,
               n.server_id.empty() ? "-" : n.server_id, n.reason);
  }
}

// Looks at the store until `done` says so. kFailed: the node failed, or the time is over.
int wait_for(Setup& setup, const std::string& name, const NodeOptions& options,
             const std::string& verb, bool (*done)(const NodeRecord&)) {
  Progress progress;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.timeout_s);
  while (true) {
    auto record = setup.store->node(name);
    if (!record) return failed(record.error());
    const NodeStatus status = *record ? status_of(setup.pools, **record) : NodeStatus{};
    if (!*record || done(**record)) {
      print_node(status, options.json, verb);
      return kOk;
    }
    if (status.status == "failed") {
      if (options.json) print_node(status, true, verb);
      complain(kProgram, fmt::format("{}: {}", name, status.reason));
      return kFailed;
    }
    if (std::chrono::steady_clock::now() >= end) {
      complain(kProgram,
               fmt::format("{}: still {} after {} s; the worker goes on, see 'tidepool status'",
                           name, status.status, options.timeout_s));
      return kFailed;
    }
    progress.show(fmt::format("{}: {} {}", name, status.status, status.reason));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

int create(const CommandLine& line, const NodeOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  NodeWish wish{options.name, options.pool, options.ip, {options.dns, ""}};
  for (const auto& server : options.dns)
    if (auto ip = Ipv4::parse(server); !ip) return failed(Error(ip.error()).context("--dns"));
  if (!options.slurm_conf.empty()) {
    auto text = read_file(options.slurm_conf, 48u << 10);  // it must fit into user_data
    if (!text) return failed(Error(text.error()).context("--slurm-conf"));
    wish.extras.slurm_conf = std::move(*text);
  }
  auto fit = candidates(setup->pools, wish);
  if (!fit) return failed(fit.error());
  // A user_data that is too large is found before anything is claimed.
  const auto place = setup->pools.find(fit->front().name);
  auto data = node_user_data(setup->pools, *place.pool, place.node->name, to_json(wish.extras));
  if (!data) return failed(data.error());
  if (options.dry_run) {
    auto nodes = list_status(setup->pools, *setup->store);
    if (!nodes) return failed(nodes.error());
    for (const auto& key : *fit)
      for (const auto& n : *nodes)
        if (n.name == key.name && n.status == "free") {
          print_node(n, options.json, "would be created");
          return kOk;
        }
    complain(kProgram, "no free node fits");
    return kFailed;
  }
  auto name = claim_node(setup->pools, *setup->store, wish);
  if (!name) return failed(name.error());
  if (auto started = start_worker(setup->pools.state.dir, config_path(line.common)); !started)
    return failed(started.error());
  if (options.no_wait) {
    auto record = setup->store->node(*name);
    if (!record || !*record) return kStore;
    print_node(status_of(setup->pools, **record), options.json, "wanted");
    return kOk;
  }
  return wait_for(*setup, *name, options, "created", [](const NodeRecord& r) {
    return !r.fresh_want() && !r.failure && r.active_since != Time{};
  });
}

int remove(const CommandLine& line, const NodeOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  std::vector<NodeKey> keys;
  for (const auto& name : options.names) {
    const auto place = setup->pools.find(name);
    auto record = setup->store->node(name);
    if (!record) return failed(record.error());
    if (place.pool == nullptr && !*record) {
      complain(kProgram,
               fmt::format("node '{}' is in no pool of {}", name, setup->pools.path.string()));
      return kUsage;
    }
    keys.push_back({name, place.pool != nullptr ? place.pool->name : (*record)->pool});
  }
  // Not even with --force: the hold would lose its server, and its jobs with it.
  auto holds = setup->store->holds();
  if (!holds) return failed(holds.error());
  for (const auto& key : keys) {
    for (const auto& hold : *holds) {
      const bool member = std::any_of(hold.nodes.begin(), hold.nodes.end(),
                                      [&](const HoldNode& node) { return node.node == key.name; });
      if (!member) continue;
      complain(kProgram, fmt::format("{}: is in {}; 'tidepool release {}' first", key.name,
                                     hold_in_words(hold), key.name));
      return kFailed;
    }
  }
  auto live = Live::connect(*setup);
  if (!live) return live.error();
  if (!options.force) {
    for (const auto& key : keys) {
      auto use = (*live)->wait(in_use((*live)->surroundings(), key.name));
      if (!use) {
        complain(kProgram, fmt::format("{}: slurmctld cannot be asked whether jobs run on it ({}); "
                                       "--force deletes it all the same",
                                       key.name, use.error().message));
        return kSlurm;
      }
      if (*use) {
        complain(kProgram, fmt::format("{}: {}; drain it first, or use --force", key.name, **use));
        return kFailed;
      }
    }
  }
  if (options.dry_run) {
    for (const auto& key : keys) fmt::print("{} would be deleted\n", key.name);
    return kOk;
  }
  if (auto wanted = setup->store->want(keys, Wanted::absent, "operator"); !wanted)
    return failed(wanted.error());
  if (auto started = start_worker(setup->pools.state.dir, config_path(line.common)); !started)
    return failed(started.error());
  if (options.no_wait) return kOk;
  int worst = kOk;
  for (const auto& key : keys)
    worst = std::max(worst, wait_for(*setup, key.name, options, "deleted", [](const NodeRecord& r) {
                       return !r.fresh_want() && r.wanted == Wanted::absent && !r.leased();
                     }));
  if (worst != kOk) return worst;
  // slurmctld must not wait for a slurmd that is gone: it powers the node down, which is done.
  std::vector<std::string> names;
  for (const auto& key : keys) names.push_back(key.name);
  auto told = (*live)->wait(forget_in_slurm((*live)->surroundings(), names));
  if (!told) {
    complain(kProgram,
             fmt::format("deleted, but slurmctld could not be told: {}", told.error().message));
    return kSlurm;
  }
  return kOk;
}

}  // namespace

void add_node(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand("node", "Make or delete a cluster VM by hand.");
  sub->require_subcommand(1);
  auto o = std::make_shared<NodeOptions>();

  auto* make =
      sub->add_subcommand("create", "Make a node's VM. Without NAME or --ip: the first free pair.");
  make->add_option("NAME", o->name, "node name");
  make->add_option("--pool", o->pool, "take it from this pool");
  make->add_option("--ip", o->ip, "take the node with this address");
  make->add_option("--dns", o->dns, "name servers for the VM's resolv.conf")->delimiter(',');
  make->add_option("--slurm-conf", o->slurm_conf,
                   "slurm.conf to put into the VM, instead of configless");
  make->add_flag("--dry-run", o->dry_run, "say which node it would be");
  make->add_flag("--no-wait", o->no_wait, "return as soon as the intent is on disk");
  make->add_option("--timeout", o->timeout_s, "seconds to wait (default 600)")
      ->check(CLI::Range(1, 86400));
  make->add_flag("--json", o->json, "for machines");
  make->callback([&line, o] { line.chosen = [&line, o] { return create(line, *o); }; });

  auto* del = sub->add_subcommand("delete", "Delete nodes' VMs; refused while jobs run on them.");
  del->add_option("NAME", o->names, "node names")->required();
  del->add_flag("--force", o->force, "even if jobs run on it, or slurmctld does not answer");
  del->add_flag("--dry-run", o->dry_run, "say what would be deleted");
  del->add_flag("--no-wait", o->no_wait, "return as soon as the intent is on disk");
  del->add_option("--timeout", o->timeout_s, "seconds to wait (default 600)")
      ->check(CLI::Range(1, 86400));
  del->add_flag("--json", o->json, "for machines");
  del->callback([&line, o] { line.chosen = [&line, o] { return remove(line, *o); }; });
}

}  // namespace tidepool
