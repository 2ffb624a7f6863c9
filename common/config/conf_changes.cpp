#include "config/conf_changes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/hostlist.hpp"

namespace tidepool {
namespace {

using Fields = std::map<std::string, std::string>;
using What = ConfChange::What;

constexpr SlurmVersion kReconfigureRestarts{23, 11};

std::string low(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_secret(std::string_view key) {
  return key.find("pass") != std::string_view::npos || key == "authinfo" ||
         key == "authaltparameters";
}

std::string shown(const std::string& value) {
  return value.empty() ? "(not set)" : value;
}

// "MaxTime: 60 -> 120" for each key that differs, but those of `but`.
std::vector<std::string> differing(const Fields& before, const Fields& after,
                                   const std::set<std::string>& but,
                                   std::set<std::string>* keys = nullptr) {
  std::set<std::string> all;
  for (const auto& [key, value] : before) all.insert(key);
  for (const auto& [key, value] : after) all.insert(key);
  std::vector<std::string> out;
  for (const auto& key : all) {
    if (but.contains(key)) continue;
    const auto a = before.find(key), b = after.find(key);
    const std::string was = a == before.end() ? "" : a->second;
    const std::string is = b == after.end() ? "" : b->second;
    if (was == is) continue;
    out.push_back(fmt::format("{}: {} -> {}", key, shown(was), shown(is)));
    if (keys != nullptr) keys->insert(key);
  }
  return out;
}

void parameters(const SlurmConf& before, const SlurmConf& after, SlurmVersion version,
                std::vector<ConfChange>& into) {
  std::set<std::string> keys;
  for (const auto& [key, value] : before.values) keys.insert(key);
  for (const auto& [key, value] : after.values) keys.insert(key);
  for (const auto& key : keys) {
    const auto was = before.value(key), is = after.value(key);
    if (was.value_or("") == is.value_or("")) continue;
    ConfChange change;
    change.key = key;
    if (is_secret(key)) {
      change.before = was ? "(hidden)" : "";
      change.after = is ? "(hidden)" : "";
    } else {
      change.before = was.value_or("");
      change.after = is.value_or("");
    }
    change.takes = takes_of(key, version);
    into.push_back(std::move(change));
  }
}

void nodes(const SlurmConf& before, const SlurmConf& after, Takes takes,
           std::vector<ConfChange>& into) {
  ConfChange added, removed;
  added.what = What::node_added;
  removed.what = What::node_removed;
  added.takes = removed.takes = takes;
  for (const auto& [name, node] : after.nodes)
    if (!before.nodes.contains(name)) added.nodes.push_back(name);
  for (const auto& [name, node] : before.nodes)
    if (!after.nodes.contains(name)) removed.nodes.push_back(name);
  if (!removed.nodes.empty()) into.push_back(std::move(removed));
  if (!added.nodes.empty()) into.push_back(std::move(added));

  static const std::set<std::string> kLayout{
      "cpus",           "procs",          "boards",        "socketsperboard", "sockets",
      "corespersocket", "threadspercore", "corespeccount", "cpuspeclist"};
  std::map<std::vector<std::string>, ConfChange> alike;
  for (const auto& [name, is] : after.nodes) {
    const auto it = before.nodes.find(name);
    if (it == before.nodes.end()) continue;
    // The address is compared as the node's own, not as the line's list.
    std::set<std::string> keys;
    auto fields = differing(it->second.values, is.values, {"nodeaddr", "nodehostname"}, &keys);
    std::string address;
    if (it->second.address != is.address) address = "nodeaddr";
    if (fields.empty() && address.empty()) continue;
    if (!address.empty()) fields.push_back("nodeaddr: each its own");
    auto& change = alike[fields];
    change.what = What::node_changed;
    change.nodes.push_back(name);
    change.fields = fields;
    change.takes = takes;
    change.cpus = std::any_of(keys.begin(), keys.end(),
                              [&](const auto& key) { return kLayout.contains(key); });
  }
  for (auto& [fields, change] : alike) into.push_back(std::move(change));
}

void partitions(const SlurmConf& before, const SlurmConf& after, std::vector<ConfChange>& into) {
  const auto find = [](const SlurmConf& conf, const std::string& name) {
    const auto it = std::find_if(conf.partitions.begin(), conf.partitions.end(),
                                 [&](const auto& p) { return p.name == name; });
    return it == conf.partitions.end() ? nullptr : &*it;
  };
  for (const auto& was : before.partitions) {
    const auto* is = find(after, was.name);
    ConfChange change;
    change.key = was.name;
    if (is == nullptr) {
      change.what = What::partition_removed;
      into.push_back(std::move(change));
      continue;
    }
    change.what = What::partition_changed;
    change.fields = differing(was.values, is->values, {"nodes"});
    const std::set<std::string> members(is->nodes.begin(), is->nodes.end());
    const std::set<std::string> earlier(was.nodes.begin(), was.nodes.end());
    std::vector<std::string> come;
    for (const auto& node : members)
      if (!earlier.contains(node)) come.push_back(node);
    for (const auto& node : earlier)
      if (!members.contains(node)) change.nodes.push_back(node);
    if (!come.empty()) change.fields.push_back("nodes: +" + format_hostlist(come));
    if (!change.nodes.empty()) change.fields.push_back("nodes: -" + format_hostlist(change.nodes));
    if (!change.fields.empty()) into.push_back(std::move(change));
  }
  for (const auto& is : after.partitions) {
    if (find(before, is.name) != nullptr) continue;
    ConfChange change;
    change.what = What::partition_added;
    change.key = is.name;
    into.push_back(std::move(change));
  }
}

}  // namespace

std::string_view to_string(Takes takes) {
  switch (takes) {
    case Takes::nothing:
      return "nothing";
    case Takes::reconfigure:
      return "reconfigure";
    case Takes::restart:
      return "restart";
    case Takes::empty_cluster:
      return "restart of an empty cluster";
    case Takes::by_hand:
      return "by hand";
  }
  return "nothing";
}

Takes takes_of(std::string_view name, SlurmVersion version) {
  const std::string key = low(name);
  // slurmctld refuses another cluster's state, and finds no jobs in another folder; another machine
  // or user needs more than a file.
  static const std::set<std::string> kByHand{"clustername",    "statesavelocation", "slurmctldhost",
                                             "controlmachine", "backupcontroller",  "slurmuser"};
  // Daemons and steps that run go on with the old value, and nobody understands them any more.
  static const std::set<std::string> kEmpty{"slurmctldport", "slurmdport",      "authtype",
                                            "authinfo",      "credtype",        "selecttype",
                                            "switchtype",    "slurmduser",      "slurmdspooldir",
                                            "proctracktype", "jobcontainertype"};
  static const std::set<std::string> kRestart{"accountingstorageenforce",
                                              "accountingstoragetype",
                                              "grestypes",
                                              "jobcomptype",
                                              "maxjobcount",
                                              "maxnodecount",
                                              "plugindir",
                                              "powerplugin",
                                              "prioritytype",
                                              "schedulertype",
                                              "selecttypeparameters",
                                              "slurmctldparameters",
                                              "topologyplugin",
                                              "preptype",
                                              "prepplugins",
                                              "corespecplugin",
                                              "communicationparameters",
                                              "taskplugin",
                                              "mcsplugin",
                                              "sitefactorplugin",
                                              "nodefeaturesplugins",
                                              "nodeset",
                                              "downnodes",
                                              "cliplugins",
                                              "authalttypes",
                                              "authaltparameters"};
  if (kByHand.contains(key)) return Takes::by_hand;
  if (kEmpty.contains(key)) return Takes::empty_cluster;
  if (kRestart.contains(key) && version < kReconfigureRestarts) return Takes::restart;
  // Ports and authentication are named in scontrol(1) of 24.11.
  if ((key == "authalttypes" || key == "authaltparameters")) return Takes::restart;
  return Takes::reconfigure;
}

std::string to_string(const ConfChange& c) {
  const auto fields = fmt::format("{}", fmt::join(c.fields, ", "));
  switch (c.what) {
    case What::parameter:
      return fmt::format("{}: {} -> {}", c.key, shown(c.before), shown(c.after));
    case What::node_added:
      return fmt::format("{} nodes are new: {}", c.nodes.size(), format_hostlist(c.nodes));
    case What::node_removed:
      return fmt::format("{} nodes go: {}", c.nodes.size(), format_hostlist(c.nodes));
    case What::node_changed:
      return fmt::format("nodes {}: {}", format_hostlist(c.nodes), fields);
    case What::partition_added:
      return fmt::format("partition {} is new", c.key);
    case What::partition_removed:
      return fmt::format("partition {} goes", c.key);
    case What::partition_changed:
      return fmt::format("partition {}: {}", c.key, fields);
  }
  return {};
}

std::vector<ConfChange> conf_changes(const SlurmConf& before, const SlurmConf& after,
                                     SlurmVersion version) {
  std::vector<ConfChange> all;
  nodes(before, after, version < kReconfigureRestarts ? Takes::restart : Takes::reconfigure, all);
  partitions(before, after, all);
  parameters(before, after, version, all);
  return all;
}

}  // namespace tidepool
