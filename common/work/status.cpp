#include "work/status.hpp"

#include <map>

#include "node/observed.hpp"
#include "work/hold_status.hpp"

namespace tidepool {

NodeStatus status_of(const PoolFile& pools, const NodeRecord& r) {
  NodeStatus s;
  s.pool = r.pool;
  s.name = r.name;
  s.address = r.address;
  s.server_id = r.server_id;
  s.since = r.want_since;
  s.reason = r.last_error;
  const auto place = pools.find(r.name);
  if (s.address.empty() && place.node != nullptr && place.node->address)
    s.address = place.node->address->str();
  const bool parked = node::is_parked(r.server_state);
  if (r.failure) {
    s.status = "failed";
    s.reason = r.failure->text;
    s.until = r.failure->until;
  } else if (r.wanted == Wanted::present) {
    const bool by_slurm = r.want_by != "operator";
    s.status = r.active_since == Time{} ? "creating" : by_slurm && !r.registered ? "booting" : "up";
  } else if (!r.leased()) {
    s.status = "free";
  } else {
    s.status = parked && r.want_by == "suspend" ? "parked" : "leaving";
  }
  if (place.pool == nullptr && r.leased()) s.status = "stranded";
  return s;
}

namespace {

void lay_over(const std::vector<HoldRecord>& holds, std::vector<NodeStatus>& all) {
  std::map<std::string, const HoldRecord*> by_node;
  for (const auto& hold : holds)
    for (const auto& node : hold.nodes) by_node[node.node] = &hold;
  for (auto& s : all) {
    const auto it = by_node.find(s.name);
    const auto word = it == by_node.end() ? std::string_view() : node_word(it->second->step);
    if (word.empty()) continue;
    s.status = word;
    s.since = it->second->step_since;
    s.until = {};
    s.reason = it->second->last_error;
  }
}

}  // namespace

Result<std::vector<NodeStatus>> list_status(const PoolFile& pools, Store& store) {
  auto records = store.nodes();
  if (!records) return tl::unexpected(records.error());
  std::map<std::string, const NodeRecord*> by_name;
  for (const auto& r : *records) by_name[r.name] = &r;
  std::vector<NodeStatus> all;
  for (const auto& pool : pools.pools) {
    for (const auto& node : pool.nodes) {
      if (const auto it = by_name.find(node.name); it != by_name.end()) {
        all.push_back(status_of(pools, *it->second));
        all.back().pool = pool.name;
        by_name.erase(it);
        continue;
      }
      NodeStatus s;
      s.pool = pool.name;
      s.name = node.name;
      if (node.address) s.address = node.address->str();
      s.status = "free";
      all.push_back(std::move(s));
    }
  }
  for (const auto& [name, record] : by_name)
    if (record->leased()) all.push_back(status_of(pools, *record));
  const auto holds = store.holds();
  if (!holds) return tl::unexpected(holds.error());
  lay_over(*holds, all);
  return all;
}

}  // namespace tidepool
