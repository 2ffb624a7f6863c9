#include "work/hold_extra.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tidepool {
namespace {

constexpr std::string_view kMark = "tidepool-hold ";

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size() && number >= 0;
}

bool read_jobs(std::string_view text, std::vector<std::int64_t>& jobs) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::int64_t id = 0;
    if (!read_number(text.substr(0, comma), id) || id == 0) return false;
    jobs.push_back(id);
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
  return false;
}

bool read_field(std::string_view key, std::string_view value, HoldExtra& extra) {
  if (key == "id") return read_number(value, extra.id);
  if (key == "reclaim") return read_number(value, extra.reclaim);
  if (key == "jobs") return read_jobs(value, extra.jobs);
  if (key == "boot") return read_number(value, extra.node.boot_time_s);
  if (key == "slurmd") return read_number(value, extra.node.slurmd_start_s);
  if (key == "mode") {
    const auto mode = hold_mode(value);
    if (mode) extra.mode = *mode;
    return mode.has_value();
  }
  if (key == "addr") extra.node.address = value;
  if (key == "server") extra.node.server_id = value;
  return true;  // a newer tidepool's
}

}  // namespace

std::string format_extra(const HoldRecord& hold, const HoldNode& node) {
  std::string jobs;
  for (const auto& job : hold.jobs) jobs += fmt::format("{}{}", jobs.empty() ? "" : ",", job.id);
  return fmt::format("{}id={} jobs={} addr={} mode={} server={} boot={} slurmd={}{}", kMark,
                     hold.id, jobs, node.address, to_string(hold.mode()), node.server_id,
                     node.boot_time_s, node.slurmd_start_s,
                     hold.reclaim == 0 ? std::string() : fmt::format(" reclaim={}", hold.reclaim));
}

std::optional<HoldExtra> parse_extra(std::string_view text) {
  if (!text.starts_with(kMark)) return std::nullopt;
  text.remove_prefix(kMark.size());
  HoldExtra extra;
  while (!text.empty()) {
    const auto blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    if (!read_field(word.substr(0, equals), word.substr(equals + 1), extra)) return std::nullopt;
  }
  if (extra.id == 0 || extra.jobs.empty() || extra.node.address.empty()) return std::nullopt;
  return extra;
}

bool is_extra_of(std::string_view text, std::int64_t hold_id) {
  const std::string begin = fmt::format("{}id={} ", kMark, hold_id);
  return text.starts_with(begin);
}

}  // namespace tidepool
