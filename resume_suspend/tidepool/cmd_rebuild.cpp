// tidepool rebuild: the store is lost; make it again from the cloud.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/hostlist.hpp"
#include "base/lock.hpp"
#include "command.hpp"
#include "live.hpp"
#include "start_worker.hpp"
#include "work/rebuild.hpp"

namespace tidepool {
namespace {

struct RebuildOptions {
  bool dry_run = false, json = false;
};

void print(const RebuildReport& report, const RebuildOptions& options) {
  if (options.json) {
    nlohmann::ordered_json root{{"dry_run", options.dry_run},
                                {"restored", report.restored},
                                {"kept", report.kept},
                                {"holds", report.holds},
                                {"left", nlohmann::json::array()}};
    for (const auto& l : report.left)
      root["left"].push_back({{"server", l.server_id}, {"node", l.node}, {"why", l.why}});
    fmt::print("{}\n", root.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  fmt::print("{}: {} ({})\n", options.dry_run ? "would be restored" : "restored",
             report.restored.size(), format_hostlist(report.restored));
  if (!report.kept.empty())
    fmt::print("in the store already: {} ({})\n", report.kept.size(), format_hostlist(report.kept));
  if (!report.holds.empty())
    fmt::print("holds: {} ({})\n", report.holds.size(), fmt::join(report.holds, ", "));
  for (const auto& l : report.left)
    fmt::print("left alone: server {} ({}): {}\n", l.server_id, l.node, l.why);
}

int run_rebuild(const CommandLine& line, const RebuildOptions& options) {
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  auto lock = FileLock::lock(worker_lock(setup->pools.state.dir), std::chrono::seconds(60));
  if (!lock) {
    complain(kProgram, lock.error().message + "; stop tidepool.service first");
    return kFailed;
  }
  auto live = Live::connect(*setup);
  if (!live) return live.error();
  auto report = (*live)->wait(rebuild((*live)->surroundings(), options.dry_run));
  if (!report) {
    complain(kProgram, report.error().message);
    return exit_code_of(report.error());
  }
  print(*report, options);
  { const auto let_go = std::move(*lock); }
  if (!options.dry_run && (!report->restored.empty() || !report->holds.empty())) {
    auto started = start_worker(setup->pools.state.dir, config_path(line.common));
    if (!started) complain(kProgram, started.error().message);
  }
  return report->left.empty() ? kOk : kFailed;
}

}  // namespace

void add_rebuild(CLI::App& app, CommandLine& line) {
  auto* sub =
      app.add_subcommand("rebuild",
                         "The store is lost: make it again from the servers' metadata.\n"
                         "Changes nothing in the cloud; exit code 1 if a server was left alone.");
  auto options = std::make_shared<RebuildOptions>();
  sub->add_flag("--dry-run", options->dry_run, "only show what would be restored");
  sub->add_flag("--json", options->json, "for machines");
  sub->callback(
      [&line, options] { line.chosen = [&line, options] { return run_rebuild(line, *options); }; });
}

}  // namespace tidepool
