#include "work/apply.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "base/hostlist.hpp"
#include "base/pause.hpp"
#include "work/journal.hpp"

namespace tidepool {

Task<Result<ClusterPicture>> look_at_cluster(Store& store, slurm::Controller& controller,
                                             std::vector<std::string> nodes) {
  ClusterPicture picture;
  std::vector<std::int64_t> all;
  auto jobs = co_await controller.jobs(std::move(all));
  if (!jobs) co_return tl::unexpected(jobs.error());
  auto infos = co_await controller.nodes(std::move(nodes));
  if (!infos) co_return tl::unexpected(infos.error());
  auto records = store.nodes();
  if (!records) co_return tl::unexpected(records.error());
  auto holds = store.holds();
  if (!holds) co_return tl::unexpected(holds.error());
  picture.jobs = std::move(*jobs);
  picture.nodes = std::move(*infos);
  picture.records = std::move(*records);
  picture.holds = std::move(*holds);
  co_return picture;
}

void Apply::fault(const char* when) const {
  fault_point(
      fmt::format("apply.{}{}.{}", record_.back ? "back." : "", to_string(record_.step), when));
}

Result<void> Apply::turn_back(std::string why) {
  tools_.say("undoing it: " + why);
  note(tools_.store, LogLevel::error, {"", "apply is undone", why, "", ""});
  record_.back = true;
  record_.why = std::move(why);
  // Nothing was replaced yet while nodes were drained.
  record_.step = record_.step == ApplyStep::draining ? ApplyStep::finishing : ApplyStep::installing;
  return save_apply(tools_.state_dir, record_);
}

Result<void> Apply::remember(const ClusterPicture& picture) {
  record_.queue = take_snapshot(picture.jobs, now());
  record_.addresses.clear();
  record_.up.clear();
  worked_ = false;
  for (const auto& hold : picture.holds)
    for (const auto& job : hold.jobs) record_.queue.held.push_back(job.id);
  for (const auto& info : picture.nodes) {
    const bool off = info.has("POWERED_DOWN") || info.has("POWERING_DOWN") ||
                     info.has("POWERING_UP") || info.has("POWER_DOWN");
    const bool answers = !info.has("NOT_RESPONDING") && info.state != "DOWN" &&
                         info.state != "UNKNOWN" && info.state != "FUTURE";
    // Of a node that is off slurm.conf may say another address from now on.
    if (!off && !info.address.empty()) record_.addresses.emplace_back(info.name, info.address);
    if (!off && answers) record_.up.push_back(info.name);
  }
  if (auto done = save_queue(tools_.state_dir, record_); !done) return done;
  record_.step = ApplyStep::installing;
  return save_apply(tools_.state_dir, record_);
}

Task<Result<void>> Apply::drain() {
  fault("before");
  if (record_.empty.empty()) co_return Result<void>{};
  std::vector<std::string> powered_down;
  const Time end = now() + tools_.drain_limit;
  std::string said;
  while (true) {
    auto picture = co_await look_at_cluster(tools_.store, tools_.controller, record_.empty);
    if (!picture) co_return tl::unexpected(picture.error());
    if (record_.drained.empty()) {
      for (const auto& info : picture->nodes)
        if (!info.has("DRAIN")) record_.drained.push_back(info.name);
      if (auto saved = save_apply(tools_.state_dir, record_); !saved) co_return saved;
      std::vector<std::string> settings{"State=DRAIN", "Reason=tidepool apply: it goes"};
      auto done = co_await tools_.controller.update(record_.drained, std::move(settings));
      if (!done) co_return done;
      fault("drained");
    }
    std::string waits;
    std::vector<std::string> idle;
    for (const auto& node : record_.empty) {
      const auto uses = uses_of(node, *picture);
      if (uses.empty()) continue;
      waits += fmt::format("{}{} {}", waits.empty() ? "" : ", ", node, fmt::join(uses, " and "));
      const bool only_lease = uses.size() == 1 && uses[0] == "has a lease";
      if (only_lease &&
          std::find(powered_down.begin(), powered_down.end(), node) == powered_down.end())
        idle.push_back(node);
    }
    if (waits.empty()) co_return Result<void>{};
    if (!idle.empty()) {
      powered_down.insert(powered_down.end(), idle.begin(), idle.end());
      auto done = co_await tools_.controller.power_down(std::move(idle));
      if (!done) tools_.say("slurmctld would not power down: " + done.error().message);
    }
    if (waits != said) tools_.say("waiting: " + waits);
    said = waits;
    if (now() >= end)
      co_return fail(ErrorKind::timeout, fmt::format("not free within {}: {}",
                                                     format_duration(tools_.drain_limit), waits));
    co_await pause_for(Millis(1'000));
  }
}

Task<Result<void>> Apply::step() {
  switch (record_.step) {
    case ApplyStep::draining:
      co_return co_await drain();
    case ApplyStep::installing:
      if (record_.back)
        if (auto emptied = co_await empty_fresh(); !emptied) co_return emptied;
      co_return install();
    case ApplyStep::telling:
      co_return co_await tell();
    case ApplyStep::answering:
      co_return co_await answer();
    case ApplyStep::addressing:
      co_return co_await address();
    case ApplyStep::creating:
      co_return co_await create();
    case ApplyStep::pushing:
      co_return co_await push();
    case ApplyStep::proving:
      co_return co_await prove();
    case ApplyStep::finishing:
      co_return co_await finish();
    case ApplyStep::done:
      break;
  }
  co_return Result<void>{};
}

// The worker rests as long as this step needs it to.
Result<void> Apply::take_rest() {
  const bool rests = record_.step >= ApplyStep::installing && record_.step <= ApplyStep::pushing;
  if (auto done = tools_.rest(rests); !done)
    return fail(Error(done.error()).context("the worker does not rest"));
  if (!rests) {
    worked_ = true;
    return {};
  }
  if (!worked_) return {};
  // Addresses that were noted before the worker worked may have been true then: a hold has begun or
  // ended since. slurmctld itself keeps those of the worker's nodes, as they are CLOUD.
  auto records = tools_.store.nodes();
  if (!records) return tl::unexpected(records.error());
  std::set<std::string> others;
  for (const auto& r : *records) others.insert(r.name);
  std::erase_if(record_.addresses, [&](const auto& one) { return others.contains(one.first); });
  worked_ = false;
  return {};
}

Task<Result<ApplyOutcome>> Apply::run() {
  // What a killed apply knew of slurmctld's log died with it: the nodes are told again.
  if (record_.step == ApplyStep::proving) record_.step = ApplyStep::pushing;
  while (record_.step != ApplyStep::done) {
    if (auto rests = take_rest(); !rests) co_return tl::unexpected(rests.error());
    fault("before");
    auto done = co_await step();
    fault("after");
    if (!done) {
      if (record_.back || record_.step == ApplyStep::finishing)
        co_return fail(Error(done.error())
                           .context(fmt::format("{}step {}", record_.back ? "undoing, " : "",
                                                to_string(record_.step))));
      if (auto turned = turn_back(done.error().message); !turned)
        co_return tl::unexpected(turned.error());
      continue;
    }
    record_.step = static_cast<ApplyStep>(static_cast<int>(record_.step) + 1);
    if (record_.step == ApplyStep::done) break;
    if (auto saved = save_apply(tools_.state_dir, record_); !saved)
      co_return tl::unexpected(saved.error());
  }
  outcome_.applied = !record_.back;
  outcome_.why = record_.why;
  if (auto ended = end_apply(tools_.state_dir); !ended) co_return tl::unexpected(ended.error());
  co_return outcome_;
}

// On the way back all that we have drained; on the way there those that have become others.
Task<Result<void>> Apply::undrain() {
  auto infos = co_await tools_.controller.nodes(record_.drained);
  if (!infos) co_return tl::unexpected(infos.error());
  std::vector<std::string> names;
  for (const auto& info : *infos)
    if (info.has("DRAIN")) names.push_back(info.name);
  if (!record_.back)
    for (const auto& node : record_.gone) std::erase(names, node);
  if (names.empty()) co_return Result<void>{};
  std::vector<std::string> settings{"State=UNDRAIN"};
  auto done = co_await tools_.controller.update(std::move(names), std::move(settings));
  if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
  if (!done) outcome_.notes.push_back("not undrained: " + done.error().message);
  co_return Result<void>{};
}

Task<Result<void>> Apply::finish() {
  if (auto done = co_await undrain(); !done) co_return done;
  if (!record_.back) {
    for (const auto& node : record_.gone) {
      auto known = tools_.store.node(node);
      if (!known) co_return tl::unexpected(known.error());
      if (!*known) continue;
      if (auto done = tools_.store.forget(node); !done) co_return done;
    }
  }
  if (auto done = keep_applied(tools_.state_dir, record_); !done) co_return done;
  note(tools_.store, record_.back ? LogLevel::warning : LogLevel::info,
       {"", record_.back ? "apply undone" : "apply done",
        fmt::format("{}{}", record_.conf.changes() ? record_.conf.path.string() : "",
                    record_.pool.changes() ? " " + record_.pool.path.string() : ""),
        "", ""});
  co_return Result<void>{};
}

}  // namespace tidepool
