#include "work/dynamic_nodes.hpp"

#include <fmt/format.h>

#include "base/hostlist.hpp"
#include "config/slurm_version.hpp"
#include "work/journal.hpp"

namespace tidepool {

Task<Result<std::set<std::string>>> names_known(slurm::Controller& controller,
                                                std::vector<std::string> names) {
  std::set<std::string> known;
  auto infos = co_await controller.nodes(std::move(names));
  if (!infos) {
    // When it knows none of them that is all it says.
    if (infos.error().kind == ErrorKind::invalid) co_return known;
    co_return tl::unexpected(infos.error());
  }
  for (const auto& info : *infos) known.insert(info.name);
  co_return known;
}

Task<Result<void>> make_nodes(slurm::Controller& controller,
                              std::vector<std::pair<std::string, std::string>> nodes,
                              std::vector<std::string> settings) {
  std::vector<std::string> names;
  for (const auto& [name, address] : nodes) names.push_back(name);
  auto done = co_await controller.create(std::move(nodes), std::move(settings));
  if (!done) co_return done;
  auto known = co_await names_known(controller, names);
  if (!known) co_return tl::unexpected(known.error());
  std::erase_if(names, [&](const auto& name) { return known->contains(name); });
  if (names.empty()) co_return Result<void>{};
  co_return fail(
      ErrorKind::quota,
      fmt::format("slurmctld has not made {}: is MaxNodeCount in slurm.conf large enough?",
                  format_hostlist(std::move(names))));
}

Task<Result<bool>> reuse_takes_reconfigure(slurm::Controller& controller) {
  auto text = co_await controller.version();
  if (!text) co_return tl::unexpected(text.error());
  const auto version = SlurmVersion::parse(*text);
  if (!version) co_return tl::unexpected(version.error());
  const bool keeps_them = *version >= kDeletedPlaces;
  const bool mended = *version >= kDeletedPlacesWork;
  co_return keeps_them && !mended;
}

std::vector<std::pair<std::string, std::string>> addressed(const Pool& pool,
                                                           const std::set<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& node : pool.nodes)
    if (names.contains(node.name))
      all.emplace_back(node.name, node.address ? node.address->str() : std::string());
  return all;
}

Task<Result<NodeSize>> size_of(const Pool& pool, openstack::Cloud& cloud) {
  auto flavor = co_await cloud.compute().find_flavor(pool.flavor);
  if (!flavor)
    co_return fail(
        Error(flavor.error()).context(fmt::format("pool {}: flavor {}", pool.name, pool.flavor)));
  NodeSize size;
  size.vcpus = flavor->vcpus;
  size.ram_mib = flavor->ram_mib;
  co_return size;
}

Task<Result<void>> DynamicNodes::make_missing(const std::set<std::string>& known) {
  std::string trouble;
  bool made = false;
  for (const auto& pool : s_.pools.pools) {
    std::set<std::string> missing;
    for (const auto& node : pool.nodes)
      if (!known.contains(node.name)) missing.insert(node.name);
    if (missing.empty()) continue;
    const auto list = format_hostlist({missing.begin(), missing.end()});
    auto size = co_await size_of(pool, s_.cloud);
    Result<void> done;
    if (size)
      done = co_await make_nodes(s_.controller, addressed(pool, missing),
                                 dynamic_settings(pool, *size));
    else
      done = tl::unexpected(size.error());
    if (done) {
      note(s_.store, LogLevel::info, {"", "slurmctld told: new nodes", list, "", ""});
      made = true;
      continue;
    }
    if (size && done.error().kind == ErrorKind::unreachable) co_return done;
    trouble += fmt::format("{}{}: {}", trouble.empty() ? "" : "; ", list, done.error().message);
  }
  if (!trouble.empty() && trouble != said_)
    note(s_.store, LogLevel::error, {"", "nodes that slurmctld does not have", trouble, "", ""});
  said_ = trouble;
  // Somebody may have deleted them.
  if (made) co_return co_await reconfigure_for_reuse();
  co_return Result<void>{};
}

Task<Result<void>> DynamicNodes::delete_strays() {
  auto records = s_.store.nodes();
  if (!records) co_return tl::unexpected(records.error());
  std::vector<std::string> names;
  for (const auto& r : *records)
    if (s_.pools.find(r.name).pool == nullptr && !r.leased() && r.wanted == Wanted::absent)
      names.push_back(r.name);
  if (names.empty()) co_return Result<void>{};
  auto known = co_await names_known(s_.controller, names);
  if (!known) co_return tl::unexpected(known.error());
  bool deleted = false;
  for (const auto& name : names) {
    if (known->contains(name)) {
      std::vector<std::string> one(1, name);
      auto done = co_await s_.controller.remove(std::move(one));
      if (!done) continue;  // in use for another moment
      deleted = true;
      note(s_.store, LogLevel::info, {name, "slurmctld told: node deleted", "in no pool", "", ""});
    }
    if (auto done = s_.store.forget(name); !done) co_return done;
  }
  if (deleted) co_return co_await reconfigure_for_reuse();
  co_return Result<void>{};
}

// So that jobs run on nodes in the places of deleted ones.
Task<Result<void>> DynamicNodes::reconfigure_for_reuse() {
  auto reconfigure = co_await reuse_takes_reconfigure(s_.controller);
  if (!reconfigure) co_return tl::unexpected(reconfigure.error());
  if (*reconfigure) co_return co_await s_.controller.reconfigure();
  co_return Result<void>{};
}

}  // namespace tidepool
