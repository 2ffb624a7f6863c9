#include <fmt/format.h>

#include "base/fault_point.hpp"
#include "command.hpp"

namespace {

int run(int argc, char** argv) {
  using namespace tidepool;
  CLI::App app{
      "Elastic Slurm on OpenStack: starts, puts away and deletes the nodes' VMs, as\n"
      "slurmctld asks. See tidepool(8) and tidepool.yaml(5).",
      kProgram};
  app.set_version_flag("--version", TIDEPOOL_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // common options may follow the sub-command
  // docs/contributing.md, "Killed at a chosen place".
  if (const auto place = process_environment()("TIDEPOOL_KILL_AT")) arm_fault_point(*place);
  CommandLine line;
  app.add_option("--config", line.common.config,
                 "pool file (default: $TIDEPOOL_CONFIG, then /etc/tidepool/tidepool.yaml)");
  app.add_option("--log-format", line.common.log_format, "text or json (default: the pool file's)");
  app.add_option("--log-level", line.common.log_level, "debug, info, warning or error");
  app.add_flag("--log-stderr", line.common.log_to_stderr, "log to standard error too");
  for (const auto add :
       {add_check, add_slurm_conf, add_pool, add_status, add_work, add_node, add_hold, add_release,
        add_reclaim, add_reconcile, add_rebuild, add_probe, add_apply, add_simulate})
    add(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kOk : kUsage;
  }
  return line.chosen ? line.chosen() : static_cast<int>(kUsage);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    tidepool::complain(tidepool::kProgram, fmt::format("internal error: {}", e.what()));
    return tidepool::kFailed;
  }
}
