// The steps of an apply that change something.
#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "base/hostlist.hpp"
#include "base/pause.hpp"
#include "base/process.hpp"
#include "work/apply.hpp"
#include "work/dynamic_nodes.hpp"

namespace tidepool {
namespace {

constexpr Millis kRestartTakes{300'000};

}  // namespace

Result<void> Apply::install(const ApplyFile& file) {
  if (!file.changes()) return {};
  auto there = read_file(file.path, 64u << 20);
  if (!there) return tl::unexpected(there.error());
  const auto& wanted = record_.back ? file.before : file.after;
  if (*there == wanted) return {};
  if (*there != file.before && *there != file.after)
    return fail(ErrorKind::conflict,
                fmt::format("{} was changed by somebody else meanwhile: it is neither "
                            "what it was ({}) nor what it was to be",
                            file.path.string(), file.backup.string()));
  std::error_code ec;
  if (!record_.back && !std::filesystem::exists(file.backup, ec)) {
    if (auto done = replace_file(file.path, file.before, file.backup); !done) return done;
  }
  if (auto done = replace_file(file.path, wanted, file.path); !done) return done;
  tools_.say(record_.back ? fmt::format("put back: {}", file.path.string())
                          : fmt::format("replaced {} (as it was: {})", file.path.string(),
                                        file.backup.string()));
  return {};
}

Result<void> Apply::install() {
  tools_.own_rights(true);
  // New nodes must be known to the hooks before slurmctld can ask for them; on the way back the
  // other way round.
  auto done = install(record_.back ? record_.conf : record_.pool);
  fault("half");
  if (done) done = install(record_.back ? record_.pool : record_.conf);
  tools_.own_rights(false);
  return done;
}

Task<Result<void>> Apply::restart() {
  std::vector<std::string> argv = tools_.restart;
  if (argv.empty()) argv = {"systemctl", "restart", "slurmctld"};
  const std::string words = fmt::format("{}", fmt::join(argv, " "));
  tools_.say("restarting slurmctld: " + words);
  ProcessOptions options;
  options.timeout = kRestartTakes;
  tools_.own_rights(true);
  auto done = co_await run_process(std::move(argv), options);
  tools_.own_rights(false);
  if (!done) co_return fail(Error(done.error()).context(words));
  if (done->exit_code != 0) {
    std::string said = done->err.empty() ? done->out : done->err;
    while (!said.empty() && said.back() <= ' ') said.pop_back();
    co_return fail(ErrorKind::io,
                   fmt::format("{}: exit code {}: {}", words, done->exit_code,
                               said.substr(said.size() > 500 ? said.size() - 500 : 0)));
  }
  co_return Result<void>{};
}

// Processes in held nodes read slurm.conf only when they are back. Written down before anybody is
// told: the worker may bring such a node back as soon as it works again.
Result<void> Apply::note_away() {
  if (!record_.conf.changes()) return {};
  auto holds = tools_.store.holds();
  if (!holds) return tl::unexpected(holds.error());
  std::vector<std::string> away;
  for (const auto& hold : *holds)
    for (const auto& node : hold.nodes) away.push_back(node.node);
  return tools_.store.missed_conf(away);
}

Task<Result<void>> Apply::tell() {
  // Told of nodes that were deleted, perhaps, but not of a file.
  if (record_.back ? !record_.told || !record_.conf.changes()
                   : !(record_.restart || record_.reconfigure))
    co_return Result<void>{};
  if (auto noted = note_away(); !noted) co_return noted;
  follow_log();
  if (!record_.back) {
    record_.told = true;
    if (auto saved = save_apply(tools_.state_dir, record_); !saved) co_return saved;
  }
  fault("recorded");
  if (!record_.restart) {
    tools_.say("scontrol reconfigure");
    pushed_ = now();
    auto done = co_await tools_.controller.reconfigure();
    if (done || done.error().kind != ErrorKind::unreachable) co_return done;
    tools_.say("slurmctld does not answer");
  }
  co_return co_await restart();
}

Task<Result<void>> Apply::answer() {
  if (!record_.told) co_return Result<void>{};
  const Time began = now();
  bool restarted = false;
  while (true) {
    auto there = co_await tools_.controller.answers();
    if (there) co_return Result<void>{};
    if (now() - began >= tools_.come_up)
      co_return fail(ErrorKind::unreachable,
                     fmt::format("slurmctld does not answer within {}: {}",
                                 format_duration(tools_.come_up), there.error().message));
    // Killed by somebody, or it fell over its files: once more, then it is over.
    if (!restarted && now() - began >= tools_.come_up / 12) {
      restarted = true;
      if (auto done = co_await restart(); !done) co_return done;
    }
    co_await pause_for(Millis(300));
  }
}

Task<Result<void>> Apply::address() {
  if (!record_.told || record_.addresses.empty()) co_return Result<void>{};
  std::vector<std::string> names;
  for (const auto& [name, address] : record_.addresses) names.push_back(name);
  auto infos = co_await tools_.controller.nodes(std::move(names));
  if (!infos) co_return tl::unexpected(infos.error());
  std::vector<std::pair<std::string, std::string>> forgotten;
  for (const auto& info : *infos)
    for (const auto& [name, address] : record_.addresses)
      if (name == info.name && address != info.address) forgotten.emplace_back(name, address);
  if (forgotten.empty()) co_return Result<void>{};
  std::vector<std::string> said;
  for (const auto& [name, address] : forgotten) said.push_back(name);
  tools_.say("slurmctld is told again the addresses of " + format_hostlist(std::move(said)));
  co_return co_await tools_.controller.set_addresses(std::move(forgotten));
}

Task<Result<void>> Apply::create() {
  const auto& come = record_.back ? record_.unmade : record_.made;
  const auto& go = record_.back ? record_.made : record_.unmade;
  if (come.empty() && go.empty()) co_return Result<void>{};
  std::vector<std::string> names;
  for (const auto* all : {&come, &go})
    for (const auto& group : *all)
      for (const auto& [name, address] : group.nodes) names.push_back(name);
  auto there = co_await names_known(tools_.controller, names);
  if (!there) co_return tl::unexpected(there.error());
  std::vector<std::string> deleted;
  for (const auto& group : go)
    for (const auto& [name, address] : group.nodes)
      if (there->erase(name) != 0) deleted.push_back(name);
  if (!deleted.empty()) {
    tools_.say("scontrol delete " + format_hostlist(deleted));
    auto reconfigure = co_await reuse_takes_reconfigure(tools_.controller);
    if (!reconfigure) co_return tl::unexpected(reconfigure.error());
    if (*reconfigure) {
      // By the next step.
      record_.told = true;
      pushed_ = {};
      if (auto saved = save_apply(tools_.state_dir, record_); !saved) co_return saved;
    }
    if (auto done = co_await tools_.controller.remove(std::move(deleted)); !done) co_return done;
  }
  fault("half");
  for (const auto& group : come) {
    std::vector<std::pair<std::string, std::string>> missing;
    std::vector<std::string> said;
    for (const auto& node : group.nodes)
      if (!there->contains(node.first)) {
        missing.push_back(node);
        said.push_back(node.first);
      }
    if (missing.empty() || group.settings.empty()) continue;
    tools_.say("scontrol create " + format_hostlist(std::move(said)));
    auto done = co_await make_nodes(tools_.controller, std::move(missing), group.settings);
    if (!done) co_return done;
  }
  co_return Result<void>{};
}

Task<Result<void>> Apply::push() {
  if (!record_.told) co_return Result<void>{};
  // A reconfigure has told the nodes already; a restarted slurmctld has not.
  if (pushed_ != Time{} && !record_.restart) co_return Result<void>{};
  if (auto noted = note_away(); !noted) co_return noted;
  follow_log();
  tools_.say("scontrol reconfigure, for the nodes");
  pushed_ = now();
  auto done = co_await tools_.controller.reconfigure();
  if (done) co_return done;
  if (done.error().kind != ErrorKind::unreachable) co_return done;
  // Died just now, perhaps.
  if (auto back = co_await answer(); !back) co_return back;
  co_return co_await tools_.controller.reconfigure();
}

}  // namespace tidepool
