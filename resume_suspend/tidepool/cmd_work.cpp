// tidepool work: the worker.
#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/fault_point.hpp"
#include "base/lock.hpp"
#include "cloud_watch.hpp"
#include "command.hpp"
#include "live.hpp"
#include "start_worker.hpp"
#include "successor.hpp"
#include "work/worker.hpp"

namespace tidepool {
namespace {

struct WorkOptions {
  bool stay = false;
};

// As long as `tidepool apply` wants it so; then anew, with the pool file as it is now. Returns only
// when nobody wanted a rest.
void rest(const PoolFile& pools) {
  const auto lock = rest_lock(pools.state.dir);
  if (!FileLock::is_held(lock)) return;
  log_event(LogLevel::info, "worker rests",
            {{"for", fmt::format("process {}", FileLock::holder(lock))}});
  while (FileLock::is_held(lock)) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  exec_as_this("/proc/self/exe");
  complain(kProgram, fmt::format("cannot begin anew: {}", std::strerror(errno)));
  std::exit(kFailed);
}

// What this worker has asked the cloud for, a line a kind: whose quota of requests is short, or
// whose cloud is slow, wants to know.
void log_requests(openstack::Cloud& cloud) {
  for (const auto& [route, count] : cloud.counts())
    log_event(LogLevel::info, "requests sent",
              {{"route", route}, {"count", fmt::format("{}", count)}});
}

struct Turn {
  enum class Then { end, again, hand_over };
  Then then = Then::end;
  int code = kOk;  // of `end`
};

// One worker's life under the lock. What it stands on (the cloud's connections, signals that it
// catches) is gone when it returns.
Turn take_turn(Setup& setup, const WorkOptions& options, Successor& successor) {
  using enum Turn::Then;
  const auto lock_path = worker_lock(setup.pools.state.dir);
  const auto wants_rest = [&] { return FileLock::is_held(rest_lock(setup.pools.state.dir)); };
  // A hook that tests whether a worker runs holds the lock for microseconds: try for longer.
  auto lock = FileLock::lock(
      lock_path, options.stay ? std::chrono::hours(24 * 365) : std::chrono::milliseconds(300));
  if (!lock) {
    if (lock.error().kind == ErrorKind::timeout) {
      if (wants_rest()) return {again};
      log_event(LogLevel::debug, "another worker runs",
                {{"pid", fmt::format("{}", FileLock::holder(lock_path))}});
      return {end};  // it will see whatever we would have seen
    }
    complain(kProgram, lock.error().message);
    return {end, kStore};
  }
  // It may have been a long wait, and the pool file another one since.
  if (auto fresh = load_pool_file(setup.pools.path)) setup.pools = std::move(*fresh);
  fault_point("work.start");
  CloudWatch credentials(setup.pools);
  bool other_cloud = false;  // then the connection is made anew
  auto live = Live::connect(setup);
  if (!live) return {end, live.error()};
  Worker worker((*live)->surroundings());
  boost::asio::signal_set signals((*live)->context(), SIGTERM, SIGINT);
  bool asked_to_stop = false;
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    asked_to_stop = true;
    worker.stop();
  });
  log_event(LogLevel::info, "worker starts",
            {{"stay", options.stay ? "yes" : "no"}, {"version", TIDEPOOL_VERSION}});
  if (options.stay) ::sd_notify(0, "READY=1");
  const auto rest_or_end = [&] {
    return wants_rest() || successor.waits() ||
           (other_cloud = other_cloud || credentials.changed());
  };
  auto result = (*live)->wait(worker.run({options.stay, rest_or_end}));
  log_requests((*live)->surroundings().cloud);
  if (!result) {
    log_error(LogLevel::error, "worker ends", result.error());
    complain(kProgram, result.error().message);
    return {end, exit_code_of(result.error())};
  }
  const bool rests = !asked_to_stop && wants_rest();
  const bool replaced = !asked_to_stop && !rests && successor.waits();
  log_event(LogLevel::info, "worker ends",
            {{"why", asked_to_stop ? "signal"
                     : rests       ? "it shall rest"
                     : replaced    ? "another program is in its place"
                     : other_cloud ? "clouds.yaml has changed; the next one reads it"
                                   : "nothing is left"}});
  if (asked_to_stop) return {end};
  { const auto let_go = std::move(*lock); }
  if (rests || (other_cloud && !replaced)) return {again};
  if (replaced) return {hand_over};
  auto idle = worker.nothing_left();
  return {idle && *idle ? end : again};
}

int converge(Setup& setup, const WorkOptions& options) {
  Successor successor;
  while (true) {
    rest(setup.pools);
    const Turn turn = take_turn(setup, options, successor);
    if (turn.then == Turn::Then::end) return turn.code;
    if (turn.then == Turn::Then::hand_over) successor.take_over();
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
