// tidepool reconcile: orphans, duplicates, strays.
#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/lock.hpp"
#include "command.hpp"
#include "live.hpp"
#include "output.hpp"
#include "start_worker.hpp"
#include "work/orphans.hpp"

namespace tidepool {
namespace {

struct ReconcileOptions {
  bool dry_run = false, json = false;
  std::string grace;
};

struct Outcome {
  std::vector<Orphan> orphans;
  std::vector<std::string> deleted;
};

Task<Result<Outcome>> reconcile(Surroundings& s, Millis grace, bool dry_run) {
  PoolIdCache ids(s);
  Failures failures(s);
  Actions actions(s, failures, ids);
  SlurmSide slurm(s, failures, actions);
  Orphans sweeper(s, slurm);
  const Time began = now();
  auto servers = co_await s.cloud.compute().list_servers();
  if (!servers) co_return tl::unexpected(servers.error());
  auto records = s.store.nodes();
  if (!records) co_return tl::unexpected(records.error());
  const Inventory inventory(s.pools.cluster, std::move(*servers), began);
  Outcome outcome;
  outcome.orphans = Orphans::find(inventory, *records);
  // Several servers with one lease: all but the one that the worker keeps.
  for (const auto& record : *records) {
    for (const auto* server : inventory.view(record).duplicates)
      outcome.orphans.push_back({server->id, server->name, record.name, record.lease_id,
                                 server->status, "duplicate of server " + record.server_id,
                                 server->created, false});
  }
  if (auto judged = co_await sweeper.judge(outcome.orphans, *records, grace); !judged)
    co_return tl::unexpected(judged.error());
  if (dry_run) co_return outcome;
  auto gone = co_await sweeper.remove_due(outcome.orphans);
  if (!gone) co_return tl::unexpected(gone.error());
  outcome.deleted = std::move(*gone);
  co_return outcome;
}

void print(const Outcome& outcome, const ReconcileOptions& options) {
  const auto word = [&](const Orphan& o) {
    if (std::find(outcome.deleted.begin(), outcome.deleted.end(), o.server_id) !=
        outcome.deleted.end())
      return "deleted";
    return o.due ? "would be deleted" : "kept for now";
  };
  if (options.json) {
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const auto& o : outcome.orphans)
      all.push_back({{"server", o.server_id},
                     {"name", o.name},
                     {"node", o.node},
                     {"lease", o.lease_id},
                     {"status", o.status},
                     {"created", format_time(o.created)},
                     {"why", o.why},
                     {"action", word(o)}});
    fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  if (outcome.orphans.empty()) {
    fmt::print("no orphans\n");
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& o : outcome.orphans)
    rows.push_back({o.server_id, o.node, o.status, format_time(o.created), word(o), o.why});
  print_table({"SERVER", "NODE", "STATUS", "CREATED", "ACTION", "WHY"}, rows);
}

int run_reconcile(const CommandLine& line, const ReconcileOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  Millis grace = setup->pools.policy.orphan_grace;
  if (!options.grace.empty()) {
    auto given = parse_duration(options.grace);
    if (!given) {
      complain(kProgram, "--grace: " + given.error().message);
      return kUsage;
    }
    grace = *given;
  }
  std::optional<FileLock> lock;
  if (!options.dry_run) {
    // The worker's deletes and ours would only repeat each other, but one at a time is the rule.
    auto taken = FileLock::lock(worker_lock(setup->pools.state.dir), std::chrono::seconds(60));
    if (!taken) {
      complain(kProgram, taken.error().message +
                             " (a worker deletes orphans by itself; --dry-run "
                             "shows them meanwhile)");
      return kFailed;
    }
    lock.emplace(std::move(*taken));
  }
  auto live = Live::connect(*setup);
  if (!live) return live.error();
  auto outcome = (*live)->wait(reconcile((*live)->surroundings(), grace, options.dry_run));
  if (!outcome) {
    complain(kProgram, outcome.error().message);
    return exit_code_of(outcome.error());
  }
  print(*outcome, options);
  return kOk;
}

}  // namespace

void add_reconcile(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "reconcile",
      "Find servers of this cluster that no lease claims; delete them after a grace period.\n"
      "Servers of other clusters, or without tidepool's metadata, are never touched.");
  auto options = std::make_shared<ReconcileOptions>();
  sub->add_flag("--dry-run", options->dry_run, "only show them");
  sub->add_option("--grace", options->grace,
                  "age at which one is deleted (default: policy.orphan_grace)");
  sub->add_flag("--json", options->json, "for machines");
  sub->callback([&line, options] {
    line.chosen = [&line, options] { return run_reconcile(line, *options); };
  });
}

}  // namespace tidepool
