#include "apply_output.hpp"

#include <fmt/format.h>

#include "base/hostlist.hpp"

namespace tidepool {
namespace {

const char* word(ConfChange::What what) {
  switch (what) {
    case ConfChange::What::parameter:
      return "parameter";
    case ConfChange::What::node_added:
      return "nodes added";
    case ConfChange::What::node_removed:
      return "nodes removed";
    case ConfChange::What::node_changed:
      return "nodes changed";
    case ConfChange::What::partition_added:
      return "partition added";
    case ConfChange::What::partition_removed:
      return "partition removed";
    case ConfChange::What::partition_changed:
      return "partition changed";
  }
  return "parameter";
}

void print_list(const char* head, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  fmt::print("{}:\n", head);
  for (const auto& line : lines) fmt::print("  {}\n", line);
}

}  // namespace

nlohmann::ordered_json plan_json(const ApplyPlan& plan) {
  nlohmann::ordered_json changes = nlohmann::json::array();
  for (const auto& c : plan.conf)
    changes.push_back({{"what", word(c.what)},
                       {"name", c.key},
                       {"nodes", format_hostlist(c.nodes)},
                       {"text", to_string(c)},
                       {"takes", to_string(c.takes)}});
  return {{"takes", to_string(plan.takes)},
          {"slurm_conf", changes},
          {"pool_file", plan.pool.lines},
          {"nodes_added", format_hostlist(plan.pool.added)},
          {"nodes_removed", format_hostlist(plan.pool.removed)},
          {"slurmctld_makes", format_hostlist(plan.make)},
          {"slurmctld_deletes", format_hostlist(plan.unmake)},
          {"drained_first", format_hostlist(plan.to_drain)},
          {"touched", plan.touched},
          {"warnings", plan.warnings},
          {"refused", plan.refused}};
}

nlohmann::ordered_json outcome_json(const ApplyOutcome& outcome) {
  return {{"applied", outcome.applied}, {"undone_because", outcome.why}, {"notes", outcome.notes}};
}

void print_plan(const ApplyPlan& plan) {
  std::vector<std::string> conf;
  for (const auto& c : plan.conf)
    conf.push_back(c.takes > Takes::reconfigure
                       ? fmt::format("{}  [{}]", to_string(c), to_string(c.takes))
                       : to_string(c));
  if (plan.conf_text && conf.empty())
    conf.push_back("comments and lines that tidepool does not read");
  print_list("slurm.conf", conf);
  auto pool = plan.pool.lines;
  if (plan.pool_text && pool.empty()) pool.push_back("comments");
  print_list("pool file", pool);
  const bool nodes = !plan.make.empty() || !plan.unmake.empty();
  fmt::print("slurmctld: {}\n", plan.takes == Takes::nothing ? nodes ? "goes on" : "is not told"
                                : plan.takes == Takes::reconfigure ? "scontrol reconfigure"
                                                                   : "restarts");
  if (!plan.unmake.empty()) fmt::print("  scontrol delete {}\n", format_hostlist(plan.unmake));
  if (!plan.make.empty()) fmt::print("  scontrol create {}\n", format_hostlist(plan.make));
  print_list("touched", plan.touched);
  print_list("warnings", plan.warnings);
  print_list("refused", plan.refused);
}

void print_outcome(const ApplyOutcome& outcome) {
  if (outcome.applied)
    fmt::print("applied\n");
  else
    fmt::print("undone, all is as before: {}\n", outcome.why);
  for (const auto& line : outcome.notes) fmt::print("note: {}\n", line);
}

}  // namespace tidepool
