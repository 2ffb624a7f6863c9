// tidepool hold: running jobs and their servers step aside.
#include <fmt/format.h>

#include "base/hostlist.hpp"
#include "command.hpp"
#include "config/job_wish.hpp"
#include "hold_output.hpp"
#include "live.hpp"
#include "output.hpp"
#include "start_worker.hpp"
#include "work/look_for_hold.hpp"

namespace tidepool {
namespace {

struct HoldOptions {
  std::string jobs, modes, max_held;
  std::vector<std::string> nodes;
  bool all_jobs = false, force = false, wait = false, dry_run = false, json = false;
  int timeout_s = 3600;
};

int usage(const std::string& message) {
  complain(kProgram, message);
  return kUsage;
}

tl::expected<HoldRequest, int> read_request(const HoldOptions& options) {
  HoldRequest request;
  request.all_jobs = options.all_jobs;
  request.force = options.force;
  if (options.jobs.empty() == options.nodes.empty())
    return tl::unexpected(usage("hold: name either --job ID or NODES"));
  if (!options.jobs.empty()) {
    auto specs = slurm::parse_job_specs(options.jobs);
    if (!specs) return tl::unexpected(usage("--job: " + specs.error().message));
    request.jobs = std::move(*specs);
  }
  for (const auto& list : options.nodes) {
    auto names = expand_hostlist(list);
    if (!names) return tl::unexpected(usage(names.error().message));
    request.nodes.insert(request.nodes.end(), names->begin(), names->end());
  }
  if (!options.modes.empty()) {
    auto modes = parse_hold_modes(options.modes);
    if (!modes) return tl::unexpected(usage("--mode: " + modes.error().message));
    request.modes = std::move(*modes);
  }
  if (!options.max_held.empty()) {
    auto longest = parse_max_held(options.max_held);
    if (!longest) return tl::unexpected(usage("--max-held: " + longest.error().message));
    request.max_held = *longest;
  }
  return request;
}

int print(const Setup& setup, const std::vector<HoldRecord>& holds, const HoldOptions& options) {
  if (options.json) {
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const auto& hold : holds) all.push_back(hold_json(setup.pools, hold));
    fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return kOk;
  }
  for (const auto& hold : holds) {
    if (options.dry_run)
      fmt::print("would be held: {}, mode {}\n", hold_in_words(hold),
                 format_hold_modes(hold.modes));
    else
      fmt::print("{}: wanted, mode {}; see 'tidepool status'\n", hold_in_words(hold),
                 format_hold_modes(hold.modes));
  }
  return kOk;
}

int code_of(const LookError& failure) {
  switch (failure.from) {
    case LookError::From::slurm:
      return kSlurm;
    case LookError::From::store:
      return kStore;
    case LookError::From::cloud:
      return kCloud;
  }
  return kFailed;
}

tl::expected<HoldPlan, int> plan(Setup& setup, const HoldRequest& request) {
  auto live = Live::connect(setup);
  if (!live) return tl::unexpected(live.error());
  Progress progress;
  progress.show("asking slurmctld and the cloud");
  auto sight = (*live)->wait(look_for_hold((*live)->surroundings(), request));
  if (!sight) {
    complain(kProgram, sight.error().error.message);
    return tl::unexpected(code_of(sight.error()));
  }
  auto made = plan_holds(setup.pools, request, *sight, now());
  for (const auto& note : made.notes) complain(kProgram, note);
  if (made.refusals.empty()) return made;
  for (const auto& refusal : made.refusals) complain(kProgram, refusal);
  if (!made.holds.empty() || made.refusals.size() > 1) complain(kProgram, "nothing is held");
  return tl::unexpected<int>(kFailed);
}

int hold(const CommandLine& line, const HoldOptions& options) {
  auto request = read_request(options);
  if (!request) return request.error();
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  auto made = plan(*setup, *request);
  if (!made) return made.error();
  if (options.dry_run) return print(*setup, made->holds, options);
  std::vector<std::int64_t> ids;
  for (auto& record : made->holds) {
    auto id = setup->store->add_hold(record);
    if (!id) {
      // Somebody else was quicker. Those before it are written down and go on.
      complain(kProgram, id.error().message);
      if (!ids.empty()) start_worker(setup->pools.state.dir, config_path(line.common));
      return id.error().kind == ErrorKind::conflict ? static_cast<int>(kFailed)
                                                    : static_cast<int>(kStore);
    }
    record.id = *id;
    ids.push_back(*id);
  }
  if (auto started = start_worker(setup->pools.state.dir, config_path(line.common)); !started) {
    complain(kProgram, started.error().message);
    return kFailed;
  }
  if (options.wait)
    return wait_for_holds(*setup, ids, HoldGoal::held, options.timeout_s, options.json);
  return print(*setup, made->holds, options);
}

}  // namespace

void add_hold(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "hold", "Take running jobs' VMs off the hypervisor; 'release' brings both back.");
  auto o = std::make_shared<HoldOptions>();
  sub->add_option("--job", o->jobs, "these jobs: 12, 12_3, 12_[1-3], separated by commas");
  sub->add_option("NODES", o->nodes, "all jobs on these nodes, a hostlist");
  sub->add_option("--mode", o->modes,
                  "how, first choice first: " + hold_mode_words() + " (default: the pool's)");
  sub->add_flag("--all-jobs", o->all_jobs, "jobs that share nodes with those too");
  sub->add_option("--max-held", o->max_held,
                  "requeue them when they were away that long: 90m, 24h (default: the pool's)");
  sub->add_flag("--force", o->force, "even if their owner said --no-hold");
  sub->add_flag("--wait", o->wait, "return when they are away");
  sub->add_option("--timeout", o->timeout_s, "seconds to wait (default 3600)")
      ->check(CLI::Range(1, 604800));
  sub->add_flag("--dry-run", o->dry_run, "say what would be held");
  sub->add_flag("--json", o->json, "for machines");
  sub->callback([&line, o] { line.chosen = [&line, o] { return hold(line, *o); }; });
}

}  // namespace tidepool
