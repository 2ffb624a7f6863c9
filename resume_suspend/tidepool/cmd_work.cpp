// tidepool work: the worker.
#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "base/fault_point.hpp"
#include "base/lock.hpp"
#include "command.hpp"
#include "live.hpp"
#include "start_worker.hpp"
#include "work/worker.hpp"

namespace tidepool {
namespace {

struct WorkOptions {
  bool stay = false;
};

int converge(Setup& setup, const WorkOptions& options) {
  const auto lock_path = worker_lock(setup.pools.state.dir);
  while (true) {
    // A hook that tests whether a worker runs holds the lock for microseconds: try for longer.
    auto lock = FileLock::lock(
        lock_path, options.stay ? std::chrono::hours(24 * 365) : std::chrono::milliseconds(300));
    if (!lock) {
      if (lock.error().kind == ErrorKind::timeout) {
        log_event(LogLevel::debug, "another worker runs",
                  {{"pid", fmt::format("{}", FileLock::holder(lock_path))}});
        return kOk;  // it will see whatever we would have seen
      }
      complain(kProgram, lock.error().message);
      return kStore;
    }
    fault_point("work.start");
    auto live = Live::connect(setup);
    if (!live) return live.error();
    Worker worker((*live)->surroundings());
    boost::asio::signal_set signals((*live)->context(), SIGTERM, SIGINT);
    bool asked_to_stop = false;
    signals.async_wait([&](const boost::system::error_code& ec, int) {
      if (ec) return;
      asked_to_stop = true;
      worker.stop();
    });
    log_event(LogLevel::info, "worker starts", {{"stay", options.stay ? "yes" : "no"}});
    if (options.stay) ::sd_notify(0, "READY=1");
    auto result = (*live)->wait(worker.run({options.stay}));
    if (!result) {
      log_error(LogLevel::error, "worker ends", result.error());
      complain(kProgram, result.error().message);
      return exit_code_of(result.error());
    }
    log_event(LogLevel::info, "worker ends",
              {{"why", asked_to_stop ? "signal" : "nothing is left"}});
    if (asked_to_stop) return kOk;
    { const auto let_go = std::move(*lock); }
    auto idle = worker.nothing_left();
    if (idle && *idle) return kOk;
  }
}

}  // namespace

void add_work(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "work",
      "Converge what is wanted and what is, until nothing is left to do.\n"
      "Hooks start it; a second one ends at once. --stay is for tidepool.service.");
  auto options = std::make_shared<WorkOptions>();
  sub->add_flag("--stay", options->stay,
                "keep running: notice vanished servers, orphans, lost intents");
  sub->callback([&line, options] {
    line.chosen = [&line, options] {
      auto setup = set_up(kProgram, line.common);
      if (!setup) return setup.error();
      return converge(*setup, *options);
    };
  });
}

}  // namespace tidepool
