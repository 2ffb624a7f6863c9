// tidepool status: how the cluster's nodes are, what rests, what happened last.
#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/hostlist.hpp"
#include "base/lock.hpp"
#include "command.hpp"
#include "hold_output.hpp"
#include "output.hpp"
#include "reclaim_output.hpp"
#include "start_worker.hpp"
#include "work/apply_record.hpp"
#include "work/status.hpp"

namespace tidepool {
namespace {

struct StatusOptions {
  bool json = false;
  int events = 10;
  std::string node;
};

struct Picture {
  std::vector<NodeStatus> nodes;
  std::vector<PoolState> pools;
  std::vector<HoldRecord> holds;
  std::vector<ReclaimRecord> requests;  // for room, that go on
  std::vector<Event> events;
  int worker_pid = 0;  // 0: none runs
  std::string apply;   // the step at which one stands that nobody carries on; empty: none does
};

Result<Picture> look(Setup& setup, const StatusOptions& options) {
  Picture p;
  auto nodes = list_status(setup.pools, *setup.store);
  if (!nodes) return tl::unexpected(nodes.error());
  p.nodes = std::move(*nodes);
  for (const auto& pool : setup.pools.pools) {
    auto state = setup.store->pool(pool.name);
    if (!state) return tl::unexpected(state.error());
    p.pools.push_back(std::move(*state));
  }
  auto holds = setup.store->holds();
  if (!holds) return tl::unexpected(holds.error());
  p.holds = std::move(*holds);
  auto requests = setup.store->reclaims();
  if (!requests) return tl::unexpected(requests.error());
  p.requests = std::move(*requests);
  auto events = setup.store->events(options.events, options.node);
  if (!events) return tl::unexpected(events.error());
  p.events = std::move(*events);
  if (!FileLock::is_held(setup.pools.state.dir / "apply.lock"))
    if (auto apply = load_apply(setup.pools.state.dir); apply && *apply)
      p.apply = std::string(to_string((*apply)->step));
  const auto lock = worker_lock(setup.pools.state.dir);
  // Only a look: a hook that comes at this moment must not take us for a worker and start none.
  const int holder = FileLock::holder(lock);
  if (FileLock::is_held(lock)) p.worker_pid = holder;
  return p;
}

void print_json(const PoolFile& pools, const Picture& p) {
  nlohmann::ordered_json root{{"cluster", pools.cluster}};
  root["worker"] = p.worker_pid != 0 ? nlohmann::json(p.worker_pid) : nlohmann::json(nullptr);
  for (const auto& state : p.pools) {
    nlohmann::ordered_json one;
    std::map<std::string, int> counts;
    for (const auto& n : p.nodes)
      if (n.pool == state.name) ++counts[n.status];
    one["nodes"] = counts;
    const bool rests = state.rest_until > now();
    one["rests_until"] =
        rests ? nlohmann::json(format_time(state.rest_until)) : nlohmann::json(nullptr);
    one["rest_reason"] = rests ? nlohmann::json(state.rest_reason) : nlohmann::json(nullptr);
    one["boot_failures"] = state.boot_failures;
    root["pools"][state.name] = std::move(one);
  }
  root["unfinished_apply"] = p.apply.empty() ? nlohmann::json(nullptr) : nlohmann::json(p.apply);
  root["holds"] = nlohmann::json::array();
  for (const auto& hold : p.holds) root["holds"].push_back(hold_json(pools, hold));
  root["requests"] = nlohmann::json::array();
  for (const auto& request : p.requests) root["requests"].push_back(reclaim_json(request));
  root["failed"] = nlohmann::json::array();
  for (const auto& n : p.nodes)
    if (n.status == "failed")
      root["failed"].push_back(
          {{"node", n.name}, {"reason", n.reason}, {"until", format_time(n.until)}});
  root["events"] = nlohmann::json::array();
  for (const auto& e : p.events)
    root["events"].push_back({{"time", format_time(e.at)},
                              {"node", e.node},
                              {"event", e.what},
                              {"detail", e.detail},
                              {"server", e.server_id},
                              {"request_id", e.request_id}});
  fmt::print("{}\n", root.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_text(const PoolFile& pools, const Picture& p) {
  fmt::print("cluster {}, {}\n\n", pools.cluster,
             p.worker_pid != 0 ? fmt::format("worker runs (process {})", p.worker_pid)
                               : "no worker runs (hooks start one)");
  if (!p.apply.empty())
    fmt::print(
        "an apply was interrupted at step {}: 'tidepool apply' finishes it, --undo undoes it\n\n",
        p.apply);
  static const std::vector<std::string> kStatus{"free",    "creating", "booting",   "up",
                                                "holding", "held",     "returning", "leaving",
                                                "parked",  "failed",   "stranded"};
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> head{"POOL"};
  head.insert(head.end(), kStatus.begin(), kStatus.end());
  for (const auto& state : p.pools) {
    std::vector<std::string> row{state.name};
    for (const auto& status : kStatus) {
      const auto n = std::count_if(p.nodes.begin(), p.nodes.end(), [&](const NodeStatus& s) {
        return s.pool == state.name && s.status == status;
      });
      row.push_back(fmt::format("{}", n));
    }
    rows.push_back(std::move(row));
  }
  print_table(head, rows);
  for (const auto& state : p.pools)
    if (state.rest_until > now())
      fmt::print("\npool {} rests until {}: {}\n", state.name, format_time(state.rest_until),
                 state.rest_reason);
  std::map<std::string, std::vector<std::string>> failed;
  for (const auto& n : p.nodes)
    if (n.status == "failed")
      failed[n.reason + " (until " + format_time(n.until) + ")"].push_back(n.name);
  for (const auto& [reason, names] : failed)
    fmt::print("\nfailed: {}\n  {}\n", format_hostlist(names), reason);
  if (!p.requests.empty()) fmt::print("\n");
  print_reclaims(p.requests);
  print_holds(pools, p.holds);
  if (p.events.empty()) return;
  fmt::print("\n");
  rows.clear();
  for (const auto& e : p.events) {
    std::string detail = e.detail;
    for (char& c : detail)
      if (c == '\n') c = ' ';
    if (detail.size() > 100) detail = detail.substr(0, 97) + "...";
    rows.push_back({format_time(e.at), e.node, e.what, detail});
  }
  print_table({"TIME", "NODE", "EVENT", "DETAIL"}, rows);
}

int status(const CommandLine& line, const StatusOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  auto picture = look(*setup, options);
  if (!picture) {
    complain(kProgram, picture.error().message);
    return kStore;
  }
  options.json ? print_json(setup->pools, *picture) : print_text(setup->pools, *picture);
  return kOk;
}

}  // namespace

void add_status(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "status", "Nodes by pool and status, failures with their reason, last events.");
  auto options = std::make_shared<StatusOptions>();
  sub->add_flag("--json", options->json, "for machines");
  sub->add_option("-n,--events", options->events, "how many events (default 10)")
      ->check(CLI::Range(0, 20000));
  sub->add_option("--node", options->node, "only this node's events");
  sub->callback(
      [&line, options] { line.chosen = [&line, options] { return status(line, *options); }; });
}

}  // namespace tidepool
