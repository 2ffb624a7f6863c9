#include "hook.hpp"

#include <fcntl.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/file.hpp"
#include "base/hostlist.hpp"
#include "setup.hpp"
#include "start_worker.hpp"

namespace tidepool {
namespace {

// slurmctld closes all descriptors of its programs: without this the first files that are opened
// would be standard output and error, and what is printed would be written into them.
void open_standard_files() {
  for (int fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) != fd) return;
}

// slurmctld removes the file about ten seconds after the start: read it before anything else.
std::optional<std::string> resume_file() {
  const auto path = process_environment()("SLURM_RESUME_FILE");
  if (!path || path->empty()) return std::nullopt;
  auto text = read_file(*path);
  if (!text) return std::nullopt;
  return std::move(*text);
}

int run(Hook hook, const std::string& program, const CommonOptions& options,
        const std::string& hostlist, bool start, const std::optional<std::string>& resume_json) {
  auto setup = set_up(program, options);
  if (!setup) return setup.error();
  auto report = take_intent(setup->pools, *setup->store, hook, hostlist, resume_json);
  if (!report) {
    complain(program, report.error().message);
    log_error(LogLevel::error, "intent not taken", report.error(), {{"hostlist", hostlist}});
    return report.error().kind == ErrorKind::invalid ? kUsage : kStore;
  }
  if (start && !report->taken.empty()) {
    auto started = start_worker(setup->pools.state.dir, config_path(options));
    // The intent is safe; the next hook or tidepool.service starts a worker.
    if (!started) log_error(LogLevel::error, "worker not started", started.error());
  }
  if (report->unknown.empty()) return kOk;
  complain(program, fmt::format("{}: in no pool of {}", format_hostlist(report->unknown),
                                setup->pools.path.string()));
  return kFailed;
}

}  // namespace

int hook_main(Hook hook, int argc, char** argv) {
  const std::string program = fmt::format("tidepool-{}", to_string(hook));
  try {
    open_standard_files();
    const auto resume_json = resume_file();
    CLI::App app{
        fmt::format("Writes down that slurmctld wants nodes {}; the worker does the rest.\n"
                    "Called by slurmctld as {}; see tidepool-resume(8).",
                    hook == Hook::resume ? "up" : "away",
                    hook == Hook::resume    ? "ResumeProgram"
                    : hook == Hook::suspend ? "SuspendProgram"
                                            : "ResumeFailProgram"),
        program};
    CommonOptions options;
    std::string hostlist;
    bool no_worker = false;
    app.set_version_flag("--version", TIDEPOOL_VERSION);
    app.add_option("--config", options.config,
                   "pool file (default: $TIDEPOOL_CONFIG, then "
                   "/etc/tidepool/tidepool.yaml)");
    app.add_option("--log-format", options.log_format, "text or json");
    app.add_flag("--no-worker", no_worker, "write the intent down only; start no worker");
    app.add_option("HOSTLIST", hostlist, "node names, as Slurm writes them: osg-[001-003]")
        ->required();
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      return app.exit(e) == 0 ? kOk : kUsage;
    }
    return run(hook, program, options, hostlist, !no_worker, resume_json);
  } catch (const std::exception& e) {
    complain(program, fmt::format("internal error: {}", e.what()));
    return kFailed;
  }
}

}  // namespace tidepool
