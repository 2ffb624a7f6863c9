#include "config/diagnostic.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tidepool {

std::string to_string(const Diagnostic& d) {
  std::string text = d.file;
  if (d.line > 0) text += fmt::format(":{}", d.line);
  if (d.line > 0 && d.column > 0) text += fmt::format(":{}", d.column);
  if (!text.empty()) text += ": ";
  switch (d.severity) {
    case Severity::note:
      text += "note: ";
      break;
    case Severity::warning:
      text += "warning: ";
      break;
    case Severity::error:
      text += "error: ";
      break;
  }
  if (!d.key.empty()) text += d.key + ": ";
  text += d.what;
  if (!d.fix.empty()) text += "; " + d.fix;
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const auto& d) { return d.severity == Severity::error; });
}

}  // namespace tidepool
