// tidepool reclaim: opportunistic jobs step aside until there is room.
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <thread>

#include "command.hpp"
#include "live.hpp"
#include "output.hpp"
#include "reclaim_output.hpp"
#include "start_worker.hpp"
#include "work/reclaim_request.hpp"

namespace tidepool {
namespace {

struct ReclaimOptions {
  std::string cores, ram, nodes, from, book, keep, deadline;
  bool wait = false, dry_run = false, json = false, list = false;
  int ended = 0;
  std::int64_t cancel = 0;
};

// How much longer than the deadline a worker is waited for that has not said anything.
constexpr Millis kWorkersLast{60'000};

// Before the rights of whoever runs this are given up.
std::string own_name() {
  const auto* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : fmt::format("uid {}", ::getuid());
}

tl::expected<ReclaimRecord, int> read_words(const PoolFile& pools, const ReclaimOptions& o,
                                            std::string by) {
  ReclaimRecord r = new_request(pools.reclaim, std::move(by), now());
  for (const auto& [key, value] : {std::pair<const char*, const std::string&>{"cores", o.cores},
                                   {"ram", o.ram},
                                   {"nodes", o.nodes},
                                   {"from", o.from},
                                   {"book", o.book},
                                   {"keep", o.keep},
                                   {"deadline", o.deadline}}) {
    if (value.empty()) continue;
    if (auto done = set_word(r, key, value); !done) {
      complain(kProgram, "--" + done.error().message);
      return tl::unexpected<int>(kUsage);
    }
  }
  if (auto good = check_request(r); !good) {
    complain(kProgram, "reclaim: name --cores, --ram or --nodes (or --list, --cancel ID)");
    return tl::unexpected<int>(kUsage);
  }
  return r;
}

void print_json(const nlohmann::ordered_json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

int list(Setup& setup, bool json, int ended) {
  auto all = setup.store->reclaims(ended);
  if (!all) return complain(kProgram, all.error().message), static_cast<int>(kStore);
  if (json) {
    auto array = nlohmann::ordered_json::array();
    for (const auto& r : *all) array.push_back(reclaim_json(r));
    print_json(array);
  } else if (all->empty()) {
    fmt::print("nobody asks for room\n");
  } else {
    print_reclaims(*all);
  }
  return kOk;
}

int cancel(Setup& setup, const CommandLine& line, std::int64_t id, const std::string& by) {
  if (auto done = setup.store->cancel_reclaim(id, by); !done) {
    complain(kProgram, done.error().message);
    return done.error().kind == ErrorKind::not_found ? static_cast<int>(kFailed)
                                                     : static_cast<int>(kStore);
  }
  auto started = start_worker(setup.pools.state.dir, config_path(line.common));
  if (!started) return complain(kProgram, started.error().message), static_cast<int>(kFailed);
  fmt::print("request {}: cancelled; who stepped aside for it returns when there is room\n", id);
  return kOk;
}

tl::expected<Forecast, int> look_ahead(Setup& setup, const ReclaimRecord& request) {
  auto live = Live::connect(setup);
  if (!live) return tl::unexpected(live.error());
  Progress progress;
  progress.show("asking slurmctld and the cloud");
  auto made = (*live)->wait(forecast((*live)->surroundings(), request));
  if (made) return *made;
  complain(kProgram, made.error().error.message);
  switch (made.error().from) {
    case LookError::From::slurm:
      return tl::unexpected<int>(kSlurm);
    case LookError::From::store:
      return tl::unexpected<int>(kStore);
    case LookError::From::cloud:
      break;
  }
  return tl::unexpected<int>(kCloud);
}

// Until the room is there, or is known not to come.
int wait_for_room(Setup& setup, ReclaimRecord r, bool json) {
  Progress progress;
  while (true) {
    auto found = setup.store->reclaim(r.id);
    if (!found) return complain(kProgram, found.error().message), static_cast<int>(kStore);
    if (*found) r = **found;
    const bool silent = r.step == ReclaimStep::open && now() > r.deadline + kWorkersLast;
    if (r.step == ReclaimStep::open && !silent) {
      progress.show(fmt::format("request {}: {}", r.id, r.note.empty() ? "open" : r.note));
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      continue;
    }
    if (json)
      print_json(reclaim_json(r));
    else
      fmt::print("request {}: {}{}{}\n", r.id, to_string(r.step), r.note.empty() ? "" : ": ",
                 r.note);
    if (silent) complain(kProgram, "no worker has answered; see 'tidepool status'");
    const bool there =
        r.step == ReclaimStep::free || (r.step == ReclaimStep::over && r.cancelled.empty());
    return there ? kOk : kFailed;
  }
}

int reclaim(const CommandLine& line, const ReclaimOptions& options) {
  const std::string by = own_name();
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  if (options.list) return list(*setup, options.json, options.ended);
  if (options.cancel != 0) return cancel(*setup, line, options.cancel, by);
  auto request = read_words(setup->pools, options, by);
  if (!request) return request.error();
  if (setup->pools.reclaim.classes.empty()) {
    complain(kProgram, fmt::format("{} has no reclaim: section with opportunistic jobs: nobody "
                                   "may step aside",
                                   setup->pools.path.string()));
    return kConfig;
  }
  auto ahead = look_ahead(*setup, *request);
  if (!ahead) return ahead.error();
  const bool enough = ahead->share.missing.none() || ahead->choice.victims.enough;
  if (options.dry_run) {
    if (options.json)
      print_json(forecast_json(*ahead));
    else
      print_forecast(*request, *ahead);
    return enough ? kOk : kFailed;
  }
  if (!options.json) print_forecast(*request, *ahead);
  auto id = setup->store->add_reclaim(*request);
  if (!id) return complain(kProgram, id.error().message), static_cast<int>(kStore);
  request->id = *id;
  auto started = start_worker(setup->pools.state.dir, config_path(line.common));
  if (!started) return complain(kProgram, started.error().message), static_cast<int>(kFailed);
  if (options.wait) return wait_for_room(*setup, *request, options.json);
  if (options.json) {
    auto json = reclaim_json(*request);
    json["forecast"] = forecast_json(*ahead);
    print_json(json);
  } else {
    fmt::print("\nrequest {}: wanted; see 'tidepool reclaim --list'\n", *id);
  }
  return kOk;
}

}  // namespace

void add_reclaim(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "reclaim",
      "Make room: opportunistic jobs step aside, and return when it is not needed any more.");
  auto o = std::make_shared<ReclaimOptions>();
  sub->add_option("--cores", o->cores, "so many cores shall be free");
  sub->add_option("--ram", o->ram, "so much memory: 64G, 512M");
  sub->add_option("--nodes", o->nodes, "so many instances");
  sub->add_option("--from", o->from, "only jobs of this partition step aside");
  sub->add_option("--book", o->book,
                  "where it shall be free: quota, placement, hypervisor (default quota)");
  sub->add_option("--keep", o->keep,
                  "keep it that long for whoever asked (default: the pool file's)");
  sub->add_option("--deadline", o->deadline, "give up after this: 120s, 10m (default 10m)");
  sub->add_flag("--wait", o->wait, "return when the room is verified, or known not to come");
  sub->add_flag("--dry-run", o->dry_run, "say who would step aside, and why");
  sub->add_flag("--list", o->list, "requests that go on");
  sub->add_option("--ended", o->ended, "with --list: so many that have ended, too")
      ->check(CLI::Range(0, 5000));
  sub->add_option("--cancel", o->cancel, "this request is not needed any more")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 60));
  sub->add_flag("--json", o->json, "for machines");
  sub->callback([&line, o] { line.chosen = [&line, o] { return reclaim(line, *o); }; });
}

}  // namespace tidepool
