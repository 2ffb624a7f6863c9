#include "config/job_policy.hpp"

#include <algorithm>
#include <array>

namespace tidepool {
namespace {

constexpr std::array<std::string_view, 6> kPolicyKeys{"partition", "default-partition", "default",
                                                      "allow",     "max-held",          "no-hold"};

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text.substr(0, 80)) + "'";
}

// The value of the next word, which must be KEY=VALUE; the word is taken off `line`.
Result<std::string_view> take_value(std::string_view& line, std::string_view key) {
  const auto word = line.substr(0, line.find(' '));
  if (!word.starts_with(key) || word.size() < key.size() + 2 || word[key.size()] != '=')
    return fail(ErrorKind::invalid,
                in_quotes(word) + " where " + std::string(key) + "=VALUE must be");
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word.substr(key.size() + 1);
}

Result<bool> yes_or_no(std::string_view value) {
  if (value == "yes") return true;
  if (value == "no") return false;
  return fail(ErrorKind::invalid, in_quotes(value) + " is neither yes nor no");
}

Result<void> set_value(std::size_t key, std::string_view value, PartitionPolicy& into) {
  if (key == 0) {
    if (value.find(',') != std::string_view::npos)
      return fail(ErrorKind::invalid, in_quotes(value) + " is no partition's name");
    into.name = value;
    return {};
  }
  if (key == 1 || key == 5) {
    const auto flag = yes_or_no(value);
    if (!flag) return fail(flag.error());
    (key == 1 ? into.is_default : into.may_refuse) = *flag;
    return {};
  }
  if ((key == 2 && value == "pool") || (key == 3 && value == "none") ||
      (key == 4 && value == "unlimited"))
    return {};
  if (key == 4) {
    const auto longest = parse_max_held(value);
    if (!longest) return fail(longest.error());
    into.max_held = *longest;
    return {};
  }
  // allow= is a set: requeue may stand anywhere in it, so each word is read by itself.
  auto& modes = key == 2 ? into.modes : into.allowed;
  if (key == 2) {
    auto list = parse_hold_modes(value);
    if (!list) return fail(list.error());
    modes = std::move(*list);
    return {};
  }
  while (true) {
    const auto comma = value.find(',');
    auto one = parse_hold_modes(value.substr(0, comma));
    if (!one) return fail(one.error());
    if (std::find(modes.begin(), modes.end(), one->front()) != modes.end())
      return fail(ErrorKind::invalid, in_quotes(value.substr(0, comma)) + " is there twice");
    modes.push_back(one->front());
    if (comma == std::string_view::npos) return {};
    value.remove_prefix(comma + 1);
  }
}

Result<PartitionPolicy> parse_partition(std::string_view line) {
  PartitionPolicy partition;
  for (std::size_t key = 0; key < kPolicyKeys.size(); ++key) {
    const auto value = take_value(line, kPolicyKeys[key]);
    if (!value) return fail(value.error());
    if (auto set = set_value(key, *value, partition); !set)
      return fail(Error(set.error()).context(kPolicyKeys[key]));
  }
  if (!line.empty()) return fail(ErrorKind::invalid, in_quotes(line) + " is one word too many");
  return partition;
}

bool allows(const PartitionPolicy& partition, HoldMode mode) {
  return std::find(partition.allowed.begin(), partition.allowed.end(), mode) !=
         partition.allowed.end();
}

// The policy's partitions among those that a job names.
std::vector<const PartitionPolicy*> chosen(const JobPolicy& policy, std::string_view names) {
  std::vector<const PartitionPolicy*> found;
  for (const auto& partition : policy.partitions) {
    bool named = names.empty() && partition.is_default;
    for (auto rest = names; !rest.empty();) {
      const auto comma = rest.find(',');
      named = named || rest.substr(0, comma) == partition.name;
      rest.remove_prefix(std::min(comma, rest.size() - 1) + 1);
    }
    if (named) found.push_back(&partition);
  }
  return found;
}

// What one partition does not allow; empty: nothing.
std::string refusal(const PartitionPolicy& partition, const JobWish& asked) {
  const std::string here = "partition " + partition.name;
  for (const auto mode : asked.modes)
    if (!allows(partition, mode))
      return "--hold-mode: " + here + " does not allow " + in_quotes(to_string(mode)) +
             "; it allows " +
             (partition.allowed.empty() ? "none" : format_hold_modes(partition.allowed, ", "));
  if (asked.max_held && partition.max_held && *asked.max_held > *partition.max_held)
    return "--max-held: " + here + " holds nodes for " +
           std::to_string(partition.max_held->count()) + "s at most, and " +
           std::to_string(asked.max_held->count()) + "s were asked for";
  if (asked.no_hold && !partition.may_refuse)
    return "--no-hold: " + here + " does not let jobs refuse to be held";
  return {};
}

}  // namespace

Result<JobPolicy> parse_job_policy(std::string_view text) {
  JobPolicy policy;
  int number = 0;
  const auto bad = [&](const std::string& what) {
    return fail(ErrorKind::invalid, "line " + std::to_string(number) + ": " + what);
  };
  if (text.size() > kLargestJobPolicy) return bad("the file is larger than 1 MiB");
  bool begun = false;
  bool ended = false;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return bad("does not end; the file is cut off");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.empty() || line[0] == '#') continue;
    if (ended) return bad(in_quotes(line) + " after the last line, end");
    if (!begun) {
      if (line != "version=1") return bad(in_quotes(line) + " where version=1 must be");
      begun = true;
    } else if (line == "end") {
      ended = true;
    } else {
      auto partition = parse_partition(line);
      if (!partition) return bad(partition.error().message);
      for (const auto& other : policy.partitions) {
        if (other.name == partition->name)
          return bad("partition " + in_quotes(other.name) + " is there twice");
        if (other.is_default && partition->is_default)
          return bad("a second default partition, after " + in_quotes(other.name));
      }
      policy.partitions.push_back(std::move(*partition));
    }
  }
  if (!ended) return bad("the last line, end, is missing; the file is cut off");
  return policy;
}

std::string format_job_policy(const JobPolicy& policy, std::string_view comment) {
  std::string text = "# " + std::string(comment) + "\nversion=1\n";
  const auto word = [](bool flag) { return flag ? "yes" : "no"; };
  for (const auto& p : policy.partitions) {
    text += "partition=" + p.name;
    text += std::string(" default-partition=") + word(p.is_default);
    text += " default=" + (p.modes.empty() ? "pool" : format_hold_modes(p.modes));
    text += " allow=" + (p.allowed.empty() ? "none" : format_hold_modes(p.allowed));
    text += " max-held=" +
            (p.max_held ? std::to_string(p.max_held->count()) + "s" : std::string("unlimited"));
    text += std::string(" no-hold=") + word(p.may_refuse) + "\n";
  }
  return text + "end\n";
}

Result<JobWish> apply_job_policy(const JobPolicy& policy, std::string_view names,
                                 const JobWish& asked) {
  const auto partitions = chosen(policy, names);
  if (partitions.empty()) {
    if (asked.modes.empty() && !asked.max_held) return asked;
    return fail(ErrorKind::forbidden,
                (asked.modes.empty() ? "--max-held" : "--hold-mode") + std::string(": ") +
                    (names.empty() ? "the default partition"
                                   : "partition " + std::string(names.substr(0, 200))) +
                    " has no nodes that can be held");
  }
  for (const auto* partition : partitions)
    if (auto why = refusal(*partition, asked); !why.empty())
      return fail(ErrorKind::forbidden, std::move(why));
  JobWish wish = asked;
  if (wish.no_hold) return wish;
  if (wish.modes.empty()) {
    // Several partitions: their common default, or the pool's own where the job ends up.
    wish.modes = partitions.front()->modes;
    for (const auto* partition : partitions)
      if (partition->modes != wish.modes) wish.modes.clear();
  }
  if (!wish.max_held)
    for (const auto* partition : partitions)
      if (partition->max_held && (!wish.max_held || *partition->max_held < *wish.max_held))
        wish.max_held = partition->max_held;
  return wish;
}

}  // namespace tidepool
