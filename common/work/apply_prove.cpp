// The proof of an apply: queue and nodes against what they were.
#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/hostlist.hpp"
#include "base/pause.hpp"
#include "work/apply.hpp"

namespace tidepool {
namespace {

constexpr Millis kProves{60'000};  // nodes that are to answer again
constexpr Millis kSettles{3'000};  // a node that has read slurm.conf registers at once

}  // namespace

// From here on slurmctld's log is of interest.
void Apply::follow_log() {
  std::error_code ec;
  const auto size = std::filesystem::file_size(tools_.slurmctld_log, ec);
  log_from_ = ec ? 0 : size;
}

std::vector<std::string> Apply::different_conf() const {
  std::ifstream log(tools_.slurmctld_log);
  if (!log || tools_.slurmctld_log.empty()) return {};
  log.seekg(static_cast<std::streamoff>(log_from_));
  std::set<std::string> nodes;
  for (std::string line; std::getline(log, line);) {
    const auto at = line.find("Node ");
    const auto end = line.find(" appears to have a different slurm.conf");
    if (at != std::string::npos && end != std::string::npos && end > at)
      nodes.insert(line.substr(at + 5, end - at - 5));
  }
  // Told twice at almost the same time, slurmd of 24.11 can die: one that comes back from a hold is
  // the worker's to tell.
  if (auto holds = tools_.store.holds())
    for (const auto& hold : *holds)
      for (const auto& node : hold.nodes) nodes.erase(node.node);
  return {nodes.begin(), nodes.end()};
}

// Jobs that the worker has in hand, or had: those of a hold that begins or ends, and those on a
// node that could not be had. A hold that simply lasts is not among them: nobody may touch its
// jobs. Read after the jobs themselves, as the worker writes down what it will do before it does
// it.
Result<void> Apply::note_moved() {
  constexpr int kEnded = 200;
  auto holds = tools_.store.holds(kEnded);
  if (!holds) return tl::unexpected(holds.error());
  for (const auto& hold : *holds) {
    const bool lasts = hold.step == HoldStep::held && hold.wanted == HoldWanted::held;
    const bool earlier = !hold.active() && hold.ended < record_.queue.at;
    if (lasts || earlier) continue;
    for (const auto& job : hold.jobs) moved_.insert(job.id);
  }
  auto records = tools_.store.nodes();
  if (!records) return tl::unexpected(records.error());
  std::set<std::string> failed;
  for (const auto& r : *records)
    if (r.failure) failed.insert(r.name);
  for (const auto& job : record_.queue.jobs)
    if (std::any_of(job.nodes.begin(), job.nodes.end(),
                    [&](const auto& node) { return failed.contains(node); }))
      moved_.insert(job.id);
  return {};
}

// Of those that answered before. Nodes that are put away meanwhile are not expected to.
Task<std::vector<std::string>> Apply::silent_nodes() {
  std::vector<std::string> silent;
  auto infos = co_await tools_.controller.nodes(record_.up);
  if (!infos) {
    if (infos.error().kind == ErrorKind::unreachable) silent = record_.up;
    co_return silent;
  }
  for (const auto& info : *infos) {
    if (info.has("POWERED_DOWN") || info.has("POWERING_DOWN") || info.has("POWERING_UP")) continue;
    if (info.has("NOT_RESPONDING") || info.state == "DOWN" || info.state == "UNKNOWN")
      silent.push_back(info.name);
  }
  co_return silent;
}

Task<Result<void>> Apply::prove() {
  if (!record_.told && record_.made.empty() && record_.unmade.empty()) co_return Result<void>{};
  tools_.say("comparing queue and nodes with what they were");
  const Time began = now();
  bool again = false;
  int lost_looks = 0;
  while (true) {
    std::vector<std::int64_t> all;
    auto jobs = co_await tools_.controller.jobs(std::move(all));
    if (!jobs) {
      if (auto back = co_await answer(); !back) co_return back;
      continue;
    }
    if (auto noted = note_moved(); !noted) co_return noted;
    const auto queue = compare_queue(record_.queue, *jobs, now(), tools_.forgets, moved_);
    lost_looks = queue.lost.empty() ? 0 : lost_looks + 1;
    // Twice: what a daemon that has just come up says of a job may be half the truth.
    if (lost_looks >= 2) {
      const auto what = fmt::format("{}", fmt::join(queue.lost, "; "));
      if (!record_.back) co_return fail(ErrorKind::conflict, "jobs would be lost: " + what);
      outcome_.notes.push_back("not as before: " + what);
      co_return Result<void>{};
    }
    auto silent = co_await silent_nodes();
    auto different = different_conf();
    if (!different.empty() && !again && now() - pushed_ >= kSettles) {
      again = true;
      follow_log();
      pushed_ = now();
      if (auto done = co_await tools_.controller.reconfigure(); !done)
        tools_.say("nodes cannot be told: " + done.error().message);
      continue;
    }
    const bool settled = now() - pushed_ >= kSettles && lost_looks == 0;
    if ((settled && silent.empty()) || now() - began >= kProves) {
      for (const auto& line : queue.noted) outcome_.notes.push_back(line);
      if (!silent.empty())
        outcome_.notes.push_back(
            fmt::format("{} answered before and do not now", format_hostlist(std::move(silent))));
      if (!different.empty())
        outcome_.notes.push_back(fmt::format("slurmctld says that {} have a different slurm.conf",
                                             format_hostlist(std::move(different))));
      co_return Result<void>{};
    }
    co_await pause_for(Millis(500));
  }
}

}  // namespace tidepool
