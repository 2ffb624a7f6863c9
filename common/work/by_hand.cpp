#include "work/by_hand.hpp"

#include <fmt/format.h>

namespace tidepool {

Result<std::vector<NodeKey>> candidates(const PoolFile& pools, const NodeWish& wish) {
  if (!wish.pool.empty() && pools.pool(wish.pool) == nullptr)
    return fail(ErrorKind::invalid,
                fmt::format("no pool '{}' in {}", wish.pool, pools.path.string()));
  if (!wish.ip.empty()) {
    if (auto ip = Ipv4::parse(wish.ip); !ip) return tl::unexpected(ip.error());
  }
  if (wish.name.empty() && wish.pool.empty() && wish.ip.empty() && pools.pools.size() > 1) {
    std::string names;
    for (const auto& pool : pools.pools) names += (names.empty() ? "" : ", ") + pool.name;
    return fail(ErrorKind::invalid, "several pools; name one with --pool: " + names);
  }
  std::vector<NodeKey> fit;
  std::string address_owner;
  for (const auto& pool : pools.pools) {
    for (const auto& node : pool.nodes) {
      const bool ip_fits = !wish.ip.empty() && node.address && node.address->str() == wish.ip;
      if (ip_fits) address_owner = node.name;
      if (!wish.pool.empty() && pool.name != wish.pool) continue;
      if (!wish.name.empty() && node.name != wish.name) continue;
      if (!wish.ip.empty() && !ip_fits) continue;
      fit.push_back({node.name, pool.name});
    }
  }
  if (!fit.empty()) return fit;
  const auto found = pools.find(wish.name);
  if (!wish.name.empty() && found.pool == nullptr)
    return fail(ErrorKind::invalid,
                fmt::format("node '{}' is in no pool of {}", wish.name, pools.path.string()));
  if (!wish.name.empty() && !wish.pool.empty() && found.pool->name != wish.pool)
    return fail(ErrorKind::invalid, fmt::format("node {} is in pool {}, not in {}", wish.name,
                                                found.pool->name, wish.pool));
  if (address_owner.empty())
    return fail(ErrorKind::invalid,
                fmt::format("address {} is in no pool of {}", wish.ip, pools.path.string()));
  return fail(ErrorKind::invalid,
              fmt::format("address {} belongs to node {}{}", wish.ip, address_owner,
                          wish.name.empty() ? "" : ", not to " + wish.name));
}

Result<std::string> claim_node(const PoolFile& pools, Store& store, const NodeWish& wish) {
  auto fit = candidates(pools, wish);
  if (!fit) return tl::unexpected(fit.error());
  auto name = store.claim(*fit, "operator", to_json(wish.extras));
  if (name || name.error().kind != ErrorKind::not_found) return name;
  if (fit->size() == 1)
    return fail(
        ErrorKind::conflict,
        fmt::format("node {} is in use already; see 'tidepool pool list'", fit->front().name));
  return fail(ErrorKind::conflict, fmt::format("all {} nodes are in use", fit->size()));
}

Task<Result<std::optional<std::string>>> in_use(Surroundings& s, std::string node) {
  std::vector<std::string> names(1, node);
  auto infos = co_await s.controller.nodes(std::move(names));
  if (!infos) co_return tl::unexpected(infos.error());
  for (const auto& info : *infos) {
    if (info.name != node) continue;
    if (info.state == "ALLOCATED" || info.state == "MIXED" || info.has("COMPLETING"))
      co_return fmt::format("slurmctld shows it {}: jobs run on it", info.state);
  }
  co_return std::nullopt;
}

Task<Result<void>> forget_in_slurm(Surroundings& s, std::vector<std::string> nodes) {
  auto infos = co_await s.controller.nodes(std::move(nodes));
  if (!infos) co_return tl::unexpected(infos.error());
  std::vector<std::string> up;
  for (const auto& info : *infos)
    if (info.has("CLOUD") && !info.has("POWERED_DOWN") && !info.has("POWERING_DOWN") &&
        !info.has("POWER_DOWN"))
      up.push_back(info.name);
  co_return co_await s.controller.power_down(std::move(up));
}

}  // namespace tidepool
