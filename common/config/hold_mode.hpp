// The words for how a node is held, in the pool file, in a job's options and in its admin_comment.
// Like job_wish and job_policy, without fmt, YAML or logging: Slurm's plugins link these files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidepool {

enum class HoldMode { pause, suspend, hibernate, shelve, stop, snapshot, requeue };
std::string_view to_string(HoldMode mode);
std::optional<HoldMode> hold_mode(std::string_view word);  // nullopt: no such mode

// "pause, suspend, hibernate, …": all of them, for messages.
std::string hold_mode_words();

// "suspend,requeue": what is tried first comes first. invalid: an empty list, a word that is no
// mode, one that is there twice, or one behind requeue, which always works.
Result<std::vector<HoldMode>> parse_hold_modes(std::string_view text);
std::string format_hold_modes(const std::vector<HoldMode>& modes, std::string_view separator = ",");

}  // namespace tidepool
