// The way back: jobs that have begun on nodes that go with it.
#include <fmt/format.h>
#include <algorithm>

#include "base/hostlist.hpp"
#include "base/pause.hpp"
#include "work/apply.hpp"

namespace tidepool {
namespace {

constexpr Millis kEmpties{60'000};  // jobs that were requeued leave their nodes

bool is_used(const slurm::NodeInfo& info) {
  return info.state == "ALLOCATED" || info.state == "MIXED" || info.has("COMPLETING");
}

Task<Result<std::vector<std::int64_t>>> jobs_on(slurm::Controller& controller,
                                                std::vector<std::string> nodes) {
  std::vector<std::int64_t> every;
  auto jobs = co_await controller.jobs(std::move(every));
  if (!jobs) co_return tl::unexpected(jobs.error());
  std::vector<std::int64_t> ids;
  for (const auto& job : *jobs)
    if (!has_ended(job) && std::any_of(job.nodes.begin(), job.nodes.end(), [&](const auto& node) {
          return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
        }))
      ids.push_back(job.id);
  co_return ids;
}

}  // namespace

// slurmctld fails a job whose node it does not find in its file: those that were started on the new
// nodes in the meantime, moments ago, go back to the queue first. A server that boots there already
// goes.
Task<Result<void>> Apply::empty_fresh() {
  if (record_.fresh.empty()) co_return Result<void>{};
  auto infos = co_await tools_.controller.nodes(record_.fresh);
  if (!infos) {
    // It does not come up with the new file, so it has started nothing.
    if (infos.error().kind != ErrorKind::unreachable) co_return tl::unexpected(infos.error());
    co_return Result<void>{};
  }
  std::vector<std::string> known;
  for (const auto& info : *infos) known.push_back(info.name);
  if (known.empty()) co_return Result<void>{};
  auto there = co_await jobs_on(tools_.controller, known);
  if (!there) co_return tl::unexpected(there.error());
  // slurmctld itself requeues those whose node still boots.
  std::vector<std::string> drain{"State=DRAIN", "Reason=tidepool apply: it is undone"};
  if (auto done = co_await tools_.controller.update(known, std::move(drain)); !done) co_return done;
  if (!there->empty()) {
    auto what =
        fmt::format("jobs {} had begun on nodes that go again: requeued", fmt::join(*there, ", "));
    tools_.say(what);
    moved_.insert(there->begin(), there->end());
    auto still = co_await jobs_on(tools_.controller, known);
    if (!still) co_return tl::unexpected(still.error());
    auto done = co_await tools_.controller.requeue(std::move(*still), false);
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (!done) what += " (" + done.error().message + ")";
    outcome_.notes.push_back(std::move(what));
  }
  std::vector<NodeKey> leased;
  auto records = tools_.store.nodes();
  if (!records) co_return tl::unexpected(records.error());
  for (const auto& r : *records)
    if (std::find(known.begin(), known.end(), r.name) != known.end() &&
        (r.leased() || r.wanted == Wanted::present))
      leased.push_back({r.name, r.pool});
  if (!leased.empty())
    if (auto done = tools_.store.want(leased, Wanted::absent, "apply"); !done) co_return done;
  for (const Time end = now() + kEmpties; now() < end;) {
    auto again = co_await tools_.controller.nodes(known);
    if (!again) co_return tl::unexpected(again.error());
    if (std::none_of(again->begin(), again->end(), is_used)) break;
    co_await pause_for(Millis(300));
  }
  co_return Result<void>{};
}

}  // namespace tidepool
