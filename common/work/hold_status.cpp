#include "work/hold_status.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "work/probe_file.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

std::string_view word_of(HoldStep step) {
  switch (step) {
    case HoldStep::planned:
    case HoldStep::draining:
    case HoldStep::halting:
    case HoldStep::redirecting:
    case HoldStep::leaving:
      return "holding";
    case HoldStep::held:
      return "held";
    case HoldStep::returning:
    case HoldStep::rejoining:
    case HoldStep::resuming:
    case HoldStep::undraining:
      return "returning";
    case HoldStep::requeueing:
    case HoldStep::discarding:
      return "requeueing";
    case HoldStep::done:
      return "ended";
  }
  return "ended";
}

// The shortest patience among the hold's pools.
std::optional<Millis> return_timeout(const PoolFile& pools, const HoldRecord& hold) {
  std::optional<Millis> shortest;
  for (const auto& node : hold.nodes)
    if (const auto* pool = pools.find(node.node).pool; pool != nullptr)
      shortest = std::min(shortest.value_or(pool->hold.return_timeout), pool->hold.return_timeout);
  return shortest;
}

std::string releases_of(const PoolFile& pools, const HoldRecord& hold) {
  if (!hold.nodes.empty())
    if (const auto* pool = pools.find(hold.nodes.front().node).pool; pool != nullptr)
      // A report that cannot be read is `check`'s to complain of.
      if (const auto report = load_probe(pools.state.dir, pool->name); report && *report)
        if (auto words = released_by(**report, hold.mode()); !words.empty()) return words;
  return std::string(released_in(hold.mode()));
}

}  // namespace

std::string released_by(const ProbeReport& report, HoldMode mode) {
  const ProbeReleases& r = judge(report, mode).releases;
  std::string back, kept;
  const auto add = [&](const std::optional<bool>& released, const char* what) {
    if (!released) return;
    std::string& list = *released ? back : kept;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", what);
  };
  add(r.placement, "its place on a host");
  add(r.cores, "the quota's cores");
  add(r.ram, "the quota's memory");
  add(r.instances, "the quota's instance");
  if (back.empty() && kept.empty()) return {};
  return fmt::format("{}{}", back.empty() ? "nothing" : back, kept.empty() ? "" : "; not " + kept);
}

std::string reclaimed_in_words(const HoldRecord& hold) {
  std::string words = fmt::format("stepped aside for request {}; ", hold.reclaim);
  if (hold.wanted == HoldWanted::released)
    return words + fmt::format("on its way back, wanted by {}", hold.want_by);
  words += "returns when there is room";
  if (hold.returns > 0)
    words += fmt::format(", not before {} (the cloud has refused it {} times)",
                         format_time(hold.return_after), hold.returns);
  return words;
}

std::string_view released_in(HoldMode mode) {
  switch (mode) {
    case HoldMode::pause:
      return "CPU time; its memory stays on the host, its quota and placement are kept";
    case HoldMode::suspend:
      return "the host's CPUs and memory; its quota and placement are kept";
    case HoldMode::stop:
      return "the host's CPUs and memory; its quota and placement are kept";
    case HoldMode::hibernate:
    case HoldMode::shelve:
      return "its place on a host once offloaded; cores and memory of the quota where that counts "
             "from placement";
    case HoldMode::snapshot:
      return "all but the disk's image";
    case HoldMode::requeue:
      return "all";
  }
  return "";
}

std::string_view node_word(HoldStep step) {
  const auto word = word_of(step);
  return word == "holding" || word == "held" || word == "returning" ? word : std::string_view();
}

HoldStatus status_of(const PoolFile& pools, const HoldRecord& hold) {
  HoldStatus s;
  s.word = word_of(hold.step);
  s.trouble = hold.last_error;
  if (s.word == "held") {
    s.releases = releases_of(pools, hold);
    if (hold.max_held && hold.held_since != Time{}) {
      s.policy = "requeue";
      s.acts = hold.held_since + *hold.max_held;
    }
  } else if (hold.step == HoldStep::returning && !hold.returns_by_itself()) {
    if (const auto patience = return_timeout(pools, hold)) {
      s.policy = "requeue, unless it has come back";
      s.acts = hold.step_since + *patience;
    }
  }
  return s;
}

}  // namespace tidepool
