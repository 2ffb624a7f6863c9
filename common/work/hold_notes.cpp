#include "work/hold_notes.hpp"

#include <fmt/format.h>

namespace tidepool {

std::string jobs_of(const HoldRecord& hold) {
  if (hold.jobs.empty()) return "no jobs";
  std::string text = hold.jobs.size() == 1 ? "job " : "jobs ";
  for (std::size_t i = 0; i < hold.jobs.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", hold.jobs[i].id);
  return text;
}

std::string hold_reason(const HoldRecord& hold) {
  if (!hold.outcome.empty())
    return fmt::format("tidepool: hold {}: {}: {}", hold.id, hold.outcome, jobs_of(hold));
  return fmt::format("tidepool: hold {} ({}): {}{}", hold.id, to_string(hold.mode()), jobs_of(hold),
                     for_request(hold));
}

std::string for_request(const HoldRecord& hold) {
  if (hold.reclaim == 0) return {};
  return fmt::format("; stepped aside for request {}, returns when there is room", hold.reclaim);
}

std::vector<std::string> nodes_of(const HoldRecord& hold) {
  std::vector<std::string> names;
  for (const auto& node : hold.nodes) names.push_back(node.node);
  return names;
}

std::vector<std::int64_t> job_ids(const HoldRecord& hold) {
  std::vector<std::int64_t> ids;
  for (const auto& job : hold.jobs) ids.push_back(job.id);
  return ids;
}

std::string with_hold_note(std::string_view admin_comment, std::int64_t hold_id,
                           std::string_view note) {
  constexpr std::string_view kMark = "[tidepool hold ";
  std::string rest(admin_comment);
  if (const auto at = rest.find(kMark); at != std::string::npos) {
    const auto end = rest.find(']', at);
    rest.erase(at, end == std::string::npos ? end : end + 1 - at);
  }
  const auto first = rest.find_first_not_of(' ');
  rest.erase(0, first == std::string::npos ? rest.size() : first);
  std::string mine(note);
  for (char& c : mine)
    if (c == '[' || c == ']') c = c == '[' ? '(' : ')';
  if (mine.size() > 300) mine = mine.substr(0, 297) + "...";
  return fmt::format("{}{}: {}]{}{}", kMark, hold_id, mine, rest.empty() ? "" : " ", rest);
}

}  // namespace tidepool
