// Is what stepped aside really gone from placement's book?
#include "base/log.hpp"
#include "work/reclaims.hpp"

namespace tidepool {
namespace {

bool comes_and_goes(ErrorKind kind) {
  return kind == ErrorKind::unreachable || kind == ErrorKind::timeout ||
         kind == ErrorKind::server_error || kind == ErrorKind::throttled;
}

}  // namespace

// By Nova's state, where placement is not for us to see: a server that is offloaded or gone holds
// nothing of a host.
bool Reclaims::offloaded(const std::string& name, const std::string& server_id) const {
  if (!inventory_) return false;
  const auto [first, last] = inventory_->by_node().equal_range(name);
  for (auto it = first; it != last; ++it)
    if (it->second->id == server_id)
      return it->second->vm_state == "shelved_offloaded" ||
             it->second->status == "SHELVED_OFFLOADED";
  return true;
}

Task<Result<void>> Reclaims::verify() {
  std::vector<std::pair<std::string, std::string>> look;  // node, server
  std::set<std::string> known;
  for (const auto& r : requests_) {
    if (r.book != Book::placement) continue;
    for (const auto& h : holds_) {
      if (h.reclaim != r.id) continue;
      const bool away = h.step == HoldStep::held || h.step == HoldStep::done;
      for (const auto& n : h.nodes) {
        if (n.server_id.empty()) continue;
        known.insert(n.server_id);
        if (away && !left_placement_.contains(n.server_id)) look.emplace_back(n.node, n.server_id);
      }
    }
  }
  std::erase_if(left_placement_, [&](const auto& id) { return !known.contains(id); });
  for (const auto& [name, id] : look) {
    if (!placement_hidden_) {
      auto permit = co_await s_.limiter.acquire();
      const auto began = std::chrono::steady_clock::now();
      auto held = co_await s_.cloud.placement().allocations(id);
      permit.done(began, held ? nullptr : &held.error());
      if (held) {
        if (held->providers == 0) left_placement_.insert(id);
        continue;
      }
      if (comes_and_goes(held.error().kind)) continue;
      placement_hidden_ = true;
      log_error(LogLevel::info, "placement is not for us to read; Nova's states are believed",
                held.error());
    }
    if (offloaded(name, id)) left_placement_.insert(id);
  }
  co_return Result<void>{};
}

}  // namespace tidepool
