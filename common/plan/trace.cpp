#include "plan/trace.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace tidepool::plan {

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::uint32_t TraceMaker::index(std::string_view name) {
  const auto [it, fresh] =
      known_.try_emplace(std::string(name), static_cast<std::uint32_t>(trace_.names.size()));
  if (fresh) trace_.names.emplace_back(name);
  return it->second;
}

void TraceMaker::fault(std::size_t line, const std::string& key, std::string what,
                       std::string fix) {
  if (++count_ <= kMostFaults)
    faults_.push_back(
        {Severity::error, file_, static_cast<int>(line), 0, key, std::move(what), std::move(fix)});
}

Trace TraceMaker::finish() {
  if (count_ > kMostFaults)
    faults_.push_back({Severity::error, file_, 0, 0, "",
                       fmt::format("{} more bad lines", count_ - kMostFaults), ""});
  std::sort(trace_.jobs.begin(), trace_.jobs.end(), [](const TraceJob& a, const TraceJob& b) {
    return std::tuple(a.submit, a.id, a.run, a.cores) < std::tuple(b.submit, b.id, b.run, b.cores);
  });
  return std::move(trace_);
}

Trace read_trace(std::string_view text, const std::string& file, std::vector<Diagnostic>& faults) {
  TraceMaker maker(file, faults);
  const auto first = text.find_first_not_of(" \t\r\n");
  const char c = first == std::string_view::npos ? '\0' : text[first];
  if (c == '\0')
    maker.fault(0, "", "is empty", "give the output of 'sacct -P', or a trace in SWF");
  else if (c == ';' || (c >= '0' && c <= '9'))
    read_swf(text, maker);
  else
    read_sacct(text, maker);
  return maker.finish();
}

}  // namespace tidepool::plan
