#include "config/hold_mode.hpp"

#include <algorithm>
#include <array>

namespace tidepool {
namespace {

constexpr std::array kAllModes{HoldMode::pause,  HoldMode::suspend, HoldMode::hibernate,
                               HoldMode::shelve, HoldMode::stop,    HoldMode::snapshot,
                               HoldMode::requeue};

}  // namespace

std::string_view to_string(HoldMode mode) {
  switch (mode) {
    case HoldMode::pause:
      return "pause";
    case HoldMode::suspend:
      return "suspend";
    case HoldMode::hibernate:
      return "hibernate";
    case HoldMode::shelve:
      return "shelve";
    case HoldMode::stop:
      return "stop";
    case HoldMode::snapshot:
      return "snapshot";
    case HoldMode::requeue:
      return "requeue";
  }
  return "requeue";
}

std::optional<HoldMode> hold_mode(std::string_view word) {
  for (const auto mode : kAllModes)
    if (to_string(mode) == word) return mode;
  return std::nullopt;
}

std::string hold_mode_words() {
  return format_hold_modes({kAllModes.begin(), kAllModes.end()}, ", ");
}

Result<std::vector<HoldMode>> parse_hold_modes(std::string_view text) {
  std::vector<HoldMode> modes;
  const auto bad = [&](std::string what) { return fail(ErrorKind::invalid, std::move(what)); };
  while (true) {
    const auto comma = text.find(',');
    const std::string word(text.substr(0, comma));
    const auto mode = hold_mode(word);
    if (!mode)
      return bad("'" + word + "' is not a hold mode; use one of " + hold_mode_words() +
                 ", or a list such as suspend,requeue");
    if (std::find(modes.begin(), modes.end(), *mode) != modes.end())
      return bad("'" + word + "' is there twice; keep one of them");
    if (!modes.empty() && modes.back() == HoldMode::requeue)
      return bad("'" + word + "' comes after requeue, which always works; put requeue last");
    modes.push_back(*mode);
    if (comma == std::string_view::npos) return modes;
    text.remove_prefix(comma + 1);
  }
}

std::string format_hold_modes(const std::vector<HoldMode>& modes, std::string_view separator) {
  std::string all;
  for (const auto mode : modes) {
    if (!all.empty()) all += separator;
    all += to_string(mode);
  }
  return all;
}

}  // namespace tidepool
