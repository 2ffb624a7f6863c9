// tidepool release: held jobs and their servers come back.
#include <fmt/format.h>

#include "base/hostlist.hpp"
#include "command.hpp"
#include "hold_output.hpp"
#include "live.hpp"
#include "start_worker.hpp"
#include "work/plan_release.hpp"

namespace tidepool {
namespace {

struct ReleaseOptions {
  std::string jobs;
  std::vector<std::string> nodes;
  bool all = false, wait = false, json = false;
  int timeout_s = 3600;
};

int usage_error(const std::string& message) {
  complain(kProgram, message);
  return kUsage;
}

tl::expected<ReleaseRequest, int> read_release(const ReleaseOptions& options) {
  ReleaseRequest request;
  request.all = options.all;
  const int ways =
      (options.jobs.empty() ? 0 : 1) + (options.nodes.empty() ? 0 : 1) + (options.all ? 1 : 0);
  if (ways != 1)
    return tl::unexpected(usage_error("release: name one of --job ID, NODES or --all"));
  if (!options.jobs.empty()) {
    auto specs = slurm::parse_job_specs(options.jobs);
    if (!specs) return tl::unexpected(usage_error("--job: " + specs.error().message));
    request.jobs = std::move(*specs);
  }
  for (const auto& list : options.nodes) {
    auto names = expand_hostlist(list);
    if (!names) return tl::unexpected(usage_error(names.error().message));
    request.nodes.insert(request.nodes.end(), names->begin(), names->end());
  }
  return request;
}

// Which id is which task of which array, only slurmctld knows. Held jobs must be able to come back
// without it too: then the ids themselves are all that is known.
std::vector<slurm::JobInfo> known_jobs(const PoolFile& pools) {
  boost::asio::io_context context;
  slurm::Controller controller(slurm_conf_path(pools), pools.slurm.bin_dir);
  auto jobs = wait_on(context, controller.jobs({}));
  if (jobs) return std::move(*jobs);
  complain(kProgram, fmt::format("slurmctld cannot be asked ({}); jobs are found by their own ids "
                                 "only, tasks of arrays are not",
                                 jobs.error().message));
  return {};
}

int release(const CommandLine& line, const ReleaseOptions& options) {
  auto request = read_release(options);
  if (!request) return request.error();
  auto setup = set_up(kProgram, line.common);
  if (!setup) return setup.error();
  auto holds = setup->store->holds();
  if (!holds) return complain(kProgram, holds.error().message), static_cast<int>(kStore);
  const auto plan = plan_release(
      *request, *holds,
      request->jobs.empty() ? std::vector<slurm::JobInfo>{} : known_jobs(setup->pools));
  for (const auto& note : plan.notes) complain(kProgram, note);
  for (const auto& refusal : plan.refusals) complain(kProgram, refusal);
  if (!plan.refusals.empty()) {
    if (!plan.holds.empty()) complain(kProgram, "nothing is released");
    return kFailed;
  }
  std::vector<std::int64_t> ids;
  for (const auto& hold : plan.holds) {
    auto wanted = setup->store->want_hold(hold.id, HoldWanted::released, "operator");
    // It has ended since we looked: the end state says how.
    if (!wanted && wanted.error().kind != ErrorKind::not_found)
      return complain(kProgram, wanted.error().message), static_cast<int>(kStore);
    ids.push_back(hold.id);
  }
  if (!ids.empty()) {
    auto started = start_worker(setup->pools.state.dir, config_path(line.common));
    if (!started) return complain(kProgram, started.error().message), static_cast<int>(kFailed);
  }
  // Without --wait the same, but of this moment.
  if (options.wait)
    return wait_for_holds(*setup, ids, HoldGoal::back, options.timeout_s, options.json);
  if (options.json) {
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const auto id : ids)
      if (auto hold = setup->store->hold(id); hold && *hold)
        all.push_back(hold_json(setup->pools, **hold));
    fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (ids.empty()) {
    fmt::print("nothing is held\n");
  } else {
    for (const auto& hold : plan.holds)
      fmt::print("{}: wanted back; see 'tidepool status'\n", hold_in_words(hold));
  }
  return kOk;
}

}  // namespace

void add_release(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand("release", "Bring held jobs and their VMs back.");
  auto o = std::make_shared<ReleaseOptions>();
  sub->add_option("--job", o->jobs, "these jobs: 12, 12_3, 12_[1-3], separated by commas");
  sub->add_option("NODES", o->nodes, "the jobs on these nodes, a hostlist");
  sub->add_flag("--all", o->all, "all that is held");
  sub->add_flag("--wait", o->wait, "return when they run again");
  sub->add_option("--timeout", o->timeout_s, "seconds to wait (default 3600)")
      ->check(CLI::Range(1, 604800));
  sub->add_flag("--json", o->json, "for machines");
  sub->callback([&line, o] { line.chosen = [&line, o] { return release(line, *o); }; });
}

}  // namespace tidepool
