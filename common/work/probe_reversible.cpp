// The probe's steps that take a server away and bring the same one back.
#include <fmt/format.h>

#include "work/probe.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

using openstack::ServerAction;

bool quota_known(const ProbeReport& report, const ProbeMeasure& measure) {
  const auto r = judge(report, measure).releases;
  return r.instances && r.cores && r.ram;
}

// Lists are made here: g++ 12 miscompiles them inside coroutines.
std::vector<std::string> one_status(const char* status) {
  return {status};
}
std::vector<std::string> any_shelved() {
  return {"SHELVED", "SHELVED_OFFLOADED"};
}

}  // namespace

std::vector<Probe::Held> Probe::reversible_steps() {
  return {
      {ProbeStep::pause, ServerAction::pause, one_status("PAUSED"), ServerAction::unpause},
      {ProbeStep::suspend, ServerAction::suspend, one_status("SUSPENDED"), ServerAction::resume},
      {ProbeStep::stop, ServerAction::stop, one_status("SHUTOFF"), ServerAction::start},
      {ProbeStep::shelve, ServerAction::shelve, any_shelved(), ServerAction::unshelve}};
}

void Probe::set_outcome(ProbeMeasure& measure, const ProbeAnswer& answer) {
  measure.outcome = answer.outcome;
  measure.why = answer.why;
}

Task<Result<void>> Probe::reversible(Held held) {
  ProbeMeasure measure;
  // When others' servers came or went meanwhile the quota's use says nothing: once more.
  for (int attempt = 0; attempt < 3; ++attempt) {
    settings_.progress(fmt::format("{}{}", to_string(held.step),
                                   attempt == 0 ? "" : ", again: other servers changed meanwhile"));
    measure = ProbeMeasure();
    measure.step = held.step;
    if (auto done = co_await hold_once(held, measure); !done) co_return done;
    if (measure.outcome != ProbeOutcome::done || quota_known(report_, measure)) break;
  }
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

Task<Result<void>> Probe::hold_once(Held held, ProbeMeasure& measure) {
  auto have = co_await have_server(measure);
  if (!have) co_return tl::unexpected(have.error());
  if (!*have) co_return Result<void>{};
  auto before = co_await look();
  if (!before) co_return tl::unexpected(before.error());
  measure.before = *before;
  if (auto heard = co_await hear_guest(); !heard) co_return heard;

  const Time began = now();
  auto asked = co_await servers_.ask(server_, held.hold);
  if (!asked) co_return tl::unexpected(asked.error());
  set_outcome(measure, *asked);
  if (!asked->done()) co_return Result<void>{};
  openstack::Server seen;
  auto settled = co_await servers_.settle(server_, held.states, "ACTIVE", seen);
  if (!settled) co_return tl::unexpected(settled.error());
  set_outcome(measure, *settled);
  if (!settled->done()) co_return co_await drop();
  measure.hold = now() - began;
  auto during = co_await look();
  if (!during) co_return tl::unexpected(during.error());
  measure.during = *during;

  auto back = co_await bring_back(held.back, seen.status, measure);
  if (!back) co_return tl::unexpected(back.error());
  co_return Result<void>{};
}

Task<Result<bool>> Probe::bring_back(ServerAction back, std::string from, ProbeMeasure& measure) {
  const Time began = now();
  auto asked = co_await servers_.ask(server_, back);
  if (!asked) co_return tl::unexpected(asked.error());
  ProbeAnswer answer = *asked;
  if (answer.done()) {
    openstack::Server seen;
    std::vector<std::string> active = one_status("ACTIVE");
    auto settled = co_await servers_.settle(server_, std::move(active), std::move(from), seen);
    if (!settled) co_return tl::unexpected(settled.error());
    answer = *settled;
  }
  if (!answer.done()) {
    measure.outcome = answer.outcome;
    measure.why = fmt::format("it was held and does not come back ({}): {}",
                              openstack::to_string(back), answer.why);
    if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
    co_return false;
  }
  measure.back = now() - began;
  auto kept = co_await hear_guest_again();
  if (!kept) co_return tl::unexpected(kept.error());
  measure.guest_kept = *kept;
  auto after = co_await look();
  if (!after) co_return tl::unexpected(after.error());
  measure.after = *after;
  co_return true;
}

// May this user? Nova looks at the policy before it looks at the state.
Task<Result<bool>> Probe::may_offload(ProbeMeasure& measure) {
  const ProbeMeasure* shelve = report_.find(ProbeStep::shelve);
  const bool shelved = shelve != nullptr && shelve->outcome == ProbeOutcome::done;
  const bool offloaded = shelved && shelve->during && shelve->during->status == "SHELVED_OFFLOADED";
  auto have = co_await have_server(measure);
  if (!have || !*have) co_return have;
  auto asked = co_await cloud_.compute().act(server_, ServerAction::shelve_offload);
  if (!asked && asked.error().kind == ErrorKind::auth) co_return tl::unexpected(asked.error());
  if (!asked && asked.error().kind == ErrorKind::forbidden) {
    measure.outcome = ProbeOutcome::forbidden;
    measure.why = asked.error().message;
    if (offloaded) measure.why += "; shelve does it by itself on this cloud";
    co_return false;
  }
  if (!shelved) measure.why = "shelve does not work here";
  if (offloaded) measure.why = "shelve does it by itself on this cloud";
  co_return measure.why.empty();
}

Task<Result<void>> Probe::shelve_offload() {
  settings_.progress(std::string(to_string(ProbeStep::shelve_offload)));
  ProbeMeasure measure;
  measure.step = ProbeStep::shelve_offload;
  auto may = co_await may_offload(measure);
  if (!may) co_return tl::unexpected(may.error());
  if (*may) {
    auto before = co_await look();
    if (!before) co_return tl::unexpected(before.error());
    measure.before = *before;
    const Time began = now();
    openstack::Server seen;
    std::vector<std::string> shelved = any_shelved();
    auto answer = co_await servers_.ask(server_, ServerAction::shelve);
    if (answer && answer->done())
      answer = co_await servers_.settle(server_, std::move(shelved), "ACTIVE", seen);
    if (answer && answer->done())
      answer = co_await servers_.ask(server_, ServerAction::shelve_offload);
    std::vector<std::string> offloaded = one_status("SHELVED_OFFLOADED");
    if (answer && answer->done())
      answer = co_await servers_.settle(server_, std::move(offloaded), "SHELVED", seen);
    if (!answer) co_return tl::unexpected(answer.error());
    set_outcome(measure, *answer);
    if (answer->done()) {
      measure.hold = now() - began;
      auto during = co_await look();
      if (!during) co_return tl::unexpected(during.error());
      measure.during = *during;
      auto back = co_await bring_back(ServerAction::unshelve, "SHELVED_OFFLOADED", measure);
      if (!back) co_return tl::unexpected(back.error());
    } else if (auto dropped = co_await drop(); !dropped) {
      co_return dropped;
    }
  }
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

}  // namespace tidepool
