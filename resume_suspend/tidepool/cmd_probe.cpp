// tidepool probe: what does this cloud give back when a server is held?
#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "base/file.hpp"
#include "base/lock.hpp"
#include "command.hpp"
#include "live.hpp"
#include "probe_table.hpp"
#include "work/probe.hpp"
#include "work/probe_file.hpp"

namespace tidepool {
namespace {

struct ProbeOptions {
  std::string pool, step_limit = "10m", time_limit = "1h", guest_wait = "2m";
  bool json = false, dry_run = false, clean_up = false;
};

void say(const std::string& text) {
  complain("tidepool probe", text);
}

const Pool* choose_pool(const PoolFile& pools, const std::string& name) {
  if (name.empty()) return &pools.pools.front();
  if (const Pool* pool = pools.pool(name)) return pool;
  std::string known;
  for (const auto& pool : pools.pools) known += (known.empty() ? "" : ", ") + pool.name;
  complain(kProgram, fmt::format("--pool: the pool file has no pool {}; it has {}", name, known));
  return nullptr;
}

bool read_time(const char* option, const std::string& text, Millis& out) {
  auto time = parse_duration(text);
  if (!time) complain(kProgram, fmt::format("{}: {}", option, time.error().message));
  if (time) out = *time;
  return time.has_value();
}

class Run {
 public:
  Run(Setup& setup, CloudSettings cloud, Probe::Settings settings, const ProbeOptions& options)
      : setup_(setup),
        options_(options),
        cloud_(context_, std::move(cloud), setup.pools.state.dir / "cache"),
        probe_(context_, setup.pools, cloud_, std::move(settings)),
        signals_(context_, SIGINT, SIGTERM, SIGHUP) {
    listen();
  }

  int go() {
    if (auto ready = wait_on(context_, probe_.prepare()); !ready) return failed(ready.error());
    const auto intent = load_intent(dir());
    if (intent && !intent->cloud.empty() && intent->cloud != probe_.report().cloud)
      return failed(
          fail(ErrorKind::conflict,
               fmt::format("a probe of cloud {} was killed on {} and left something there; "
                           "clean up with that cloud in the pool file, or delete {}",
                           intent->cloud, format_time(intent->begun),
                           (dir() / "probe.intent").string()))
              .value());
    if (options_.dry_run) return dry_run();
    const Time in_doubt = intent ? intent->create_begun : Time{};
    auto earlier = wait_on(context_, remove_probe_things(cloud_, setup_.pools.cluster,
                                                         std::chrono::minutes(5), in_doubt));
    if (!earlier) return failed(std::move(earlier.error()).context("an earlier probe's remains"));
    if (*earlier > 0) say(fmt::format("removed {} things that an earlier probe left", *earlier));
    if (options_.clean_up) {
      if (auto gone = remove_intent(dir()); !gone) return failed(gone.error());
      if (*earlier == 0) say("nothing is left of a probe");
      return kOk;
    }
    return measure();
  }

 private:
  const std::filesystem::path& dir() const { return setup_.pools.state.dir; }

  // The first signal ends the measuring; what was made is then removed. The second one ends us.
  void listen() {
    signals_.async_wait([this](const boost::system::error_code& ec, int signal) {
      if (ec) return;
      if (signalled_) {
        say("left as it is; 'tidepool probe --clean-up' removes it");
        ::_exit(128 + signal);
      }
      signalled_ = true;
      say("interrupted: cleaning up; interrupt again to leave everything as it is");
      probe_.stop("interrupted");
      listen();
    });
  }

  int failed(Error error) {
    const auto& cloud = cloud_.session().settings();
    if (error.kind == ErrorKind::auth) {
      const auto& file = setup_.pools.cloud.config;
      error.message += fmt::format("; mend the credentials of cloud {} in {}", cloud.name,
                                   file.empty() ? "clouds.yaml" : file.string());
    }
    complain(kProgram, error.message);
    return error.kind == ErrorKind::auth ? static_cast<int>(kCloud) : exit_code_of(error);
  }

  int dry_run() {
    auto left = wait_on(context_, find_probe_things(cloud_, setup_.pools.cluster));
    if (!left) return failed(left.error());
    const auto& r = probe_.report();
    fmt::print(
        "Would make, one after the other, up to two servers of flavor {} from image {} on network "
        "{}\nin project {} of cloud {}, and put them through pause, suspend, stop, shelve, "
        "shelve-offload,\nsnapshot+delete and delete. Everything is removed afterwards.\n",
        r.flavor, r.image, r.network, r.project, r.cloud);
    for (const auto& server : left->servers)
      fmt::print("Would remove server {} ({}), which an earlier probe left.\n", server.name,
                 server.id);
    for (const auto& image : left->images)
      fmt::print("Would remove image {} ({}), which an earlier probe left.\n", image.name,
                 image.id);
    return kOk;
  }

  int measure() {
    const auto done = wait_on(context_, probe_.run());
    const auto cleaned = wait_on(context_, probe_.clean_up());
    int code = kOk;
    if (!done) {
      code = failed(done.error());
      if (signalled_) code = kFailed;
      if (!probe_.report().measures.empty()) say("what was measured until then is not stored");
    }
    if (!cleaned) {
      complain(kProgram,
               cleaned.error().message +
                   "; 'tidepool probe --clean-up' goes on with that, and the worker does");
      code = code == kOk ? static_cast<int>(kFailed) : code;
    }
    if (done) {
      if (auto saved = save_probe(dir(), probe_.report(), options_.pool.empty()); !saved) {
        complain(kProgram, saved.error().message);
        code = kStore;
      }
    }
    if (!probe_.report().measures.empty()) show(done.has_value());
    return code;
  }

  void show(bool complete) {
    if (!options_.json) {
      print_probe(probe_.report());
      return;
    }
    auto json = probe_json(probe_.report());
    json["complete"] = complete;
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  Setup& setup_;
  const ProbeOptions& options_;
  boost::asio::io_context context_;
  openstack::Cloud cloud_;
  Probe probe_;
  boost::asio::signal_set signals_;
  bool signalled_ = false;
};

int probe(const CommandLine& line, const ProbeOptions& options) {
  Probe::Settings settings;
  if (!read_time("--step-limit", options.step_limit, settings.step_limit) ||
      !read_time("--time-limit", options.time_limit, settings.time_limit) ||
      !read_time("--guest-wait", options.guest_wait, settings.guest_wait))
    return kUsage;
  auto setup = set_up(kProgram, line.common, false);
  if (!setup) return setup.error();
  settings.pool = choose_pool(setup->pools, options.pool);
  if (settings.pool == nullptr) return kUsage;
  settings.progress = say;
  std::vector<Diagnostic> notes;
  const auto& section = setup->pools.cloud;
  auto cloud =
      load_cloud({section.config, section.name, section.strict}, process_environment(), notes);
  for (const auto& n : notes) log_event(LogLevel::warning, to_string(n));
  if (!cloud) {
    complain(kProgram, cloud.error().message);
    return kConfig;
  }
  const auto& dir = setup->pools.state.dir;
  if (auto made = make_private_folder(dir); !made) {
    complain(kProgram, made.error().message);
    return kStore;
  }
  auto lock = FileLock::try_lock(probe_lock(dir));
  if (!lock) {
    const bool busy = lock.error().kind == ErrorKind::busy;
    complain(kProgram, busy ? fmt::format("another probe runs (process {})",
                                          FileLock::holder(probe_lock(dir)))
                            : lock.error().message);
    return busy ? kFailed : kStore;
  }
  Run run(*setup, std::move(*cloud), std::move(settings), options);
  return run.go();
}

}  // namespace

void add_probe(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "probe",
      "Find out what this cloud gives back when a server is held, with servers of its own: for\n"
      "each of pause, suspend, stop, shelve, shelve-offload, snapshot+delete and delete what\n"
      "becomes of processes, placement, quota and address, how long it takes, and who may. The\n"
      "result is stored for holds and for 'tidepool check'. Everything it makes is removed.");
  auto options = std::make_shared<ProbeOptions>();
  sub->add_option("--pool", options->pool,
                  "the pool whose flavor, image and network are used, and whom the result is for\n"
                  "(default: the first one's, for all pools)");
  sub->add_flag("--json", options->json, "for machines");
  sub->add_flag("--dry-run", options->dry_run, "only say what would be made");
  sub->add_flag("--clean-up", options->clean_up, "only remove what a killed probe left");
  sub->add_option("--step-limit", options->step_limit, "longest time for one action")
      ->capture_default_str();
  sub->add_option("--time-limit", options->time_limit, "longest time for all")
      ->capture_default_str();
  sub->add_option("--guest-wait", options->guest_wait,
                  "how long to wait for the guest's word on its console; 0: do not ask it")
      ->capture_default_str();
  sub->callback(
      [&line, options] { line.chosen = [&line, options] { return probe(line, *options); }; });
}

}  // namespace tidepool
