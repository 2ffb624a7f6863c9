// Idle opportunistic nodes that go: drained first, looked at again, then powered down, as Slurm
// itself would have done a little later.
#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "work/journal.hpp"
#include "work/reclaims.hpp"

namespace tidepool {
namespace {

// After this slurmctld, or the cloud, is not waited for any longer.
constexpr Millis kForgotten{900'000};

std::string idle_reason(const ReclaimNode& n) {
  return fmt::format("tidepool: request {}: idle node goes", n.reclaim);
}

bool is_off(const slurm::NodeInfo& info) {
  return info.has("POWER_DOWN") || info.has("POWERING_DOWN") || info.has("POWERED_DOWN");
}

}  // namespace

// Its request has ended, or it has waited too long.
Result<bool> Reclaims::idle_is_over(const ReclaimNode& n) const {
  if (now() - n.since > kForgotten) return true;
  return std::none_of(requests_.begin(), requests_.end(),
                      [&](const auto& r) { return r.id == n.reclaim; });
}

Task<Result<void>> Reclaims::move_idle_node(ReclaimNode& n, const slurm::NodeInfo& info) {
  auto over = idle_is_over(n);
  if (!over) co_return tl::unexpected(over.error());
  const bool drained = info.has("DRAIN");
  const bool ours = drained && info.reason.starts_with("tidepool: request ");
  std::vector<std::string> name(1, n.node);
  if (n.powered_down || is_off(info)) {
    if (!n.powered_down) {
      // Slurm was quicker.
      n.powered_down = true;
      if (auto saved = s_.store.save_idle_node(n); !saved) co_return saved;
    }
    if (!is_off(info) && info.state == "IDLE" && ours)
      co_return co_await s_.controller.power_down(std::move(name));
    if (ours) {
      // On its way: what slurmctld does with it afterwards is as with any other.
      std::vector<std::string> settings(1, "State=UNDRAIN");
      co_return co_await s_.controller.update(std::move(name), std::move(settings));
    }
    if (*over) co_return s_.store.drop_idle_node(n.node);
    co_return Result<void>{};
  }
  const bool busy = info.state != "IDLE" || info.has("COMPLETING");
  if (*over || busy) {
    if (ours) {
      std::vector<std::string> settings(1, "State=UNDRAIN");
      auto done = co_await s_.controller.update(std::move(name), std::move(settings));
      if (!done) co_return done;
    }
    if (busy)
      note(s_.store, LogLevel::info,
           {n.node, fmt::format("reclaim {}: node stays", n.reclaim), "a job came first", "", ""});
    again_ = true;
    co_return s_.store.drop_idle_node(n.node);
  }
  if (!drained) {
    std::vector<std::string> settings{"State=DRAIN", "Reason=" + idle_reason(n)};
    auto done = co_await s_.controller.update(std::move(name), std::move(settings));
    if (done) fault_point("reclaims.idle.drained");
    again_ = true;
    co_return done;
  }
  // Drained by a person: it is theirs.
  if (!ours) co_return s_.store.drop_idle_node(n.node);
  n.powered_down = true;
  n.since = now();
  if (auto saved = s_.store.save_idle_node(n); !saved) co_return saved;
  fault_point("reclaims.idle.powering");
  auto done = co_await s_.controller.power_down(std::move(name));
  if (done)
    note(s_.store, LogLevel::info,
         {n.node, fmt::format("reclaim {}: idle node powered down", n.reclaim), "", "", ""});
  again_ = true;
  co_return done;
}

Task<Result<void>> Reclaims::move_idle() {
  if (idle_.empty()) co_return Result<void>{};
  const std::vector<ReclaimNode> all = idle_;
  std::vector<std::string> names;
  for (const auto& n : all) names.push_back(n.node);
  auto infos = co_await s_.controller.nodes(std::move(names));
  if (!infos) co_return tl::unexpected(infos.error());
  for (const auto& one : all) {
    const auto info = std::find_if(infos->begin(), infos->end(),
                                   [&](const auto& i) { return i.name == one.node; });
    if (info == infos->end()) {
      if (auto done = s_.store.drop_idle_node(one.node); !done) co_return done;
      continue;
    }
    ReclaimNode n = one;
    auto done = co_await move_idle_node(n, *info);
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    if (!done)
      log_error(LogLevel::warning, "an idle node cannot go", done.error(), {{"node", n.node}});
  }
  co_return load();
}

}  // namespace tidepool
