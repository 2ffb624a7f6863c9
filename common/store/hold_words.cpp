// The words for steps, wants and modes, as the store keeps them and people read them.
#include <array>
#include <utility>

#include "store/hold_record.hpp"

namespace tidepool {
namespace {

constexpr std::array<std::pair<HoldStep, std::string_view>, 13> kSteps{{
    {HoldStep::planned, "planned"},
    {HoldStep::draining, "draining"},
    {HoldStep::halting, "halting"},
    {HoldStep::redirecting, "redirecting"},
    {HoldStep::leaving, "leaving"},
    {HoldStep::held, "held"},
    {HoldStep::returning, "returning"},
    {HoldStep::rejoining, "rejoining"},
    {HoldStep::resuming, "resuming"},
    {HoldStep::undraining, "undraining"},
    {HoldStep::requeueing, "requeueing"},
    {HoldStep::discarding, "discarding"},
    {HoldStep::done, "done"},
}};

}  // namespace

std::string_view to_string(HoldWanted wanted) {
  return wanted == HoldWanted::held ? "held" : "released";
}

std::string_view to_string(HoldStep step) {
  for (const auto& [s, word] : kSteps)
    if (s == step) return word;
  return "done";
}

std::optional<HoldStep> hold_step(std::string_view word) {
  for (const auto& [s, w] : kSteps)
    if (w == word) return s;
  return std::nullopt;
}

bool is_way_back(HoldStep step) {
  switch (step) {
    case HoldStep::planned:
    case HoldStep::draining:
    case HoldStep::halting:
    case HoldStep::redirecting:
    case HoldStep::leaving:
    case HoldStep::held:
      return false;
    case HoldStep::returning:
    case HoldStep::rejoining:
    case HoldStep::resuming:
    case HoldStep::undraining:
    case HoldStep::requeueing:
    case HoldStep::discarding:
    case HoldStep::done:
      return true;
  }
  return true;
}

std::string join_modes(const std::vector<HoldMode>& modes) {
  std::string text;
  for (const auto mode : modes) {
    if (!text.empty()) text += ',';
    text += to_string(mode);
  }
  return text;
}

std::vector<HoldMode> split_modes(std::string_view text) {
  std::vector<HoldMode> modes;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto mode = hold_mode(text.substr(0, comma))) modes.push_back(*mode);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return modes;
}

}  // namespace tidepool
