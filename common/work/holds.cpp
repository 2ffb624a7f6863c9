#include "work/holds.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/fault_point.hpp"
#include "node/verdict.hpp"
#include "work/hold_notes.hpp"
#include "work/journal.hpp"

namespace tidepool {
namespace {

constexpr Millis kHurry{400};          // between two rounds while a hold is on its way
constexpr Millis kJobsAtRest{10'000};  // between two looks at jobs while none is
constexpr int kMostPasses = 20;

}  // namespace

Result<void> Holds::load() {
  // A round works on these records across its awaits.
  if (working_) return {};
  auto holds = s_.store.holds();
  if (!holds) return tl::unexpected(holds.error());
  holds_ = std::move(*holds);
  owned_.clear();
  for (const auto& h : holds_)
    for (const auto& n : h.nodes) owned_.insert(n.node);
  return {};
}

bool Holds::restless() const {
  return std::any_of(holds_.begin(), holds_.end(), [](const HoldRecord& h) {
    return h.step != HoldStep::held || h.wanted == HoldWanted::released;
  });
}

bool Holds::any_reclaimed() const {
  return std::any_of(holds_.begin(), holds_.end(),
                     [](const HoldRecord& h) { return h.reclaim != 0; });
}

Millis Holds::rhythm() const {
  if (holds_.empty()) return Millis(3'600'000);
  return hurry_ || restless() ? kHurry : StandinWatch::kEvery;
}

void Holds::seen(std::shared_ptr<const Inventory> inventory) {
  inventory_ = std::move(inventory);
}

Holds::Those Holds::in(HoldStep step) {
  Those those;
  for (auto& h : holds_)
    if (h.step == step && now() >= h.next_try) those.push_back(&h);
  return those;
}

Task<Result<void>> Holds::read(bool jobs_too) {
  const Millis rarely = std::min(kJobsAtRest, s_.pools.policy.poll_idle);
  const bool due = jobs_too || restless() || now() - facts_.jobs_at >= rarely;
  co_return co_await read_facts(s_.controller, holds_, due, facts_);
}

Task<Result<void>> Holds::round() {
  if (auto read_all = load(); !read_all) co_return read_all;
  if (holds_.empty()) co_return Result<void>{};
  working_ = true;
  hurry_ = false;
  Result<void> outcome;
  for (int i = 0; i < kMostPasses; ++i) {
    auto moved = co_await pass();
    if (!moved) {
      outcome = tl::unexpected(moved.error());
      break;
    }
    if (!*moved) break;
  }
  working_ = false;
  if (auto again = load(); !again && outcome) outcome = again;
  co_return outcome;
}

Task<Result<bool>> Holds::pass() {
  moved_ = false;
  if (auto done = co_await read(false); !done) co_return tl::unexpected(done.error());
  if (auto done = co_await watch_standin(); !done) co_return tl::unexpected(done.error());
  using Part = Task<Result<void>> (Holds::*)(const Those&);
  static constexpr std::pair<HoldStep, Part> kParts[] = {
      {HoldStep::planned, &Holds::plan},        {HoldStep::draining, &Holds::drain},
      {HoldStep::halting, &Holds::halt},        {HoldStep::redirecting, &Holds::redirect},
      {HoldStep::leaving, &Holds::leave},       {HoldStep::held, &Holds::rest},
      {HoldStep::returning, &Holds::come_back}, {HoldStep::rejoining, &Holds::rejoin},
      {HoldStep::resuming, &Holds::resume},     {HoldStep::undraining, &Holds::undrain},
      {HoldStep::requeueing, &Holds::requeue},  {HoldStep::discarding, &Holds::discard},
  };
  // Who moves is looked at again in the next pass, with what slurmctld says then.
  std::vector<std::pair<Part, Those>> work;
  for (const auto& [step, part] : kParts)
    if (auto those = in(step); !those.empty()) work.emplace_back(part, std::move(those));
  for (auto& [part, those] : work)
    if (auto done = co_await (this->*part)(those); !done) co_return tl::unexpected(done.error());
  std::erase_if(holds_, [](const HoldRecord& h) { return !h.active(); });
  // The want may have changed meanwhile.
  for (auto& h : holds_) {
    auto fresh = s_.store.hold(h.id);
    if (!fresh) co_return tl::unexpected(fresh.error());
    if (!*fresh) continue;
    h.wanted = (*fresh)->wanted;
    h.want_by = (*fresh)->want_by;
    h.want_since = (*fresh)->want_since;
  }
  co_return moved_;
}

Result<void> Holds::advance(HoldRecord& h, HoldStep next) {
  fault_point(fmt::format("holds.{}.after", to_string(h.step)));
  log_event(LogLevel::info, "hold goes on",
            {{"hold", fmt::format("{}", h.id)},
             {"from", std::string(to_string(h.step))},
             {"to", std::string(to_string(next))},
             {"mode", std::string(to_string(h.mode()))}});
  h.step = next;
  h.step_since = now();
  h.attempts = 0;
  h.next_try = {};
  h.last_error.clear();
  forget_tries(h);
  if (auto saved = s_.store.save_hold(h); !saved) return saved;
  moved_ = true;
  fault_point(fmt::format("holds.{}.before", to_string(next)));
  return {};
}

Result<void> Holds::failed_try(HoldRecord& h, const Error& error) {
  ++h.attempts;
  const bool new_words = h.last_error != error.message;
  h.last_error = error.message;
  h.next_try = now() + node::back_off(h.attempts);
  if (new_words) event(h, LogLevel::warning, "will try again", error.message);
  hurry_ = true;
  return s_.store.save_hold(h);
}

void Holds::event(const HoldRecord& h, LogLevel level, const std::string& what,
                  const std::string& detail) {
  const std::string node = h.nodes.empty() ? std::string() : h.nodes.front().node;
  note(s_.store, level,
       {node, fmt::format("hold {}: {}", h.id, what),
        fmt::format("{}{}{}", jobs_of(h), detail.empty() ? "" : ": ", detail),
        h.nodes.empty() ? std::string() : h.nodes.front().server_id, ""});
}

Task<void> Holds::tell_jobs(const HoldRecord& h, std::string words) {
  for (const auto& j : h.jobs) {
    const auto* info = facts_.job(j.id);
    // slurmctld changes nothing of a job that has ended.
    if (info == nullptr || node::stands(info->state, info->reason, false) == node::JobStands::ended)
      continue;
    const std::string text = with_hold_note(info->admin_comment, h.id, words);
    if (text == info->admin_comment) continue;
    auto told = co_await s_.controller.set_admin_comment(j.id, text);
    // A comment is for people: the hold does not wait for it.
    if (!told)
      log_error(LogLevel::warning, "admin_comment not set", told.error(),
                {{"job", fmt::format("{}", j.id)}});
  }
}

Task<Result<void>> Holds::turn_back(HoldRecord& h, std::string outcome, HoldStep next) {
  if (!outcome.empty() && h.outcome.empty()) {
    h.outcome = std::move(outcome);
    event(h, LogLevel::warning, std::string(to_string(next)), h.outcome);
    co_await tell_jobs(h, fmt::format("{} {}", format_time(now()), h.outcome));
  }
  if (next == HoldStep::done) co_return end(h);
  co_return advance(h, next);
}

Task<Result<void>> Holds::refuse(HoldRecord& h, std::string why) {
  co_return co_await turn_back(h, "refused: " + why, way_back(h));
}

bool Holds::redirected(const HoldRecord& h) const {
  return std::any_of(h.nodes.begin(), h.nodes.end(), [&](const HoldNode& n) {
    const auto* info = facts_.node(n.node);
    return info != nullptr && !standin_address().empty() && info->address == standin_address();
  });
}

HoldStep Holds::way_back(const HoldRecord& h) const {
  if (h.step == HoldStep::halting && redirected(h)) return HoldStep::returning;
  return node::way_back_from(h.step);
}

bool Holds::has_jobs(const HoldRecord& h) const {
  const auto all = facts_.stands(h);
  return std::any_of(all.begin(), all.end(),
                     [&](node::JobStands j) { return node::belongs(h.mode(), j); });
}

// What hooks wrote down while the node was held was about a node that could not answer. Its job is
// there again, so it is wanted; and by nobody who would have it booted afresh.
Result<void> Holds::settle_want(const std::string& name) {
  auto record = s_.store.node(name);
  if (!record) return tl::unexpected(record.error());
  if (!*record) return {};
  const NodeRecord& r = **record;
  const bool by_hooks = r.want_by == "suspend" || r.want_by == "slurm" ||
                        r.want_by == "resume-fail" || r.want_by == "hold";
  const bool put_away = r.wanted == Wanted::absent && by_hooks;
  const bool asked_anew = r.wanted == Wanted::present && r.fresh_want() && r.want_by == "resume";
  if (!put_away && !asked_anew) return {};
  auto done = s_.store.want_if({name, r.pool}, r.want_seq, Wanted::present, "slurm");
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Holds::end(HoldRecord& h) {
  fault_point(fmt::format("holds.{}.after", to_string(h.step)));
  if (h.outcome.empty()) h.outcome = "released";
  h.step = HoldStep::done;
  h.step_since = now();
  h.ended = now();
  h.last_error.clear();
  if (auto saved = s_.store.save_hold(h); !saved) return saved;
  forget_tries(h);
  halted_since_.erase(h.id);
  rejoined_.erase(h.id);
  event(h, LogLevel::info, "ended", h.outcome);
  for (const auto& n : h.nodes) owned_.erase(n.node);
  moved_ = true;
  look_wanted_ = true;
  return {};
}

Holds::Seen Holds::look_at(const std::string& name) const {
  Seen seen;
  if (!inventory_ || in_flight_.contains(name)) return seen;
  if (const auto it = touched_.find(name);
      it != touched_.end() && it->second >= inventory_->began())
    return seen;
  auto record = s_.store.node(name);
  if (!record || !*record) return seen;
  const auto view = inventory_->view(**record);
  seen.server = view.own;
  seen.observed = view.observed;
  seen.fresh = true;
  return seen;
}

void Holds::launch(const std::string& name, Task<Result<void>> action) {
  in_flight_.insert(name);
  hurry_ = true;
  boost::asio::co_spawn(s_.context, std::move(action),
                        [this, name](std::exception_ptr thrown, Result<void> result) {
                          if (thrown) result = fail(ErrorKind::internal, "a request threw");
                          in_flight_.erase(name);
                          touched_[name] = now();
                          if (!result) failures_[name] = result.error();
                          if (in_flight_.empty()) look_wanted_ = true;
                          if (on_answer) on_answer();
                        });
}

std::optional<Error> Holds::take_failure(const std::string& name) {
  const auto it = failures_.find(name);
  if (it == failures_.end()) return std::nullopt;
  Error error = std::move(it->second);
  failures_.erase(it);
  return error;
}

bool Holds::may_try(const std::string& name) const {
  const auto it = next_try_.find(name);
  return it == next_try_.end() || now() >= it->second;
}

void Holds::count_try(const std::string& name) {
  const int n = ++tries_[name];
  // The first repetition at once: a task may have been under way.
  next_try_[name] = now() + (n == 1 ? Millis(0) : node::back_off(n - 1));
}

void Holds::forget_tries(const HoldRecord& h) {
  for (const auto& n : h.nodes) {
    tries_.erase(n.node);
    next_try_.erase(n.node);
    failures_.erase(n.node);
    answers_.erase(n.node);
    missing_since_.erase(n.node);
  }
}

std::string Holds::standin_address() const {
  return s_.pools.standin.address ? s_.pools.standin.address->str() : std::string();
}

}  // namespace tidepool
