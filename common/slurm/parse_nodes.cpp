#include <ctime>

#include "slurm/controller.hpp"

namespace tidepool::slurm {
namespace {

// The value of " Key=" in a line of `scontrol -o`, up to the next space. Values of the keys that
// are asked for have none; Reason, which has, is read to its end by reason_of().
std::string value_of(std::string_view line, std::string_view key) {
  std::size_t at = 0;
  while ((at = line.find(key, at)) != std::string_view::npos) {
    const bool starts = at == 0 || line[at - 1] == ' ';
    const std::size_t equals = at + key.size();
    if (starts && equals < line.size() && line[equals] == '=') {
      const std::size_t end = line.find(' ', equals);
      const std::size_t from = equals + 1;
      std::string value(line.substr(from, end == std::string_view::npos ? end : end - from));
      return value == "(null)" ? std::string() : value;
    }
    ++at;
  }
  return {};
}

// "Reason=tidepool: quota [slurm@2026-11-25T20:00:00]" -> "tidepool: quota"
std::string reason_of(std::string_view line) {
  const auto at = line.find(" Reason=");
  if (at == std::string_view::npos) return {};
  std::string_view reason = line.substr(at + 8);
  for (const std::string_view next : {" Extra=", " Comment="})
    if (const auto end = reason.find(next);
        end != std::string_view::npos && reason.substr(0, end).ends_with(']'))
      reason = reason.substr(0, end);
  if (const auto end = reason.rfind(" ["); end != std::string_view::npos)
    reason = reason.substr(0, end);
  while (!reason.empty() && reason.back() == ' ') reason.remove_suffix(1);
  return std::string(reason);
}

// "Extra=tidepool-hold id=3 jobs=1,2": to the end of the line, or to the next key of a newer Slurm.
std::string extra_of(std::string_view line) {
  const auto at = line.find(" Extra=");
  if (at == std::string_view::npos) return {};
  std::string_view extra = line.substr(at + 7);
  for (const std::string_view next :
       {" Reason=", " Comment=", " InstanceId=", " InstanceType=", " ResumeAfterTime="})
    extra = extra.substr(0, extra.find(next));
  while (!extra.empty() && extra.back() == ' ') extra.remove_suffix(1);
  return extra == "(null)" ? std::string() : std::string(extra);
}

// "2026-11-25T20:00:00" in local time, "None" or "Unknown".
std::int64_t time_of(const std::string& text) {
  std::tm tm{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &tm) == nullptr) return 0;
  tm.tm_isdst = -1;
  return static_cast<std::int64_t>(::mktime(&tm));
}

}  // namespace

std::vector<NodeInfo> parse_nodes(const std::string& text) {
  std::vector<NodeInfo> nodes;
  std::string_view rest(text);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    NodeInfo node;
    node.name = value_of(line, "NodeName");
    if (node.name.empty()) continue;
    node.address = value_of(line, "NodeAddr");
    node.partitions = value_of(line, "Partitions");
    node.extra = extra_of(line);
    node.reason = reason_of(line);
    node.boot_time_s = time_of(value_of(line, "BootTime"));
    node.slurmd_start_s = time_of(value_of(line, "SlurmdStartTime"));
    // "State=IDLE+CLOUD+POWERED_DOWN"; a trailing * (not responding) and its kin are flags too.
    std::string state = value_of(line, "State");
    while (!state.empty() && !std::isalnum(static_cast<unsigned char>(state.back()))) {
      if (state.back() == '*') node.flags.emplace_back("NOT_RESPONDING");
      state.pop_back();
    }
    std::size_t from = 0;
    for (bool first = true; from <= state.size(); first = false) {
      const std::size_t plus = std::min(state.find('+', from), state.size());
      std::string word = state.substr(from, plus - from);
      if (first)
        node.state = std::move(word);
      else if (!word.empty())
        node.flags.push_back(std::move(word));
      from = plus + 1;
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace tidepool::slurm
