// What differs between two reclaim: sections.
#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "config/pool_changes.hpp"

namespace tidepool {
namespace {

using Words = std::vector<std::pair<std::string, std::string>>;  // always in the same order

std::string listed(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ","));
}
std::string yes_no(bool flag) {
  return flag ? "true" : "false";
}

Words words_of(const OpportunisticClass& c) {
  return {{"partitions", listed(c.partitions)},
          {"qos", listed(c.qos)},
          {"accounts", listed(c.accounts)},
          {"priority", std::to_string(c.priority)},
          {"modes", format_hold_modes(c.modes)},
          {"min_run", format_duration(c.min_run)},
          {"max_holds", std::to_string(c.max_holds)},
          {"may_requeue", yes_no(c.may_requeue)},
          {"max_held", c.max_held ? format_duration(*c.max_held) : std::string()}};
}

Words words_of(const ReclaimSection& r) {
  std::vector<std::string> hours;
  for (const auto& h : r.quiet_hours) hours.push_back(to_string(h));
  return {{"headroom.instances", to_string(r.headroom.instances, false)},
          {"headroom.cores", to_string(r.headroom.cores, false)},
          {"headroom.ram", to_string(r.headroom.ram_mib, true)},
          {"poll", format_duration(r.poll)},
          {"settle", format_duration(r.settle)},
          {"keep", format_duration(r.keep)},
          {"quiet_hours", fmt::format("{}", fmt::join(hours, "; "))},
          {"drop_folder", r.drop_folder.string()},
          {"for_jobs", yes_no(r.for_jobs)}};
}

void differ(const std::string& prefix, const Words& before, const Words& after,
            std::vector<std::string>& lines) {
  const auto shown = [](const std::string& text) { return text.empty() ? "(not set)" : text; };
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i].second != after[i].second)
      lines.push_back(fmt::format("{}{}: {} -> {}", prefix, before[i].first,
                                  shown(before[i].second), shown(after[i].second)));
}

const OpportunisticClass* named(const ReclaimSection& r, const std::string& name) {
  const auto it = std::find_if(r.classes.begin(), r.classes.end(),
                               [&](const OpportunisticClass& c) { return c.name == name; });
  return it == r.classes.end() ? nullptr : &*it;
}

// The order of those that both have: a job belongs to the first class that has it.
std::vector<std::string> common_order(const ReclaimSection& of, const ReclaimSection& other) {
  std::vector<std::string> names;
  for (const auto& c : of.classes)
    if (named(other, c.name) != nullptr) names.push_back(c.name);
  return names;
}

}  // namespace

void reclaim_changes(const ReclaimSection& before, const ReclaimSection& after,
                     std::vector<std::string>& lines) {
  if (!before.given && after.given) lines.emplace_back("reclaim: is new");
  if (before.given && !after.given) lines.emplace_back("reclaim: goes");
  if (before.given && after.given) differ("reclaim.", words_of(before), words_of(after), lines);
  for (const auto& c : before.classes) {
    if (const auto* is = named(after, c.name))
      differ(fmt::format("reclaim.opportunistic.{}.", c.name), words_of(c), words_of(*is), lines);
    else
      lines.push_back(fmt::format("reclaim: class {} goes", c.name));
  }
  for (const auto& c : after.classes)
    if (named(before, c.name) == nullptr)
      lines.push_back(fmt::format("reclaim: class {} is new", c.name));
  const auto was = common_order(before, after), is = common_order(after, before);
  if (was != is)
    lines.push_back(fmt::format("reclaim.opportunistic: {} -> {}", listed(was), listed(is)));
}

}  // namespace tidepool
