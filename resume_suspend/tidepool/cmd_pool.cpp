// tidepool pool: the mapping of names to addresses, with each one's status.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "output.hpp"
#include "work/journal.hpp"
#include "work/status.hpp"

namespace tidepool {
namespace {

struct PoolOptions {
  bool json = false, yaml = false;
  std::string pool;
};

std::string when(Time time) {
  return time == Time{} ? "" : format_time(time);
}

void print_json(const std::vector<NodeStatus>& nodes) {
  nlohmann::ordered_json all = nlohmann::json::array();
  for (const auto& n : nodes) {
    nlohmann::ordered_json one{
        {"pool", n.pool}, {"name", n.name}, {"address", n.address}, {"status", n.status}};
    one["server"] = n.server_id.empty() ? nlohmann::json(nullptr) : nlohmann::json(n.server_id);
    one["since"] = n.since == Time{} ? nlohmann::json(nullptr) : nlohmann::json(when(n.since));
    one["until"] = n.until == Time{} ? nlohmann::json(nullptr) : nlohmann::json(when(n.until));
    one["reason"] = n.reason.empty() ? nlohmann::json(nullptr) : nlohmann::json(n.reason);
    all.push_back(std::move(one));
  }
  fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_yaml(const std::vector<NodeStatus>& nodes) {
  YAML::Emitter out;
  out << YAML::BeginSeq;
  for (const auto& n : nodes) {
    out << YAML::BeginMap << YAML::Key << "pool" << YAML::Value << n.pool << YAML::Key << "name"
        << YAML::Value << n.name << YAML::Key << "address" << YAML::Value << n.address << YAML::Key
        << "status" << YAML::Value << n.status;
    if (!n.server_id.empty()) out << YAML::Key << "server" << YAML::Value << n.server_id;
    if (n.since != Time{}) out << YAML::Key << "since" << YAML::Value << when(n.since);
    if (n.until != Time{}) out << YAML::Key << "until" << YAML::Value << when(n.until);
    if (!n.reason.empty()) out << YAML::Key << "reason" << YAML::Value << n.reason;
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
  fmt::print("{}\n", out.c_str());
}

int list(const CommandLine& line, const PoolOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  if (!options.pool.empty() && setup->pools.pool(options.pool) == nullptr) {
    complain(kProgram, fmt::format("no pool '{}' in {}", options.pool, setup->pools.path.string()));
    return kUsage;
  }
  auto nodes = list_status(setup->pools, *setup->store);
  if (!nodes) {
    complain(kProgram, nodes.error().message);
    return kStore;
  }
  if (!options.pool.empty())
    std::erase_if(*nodes, [&](const NodeStatus& n) { return n.pool != options.pool; });
  if (options.json) return print_json(*nodes), kOk;
  if (options.yaml) return print_yaml(*nodes), kOk;
  std::vector<std::vector<std::string>> rows;
  for (const auto& n : *nodes)
    rows.push_back({n.pool, n.name, n.address.empty() ? "dhcp" : n.address, n.status,
                    n.server_id.empty() ? "-" : n.server_id,
                    n.since == Time{} ? "-" : when(n.since), n.reason});
  print_table({"POOL", "NODE", "ADDRESS", "STATUS", "SERVER", "SINCE", "REASON"}, rows);
  return kOk;
}

// Ends a pool's rest or protected mode by hand: an administrator has mended the cause.
int reset(const CommandLine& line, const PoolOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  if (setup->pools.pool(options.pool) == nullptr) {
    complain(kProgram, fmt::format("no pool '{}' in {}", options.pool, setup->pools.path.string()));
    return kUsage;
  }
  PoolState fresh;
  fresh.name = options.pool;
  if (auto saved = setup->store->save_pool(fresh); !saved) {
    complain(kProgram, saved.error().message);
    return kStore;
  }
  note(*setup->store, LogLevel::info, {"", "pool reset", options.pool, "", ""});
  fmt::print("pool {}: may create servers again\n", options.pool);
  return kOk;
}

}  // namespace

void add_pool(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand("pool", "Show the pools' nodes, or end a pool's rest.");
  sub->require_subcommand(1);
  auto options = std::make_shared<PoolOptions>();

  auto* list_sub = sub->add_subcommand("list", "Every node: address, status, server, since when.");
  list_sub->add_option("POOL", options->pool, "only this pool");
  auto* json = list_sub->add_flag("--json", options->json, "for machines");
  list_sub->add_flag("--yaml", options->yaml, "for machines")->excludes(json);
  list_sub->callback(
      [&line, options] { line.chosen = [&line, options] { return list(line, *options); }; });

  auto* reset_sub = sub->add_subcommand("reset", "End a pool's rest or protected mode now.");
  reset_sub->add_option("POOL", options->pool, "the pool")->required();
  reset_sub->callback(
      [&line, options] { line.chosen = [&line, options] { return reset(line, *options); }; });
}

}  // namespace tidepool
