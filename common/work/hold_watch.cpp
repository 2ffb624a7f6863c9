// The watchdog: slurmctld must not take a held node for dead.
#include <algorithm>
#include <string>

#include "work/hold_notes.hpp"
#include "work/holds.hpp"

namespace tidepool {
namespace {

const std::string kStandinDown = "stand-in down: ";

bool needs_standin(const HoldRecord& h) {
  switch (h.step) {
    case HoldStep::planned:
    case HoldStep::draining:
    case HoldStep::halting:
    case HoldStep::redirecting:
      return h.mode() != HoldMode::requeue;
    case HoldStep::leaving:
    case HoldStep::held:
    case HoldStep::returning:
    case HoldStep::requeueing:
      return true;
    case HoldStep::rejoining:
    case HoldStep::resuming:
    case HoldStep::undraining:
    case HoldStep::discarding:
    case HoldStep::done:
      return false;
  }
  return false;
}

}  // namespace

// UNDRAIN makes slurmctld take the node for heard of just now; DRAIN at once, or it would be used.
// (It is not responding until it registers, so nothing is started on it in between.)
Task<Result<void>> Holds::refresh(const std::vector<const HoldRecord*>& those) {
  std::vector<std::string> names;
  for (const auto* h : those)
    for (const auto& n : h->nodes)
      if (facts_.node(n.node) != nullptr) names.push_back(n.node);
  if (names.empty()) co_return Result<void>{};
  std::vector<std::string> undrain(1, "State=UNDRAIN");
  auto done = co_await s_.controller.update(std::move(names), std::move(undrain));
  if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
  for (const auto* h : those) {
    std::vector<std::string> own;
    for (const auto& n : h->nodes)
      if (facts_.node(n.node) != nullptr) own.push_back(n.node);
    std::vector<std::string> settings{"State=DRAIN", "Reason=" + hold_reason(*h)};
    auto drained = co_await s_.controller.update(std::move(own), std::move(settings));
    if (!drained && drained.error().kind == ErrorKind::unreachable) co_return drained;
  }
  co_return Result<void>{};
}

// `status` says of each hold that its stand-in is down.
Result<void> Holds::show_standin() {
  for (auto& h : holds_) {
    if (!redirected(h)) continue;
    const bool says_so = h.last_error.starts_with(kStandinDown);
    if (says_so != standin_.answers()) continue;
    h.last_error = standin_.answers() ? std::string() : kStandinDown + standin_.trouble();
    if (auto saved = s_.store.save_hold(h); !saved) return saved;
  }
  return {};
}

Task<Result<void>> Holds::watch_standin() {
  const bool needed = std::any_of(holds_.begin(), holds_.end(), needs_standin);
  if (!needed) co_return Result<void>{};
  co_await standin_.check();
  if (auto shown = show_standin(); !shown) co_return shown;
  const Millis every = std::min(s_.slurmd_timeout / 4, Millis(5'000));
  if (now() - refreshed_ < every) co_return Result<void>{};
  std::vector<const HoldRecord*> stale;
  for (const auto& h : holds_) {
    if (!redirected(h)) continue;
    const bool unheard = std::any_of(h.nodes.begin(), h.nodes.end(), [&](const HoldNode& n) {
      const auto* info = facts_.node(n.node);
      return info != nullptr && info->has("NOT_RESPONDING");
    });
    if (unheard || !standin_.answers()) stale.push_back(&h);
  }
  if (stale.empty()) co_return Result<void>{};
  refreshed_ = now();
  co_return co_await refresh(stale);
}

}  // namespace tidepool
