#include "hold_output.hpp"

#include <fmt/format.h>
#include <thread>

#include "base/hostlist.hpp"
#include "command.hpp"
#include "output.hpp"
#include "work/hold_status.hpp"

namespace tidepool {
namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(Time time) {
  return time == Time{} ? Json(nullptr) : Json(format_time(time));
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string node_list(const HoldRecord& hold) {
  std::vector<std::string> names;
  for (const auto& node : hold.nodes) names.push_back(node.node);
  return format_hostlist(std::move(names));
}

std::string job_list(const HoldRecord& hold) {
  std::string ids;
  for (const auto& job : hold.jobs) ids += (ids.empty() ? "" : ",") + std::to_string(job.id);
  return ids;
}

std::string user_list(const HoldRecord& hold) {
  std::vector<std::string> users;
  std::string all;
  for (const auto& job : hold.jobs) {
    if (std::find(users.begin(), users.end(), job.user) != users.end()) continue;
    users.push_back(job.user);
    all += (all.empty() ? "" : ",") + job.user;
  }
  return all;
}

// Where it stands, for people: "leaving (suspend)".
std::string progress_of(const HoldRecord& hold) {
  std::string text = fmt::format("{} ({})", to_string(hold.step), to_string(hold.mode()));
  if (!hold.last_error.empty()) text += ": " + hold.last_error;
  return text;
}

// Did it end as it was meant to?
bool fulfilled(const HoldRecord& hold, HoldGoal goal) {
  if (goal == HoldGoal::held && hold.step == HoldStep::held) return true;
  if (hold.step != HoldStep::done) return false;
  // Refused on the way out: they have never been away.
  if (goal == HoldGoal::back)
    return hold.outcome.starts_with("released") || hold.outcome.starts_with("refused");
  // Mode requeue has nothing to hold: it is done when the jobs are back in the queue.
  return hold.mode() == HoldMode::requeue && hold.outcome.starts_with("requeue");
}

void print_end(const PoolFile& pools, const std::vector<HoldRecord>& holds, bool json) {
  if (json) {
    Json all = Json::array();
    for (const auto& hold : holds) all.push_back(hold_json(pools, hold));
    fmt::print("{}\n", all.dump(2, ' ', false, Json::error_handler_t::replace));
    return;
  }
  for (const auto& hold : holds)
    fmt::print("{}: {}\n", hold_in_words(hold),
               hold.step == HoldStep::done ? hold.outcome : progress_of(hold));
}

}  // namespace

std::string hold_in_words(const HoldRecord& hold) {
  return fmt::format("hold {} (job{} {} of {} on {})", hold.id, hold.jobs.size() == 1 ? "" : "s",
                     job_list(hold), user_list(hold), node_list(hold));
}

Json hold_json(const PoolFile& pools, const HoldRecord& hold) {
  const HoldStatus status = status_of(pools, hold);
  Json one{{"id", hold.id},
           {"status", status.word},
           {"step", to_string(hold.step)},
           {"mode", to_string(hold.mode())},
           {"modes", Json::array()},
           {"keeps_memory", keeps_memory(hold.mode())},
           {"wanted", to_string(hold.wanted)},
           {"by", hold.want_by},
           {"jobs", Json::array()},
           {"nodes", Json::array()}};
  for (const auto mode : hold.modes) one["modes"].push_back(to_string(mode));
  for (const auto& job : hold.jobs)
    one["jobs"].push_back({{"id", job.id}, {"name", job.name}, {"user", job.user}});
  for (const auto& node : hold.nodes)
    one["nodes"].push_back(
        {{"name", node.node}, {"address", node.address}, {"server", node.server_id}});
  one["wanted_since"] = time_or_null(hold.want_since);
  one["step_since"] = time_or_null(hold.step_since);
  one["held_since"] = time_or_null(hold.held_since);
  one["max_held_seconds"] = hold.max_held ? Json(hold.max_held->count() / 1000) : Json(nullptr);
  one["reclaim"] = hold.reclaim != 0 ? Json(hold.reclaim) : Json(nullptr);
  one["class"] = text_or_null(hold.class_name);
  one["refused_returns"] = hold.returns;
  one["return_not_before"] = time_or_null(hold.return_after);
  one["policy"] = text_or_null(status.policy);
  one["policy_acts"] = time_or_null(status.acts);
  one["releases"] = text_or_null(status.releases);
  one["trouble"] = text_or_null(status.trouble);
  one["outcome"] = text_or_null(hold.outcome);
  one["ended"] = time_or_null(hold.ended);
  return one;
}

void print_holds(const PoolFile& pools, const std::vector<HoldRecord>& holds) {
  if (holds.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const auto& hold : holds) {
    const HoldStatus status = status_of(pools, hold);
    const std::string word = status.word == to_string(hold.step)
                                 ? status.word
                                 : fmt::format("{} ({})", status.word, to_string(hold.step));
    rows.push_back({std::to_string(hold.id), job_list(hold), user_list(hold), node_list(hold), word,
                    std::string(to_string(hold.mode())), format_time(hold.step_since),
                    status.acts == Time{}
                        ? "-"
                        : fmt::format("{} {}", format_time(status.acts), status.policy)});
  }
  fmt::print("\n");
  print_table({"HOLD", "JOBS", "USER", "NODES", "STATUS", "MODE", "SINCE", "THEN"}, rows);
  for (const auto& hold : holds) {
    const HoldStatus status = status_of(pools, hold);
    if (hold.reclaim != 0) fmt::print("hold {} {}\n", hold.id, reclaimed_in_words(hold));
    if (!status.releases.empty()) fmt::print("hold {} releases {}\n", hold.id, status.releases);
    if (!status.trouble.empty()) fmt::print("hold {}: {}\n", hold.id, status.trouble);
  }
}

int wait_for_holds(Setup& setup, const std::vector<std::int64_t>& ids, HoldGoal goal, int timeout_s,
                   bool json) {
  Progress progress;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
  while (true) {
    std::vector<HoldRecord> holds;
    for (const auto id : ids) {
      auto hold = setup.store->hold(id);
      if (!hold) return complain(kProgram, hold.error().message), exit_code_of(hold.error());
      if (*hold) holds.push_back(std::move(**hold));
    }
    const HoldRecord* open = nullptr;
    for (const auto& hold : holds)
      if (hold.step != HoldStep::done && !fulfilled(hold, goal)) open = &hold;
    const bool late = std::chrono::steady_clock::now() >= end;
    if (open != nullptr && !late) {
      progress.show(fmt::format("{}: {}", hold_in_words(*open), progress_of(*open)));
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      continue;
    }
    print_end(setup.pools, holds, json);
    int worst = kOk;
    for (const auto& hold : holds) {
      if (fulfilled(hold, goal)) continue;
      worst = kFailed;
      complain(
          kProgram,
          hold.step == HoldStep::done
              ? fmt::format("{}: {}", hold_in_words(hold), hold.outcome)
              : fmt::format("{}: still {} after {} s; the worker goes on, see 'tidepool status'",
                            hold_in_words(hold), progress_of(hold), timeout_s));
    }
    return worst;
  }
}

}  // namespace tidepool
