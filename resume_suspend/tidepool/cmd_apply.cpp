// tidepool apply: new files for the cluster, without losing a job.
#include <unistd.h>

#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apply_files.hpp"
#include "apply_nodes.hpp"
#include "apply_output.hpp"
#include "base/lock.hpp"
#include "command.hpp"
#include "live.hpp"
#include "slurm_version.hpp"
#include "start_worker.hpp"
#include "work/apply.hpp"
#include "worker_rest.hpp"

namespace tidepool {
namespace {

namespace fs = std::filesystem;

struct ApplyOptions {
  std::string slurm_conf, pool, timeout;
  bool dry_run = false, yes = false, drain = false, undo = false, json = false;
};

class Command {
 public:
  Command(Setup& setup, const CommandLine& line, const ApplyOptions& options)
      : setup_(setup),
        options_(options),
        state_dir_(setup.pools.state.dir),
        pool_path_(fs::absolute(config_path(line.common))),
        controller_(slurm_conf_path(setup.pools), setup.pools.slurm.bin_dir),
        rest_(state_dir_, pool_path_) {}

  int run() {
    std::optional<FileLock> alone;
    if (!options_.dry_run) {
      auto lock = one_at_a_time();
      if (!lock) return lock.error();
      alone.emplace(std::move(*lock));
    }
    if (const int code = unfinished(); code != kOk || ended_) return leave(code);
    auto made = read_apply_files(setup_, pool_path_, {options_.slurm_conf, options_.pool});
    if (!made) return leave(made.error());
    if (!made->conf.changes() && !made->pool.changes()) {
      say("nothing differs");
      return leave(kOk);
    }
    if (const int code = validate(setup_, *made, options_.dry_run, warnings_); code != kOk)
      return leave(code);
    auto plan = look_and_plan(*made);
    if (!plan) return leave(plan.error());
    if (!options_.json) print_plan(*plan);
    answer_["plan"] = plan_json(*plan);
    if (!plan->refused.empty()) {
      complain(kProgram, "refused; nothing was changed");
      return leave(kFailed);
    }
    if (options_.dry_run) return leave(kOk);
    if (const int code = may_write(*made); code != kOk) return leave(code);
    if (const int code = confirmed(); code != kOk) return leave(code);
    return leave(carry_out(*made, *plan));
  }

 private:
  void say(const std::string& text) {
    if (options_.json)
      said_.push_back(text);
    else
      fmt::print("{}\n", text);
    std::fflush(stdout);
  }

  int leave(int code) {
    if (!options_.json) return code;
    answer_["said"] = said_;
    answer_["exit_code"] = code;
    fmt::print("{}\n", answer_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return code;
  }

  tl::expected<FileLock, int> one_at_a_time() {
    const auto path = state_dir_ / "apply.lock";
    auto lock = FileLock::try_lock(path);
    if (!lock && lock.error().kind == ErrorKind::busy) {
      complain(kProgram,
               fmt::format("waiting for another apply (process {})", FileLock::holder(path)));
      lock = FileLock::lock(path, std::chrono::minutes(30));
    }
    if (lock) return std::move(*lock);
    complain(kProgram, lock.error().message);
    return tl::unexpected<int>(kStore);
  }

  ApplyTools tools(const PoolFile& pools) {
    ApplyTools t{.store = *setup_.store, .controller = controller_};
    t.state_dir = state_dir_;
    t.restart = pools.slurm.restart;
    if (auto conf = load_slurm_conf(slurm_conf_path(pools))) {
      t.slurmctld_log = conf->value("SlurmctldLogFile").value_or("");
      t.forgets = Millis(1000 * conf->seconds("MinJobAge", 300).value_or(0));
    }
    t.own_rights = [this](bool own) { setup_.rights.use(own); };
    t.say = [this](const std::string& text) {
      log_event(LogLevel::info, "apply", {{"step", text}});
      say(text);
    };
    t.rest = [this](bool rests) -> Result<void> {
      if (rests) return rest_.begin();
      rest_.end();
      return {};
    };
    if (!options_.timeout.empty()) t.drain_limit = *parse_duration(options_.timeout);
    return t;
  }

  // Since it was killed the cluster has worked, also on the nodes that go when it is undone.
  int may_undo(const ApplyRecord& record) {
    auto seen = wait_on(context_, look_at_cluster(*setup_.store, controller_, record.fresh));
    // slurmctld that does not come up is a reason to go back.
    if (!seen) return kOk;
    const auto used = used_fresh(record, *seen);
    if (used.empty()) return kOk;
    complain(kProgram, fmt::format("not undone, because nodes would go that are in use: {}; "
                                   "'tidepool apply' finishes it",
                                   used));
    return kFailed;
  }

  // What an apply that was killed has left: brought to its end, or undone.
  int unfinished() {
    auto record = load_apply(state_dir_);
    if (!record) {
      complain(kProgram, record.error().message);
      return kStore;
    }
    if (!*record) {
      if (!options_.undo) return kOk;
      say("no apply is unfinished: there is nothing to undo");
      ended_ = true;
      return kOk;
    }
    auto& r = **record;
    say(fmt::format("an apply of {} was interrupted {}at step {}", format_time(r.began),
                    r.back ? "while it was undone, " : "", to_string(r.step)));
    if (options_.dry_run) {
      say("it will be finished first, or undone with --undo");
      ended_ = options_.slurm_conf.empty() && options_.pool.empty();
      return kOk;
    }
    if (options_.undo && !r.back)
      if (const int code = may_undo(r); code != kOk) return code;
    Apply apply(tools(setup_.pools), std::move(r));
    // An intent that has changed nothing yet is not worth to be gone on with: people ask anew.
    std::string why;
    if (options_.undo) why = "--undo";
    if (apply.record().step == ApplyStep::draining) why = "it had changed nothing yet";
    if (!why.empty() && !apply.record().back)
      if (auto turned = apply.turn_back(why); !turned) {
        complain(kProgram, turned.error().message);
        return kStore;
      }
    const int code = finish(apply);
    ended_ = options_.undo || (options_.slurm_conf.empty() && options_.pool.empty());
    // Undone, as it was to be, or as others wished: no reason not to go on.
    return undone_ && (options_.undo || !ended_) ? static_cast<int>(kOk) : code;
  }

  std::vector<std::string> all_nodes(const ApplyFileSet& all) const {
    std::vector<std::string> names;
    for (const auto& [name, node] : all.conf_before.nodes) names.push_back(name);
    if (all.pools_before.slurm.dynamic)
      for (const auto& pool : all.pools_before.pools)
        for (const auto& node : pool.nodes) names.push_back(node.name);
    return names;
  }

  tl::expected<ClusterPicture, int> picture(const ApplyFileSet& all) {
    auto seen = wait_on(context_, look_at_cluster(*setup_.store, controller_, all_nodes(all)));
    if (seen) return std::move(*seen);
    complain(kProgram, seen.error().message);
    if (seen.error().kind == ErrorKind::unreachable)
      complain(kProgram,
               "without slurmctld nobody can say what the change would do: start it first");
    return tl::unexpected<int>(seen.error().kind == ErrorKind::unreachable ? kSlurm : kFailed);
  }

  ApplyPlan plan_on(const ApplyFileSet& all, const ClusterPicture& seen, bool may_drain) {
    auto plan = plan_apply({all.conf_before, all.conf_after, all.pools_before, all.pools_after},
                           seen, installed_slurm_version(setup_.pools), may_drain);
    plan.conf_text = all.conf.changes();
    plan.pool_text = all.pool.changes();
    if (plan.conf_text) plan.takes = std::max(plan.takes, Takes::reconfigure);
    plan.warnings = warnings_;
    return plan;
  }

  tl::expected<ApplyPlan, int> look_and_plan(const ApplyFileSet& all) {
    auto seen = picture(all);
    if (!seen) return tl::unexpected(seen.error());
    return plan_on(all, *seen, options_.drain);
  }

  // Better said before anything is drained.
  int may_write(const ApplyFileSet& all) {
    setup_.rights.use(true);
    const ApplyFile* locked = nullptr;
    for (const auto* one : {&all.conf, &all.pool})
      if (one->changes() && ::access(one->path.parent_path().c_str(), W_OK) != 0) locked = one;
    setup_.rights.use(false);
    if (locked == nullptr) return kOk;
    complain(kProgram, fmt::format("{}: cannot be written to; run it as root; nothing was changed",
                                   locked->path.parent_path().string()));
    return kFailed;
  }

  int confirmed() {
    if (options_.yes) return kOk;
    if (::isatty(STDIN_FILENO) != 1) {
      complain(kProgram, "nothing was changed: --yes to do it, --dry-run to only look");
      return kUsage;
    }
    fmt::print("Apply? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "yes") return kOk;
    say("nothing was changed");
    return kFailed;
  }

  int carry_out(const ApplyFileSet& all, const ApplyPlan& plan) {
    ApplyRecord record;
    record.began = now();
    record.conf = all.conf;
    record.pool = all.pool;
    record.restart = plan.takes >= Takes::restart;
    record.reconfigure = plan.takes == Takes::reconfigure;
    record.gone = plan.pool.removed;
    if (const int code = plan_nodes(setup_, all, plan, record); code != kOk) return code;
    record.empty = plan.to_drain;
    if (auto begun = begin_apply(state_dir_, record); !begun) {
      complain(kProgram, begun.error().message);
      return kStore;
    }
    Apply apply(tools(all.pools_before), std::move(record));
    if (!plan.to_drain.empty())
      if (auto done = start_worker(state_dir_, pool_path_); !done)
        say("worker not started: " + done.error().message);
    auto drained = wait_on(context_, apply.drain());
    if (!drained) {
      if (auto turned = apply.turn_back(drained.error().message); !turned) {
        complain(kProgram, turned.error().message);
        return kStore;
      }
      return finish(apply);
    }
    return finish(apply, [&]() -> Result<void> {
      // What has come in since the plan was made, now that nothing moves.
      auto seen = wait_on(context_, look_at_cluster(*setup_.store, controller_, all_nodes(all)));
      if (!seen) return tl::unexpected(seen.error());
      const auto again = plan_on(all, *seen, false);
      if (!again.refused.empty())
        return fail(ErrorKind::conflict, "meanwhile: " + again.refused.front());
      return apply.remember(*seen);
    });
  }

  // The steps, with the worker at rest for as long as they need it.
  int finish(Apply& apply, const std::function<Result<void>()>& first = {}) {
    if (first) {
      auto done = rest_.begin();
      if (!done) {
        complain(kProgram, fmt::format("the worker does not rest: {}; 'tidepool apply' tries again",
                                       done.error().message));
        return kStore;
      }
      done = first();
      if (!done)
        if (auto turned = apply.turn_back(done.error().message); !turned) {
          complain(kProgram, turned.error().message);
          return kStore;
        }
    }
    auto outcome = wait_on(context_, apply.run());
    rest_.end();
    if (!outcome) {
      complain(kProgram, outcome.error().message);
      complain(kProgram,
               apply.record().back
                   ? "it could not be undone; once that is mended, 'tidepool apply' goes on"
                   : "it is not finished: 'tidepool apply' goes on, --undo goes back");
      return kFailed;
    }
    answer_["outcome"] = outcome_json(*outcome);
    if (!options_.json) print_outcome(*outcome);
    undone_ = !outcome->applied;
    return undone_ ? kFailed : kOk;
  }

  Setup& setup_;
  const ApplyOptions& options_;
  const fs::path state_dir_;
  const fs::path pool_path_;
  boost::asio::io_context context_;
  slurm::Controller controller_;
  WorkerRest rest_;
  std::vector<std::string> warnings_;
  std::vector<std::string> said_;
  nlohmann::ordered_json answer_ = nlohmann::ordered_json::object();
  bool ended_ = false;   // nothing more was asked for
  bool undone_ = false;  // the last outcome
};

int apply(const CommandLine& line, const ApplyOptions& options) {
  if (!options.timeout.empty())
    if (auto limit = parse_duration(options.timeout); !limit) {
      complain(kProgram, "--timeout: " + limit.error().message);
      return kUsage;
    }
  auto setup = set_up(kProgram, line.common, true, true);
  if (!setup) return setup.error();
  return Command(*setup, line, options).run();
}

}  // namespace

void add_apply(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "apply",
      "Install a new slurm.conf or pool file without losing a job: check, plan, do, prove;\n"
      "back to the old files when a job would be lost or slurmctld does not come up.\n"
      "Without files: finish what a killed apply has left, or apply files edited in place.");
  auto o = std::make_shared<ApplyOptions>();
  sub->add_option("--slurm-conf", o->slurm_conf, "the new slurm.conf");
  sub->add_option("--pool", o->pool, "the new pool file");
  sub->add_flag("--dry-run", o->dry_run, "check and plan only");
  sub->add_flag("--yes,-y", o->yes, "do not ask");
  sub->add_flag("--drain", o->drain, "drain nodes that go, and wait until they are free");
  sub->add_option("--timeout", o->timeout, "how long --drain waits: 30m (default: 24h)");
  sub->add_flag("--undo", o->undo, "undo an unfinished apply instead of finishing it");
  sub->add_flag("--json", o->json, "for machines");
  sub->callback([&line, o] { line.chosen = [&line, o] { return apply(line, *o); }; });
}

}  // namespace tidepool
