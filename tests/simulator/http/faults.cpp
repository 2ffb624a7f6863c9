#include "http/faults.hpp"

#include <algorithm>
#include <set>

namespace tidepool::sim {
namespace {

using json = nlohmann::json;

Millis read_duration(const json& text, const char* key) {
  if (!text.contains(key)) return Millis(0);
  const json& value = text.at(key);
  const auto parsed = parse_duration(value.is_string() ? value.get<std::string>() : value.dump());
  if (!parsed) throw std::invalid_argument(std::string(key) + ": not a duration");
  return *parsed;
}

// Throws what json and regex throw, and std::invalid_argument.
FaultRule read_rule(const json& text) {
  static const std::set<std::string> kKeys = {"match", "times",    "skip",        "status",
                                              "body",  "headers",  "drop_before", "drop_after",
                                              "reset", "truncate", "delay",       "stall"};
  if (!text.is_object()) throw std::invalid_argument("a fault is an object");
  for (const auto& [key, value] : text.items()) {
    if (kKeys.count(key) == 0) throw std::invalid_argument("unknown key: " + key);
  }
  const json match = text.value("match", json::object());
  for (const auto& [key, value] : match.items()) {
    if (key != "method" && key != "path" && key != "body")
      throw std::invalid_argument("unknown key in match: " + key);
  }
  FaultRule rule;
  rule.method = std::regex(match.value("method", ""));
  rule.path = std::regex(match.value("path", ""));
  rule.body = std::regex(match.value("body", ""));
  rule.times = text.value("times", 1L);
  rule.skip = text.value("skip", 0L);
  if (text.contains("status")) rule.status = text.at("status").get<int>();
  if (text.contains("body"))
    rule.reply =
        text.at("body").is_string() ? text.at("body").get<std::string>() : text.at("body").dump();
  const json headers = text.value("headers", json::object());
  for (const auto& [name, value] : headers.items())
    rule.headers.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  rule.drop_before = text.value("drop_before", false);
  rule.drop_after = text.value("drop_after", false);
  rule.reset = text.value("reset", false);
  rule.truncate = text.value("truncate", false);
  rule.delay = read_duration(text, "delay");
  rule.stall = read_duration(text, "stall");
  rule.text = text;
  return rule;
}

}  // namespace

std::optional<std::uint64_t> Faults::add(const json& text, std::string& problem) {
  try {
    FaultRule rule = read_rule(text);
    const std::lock_guard lock(mutex_);
    rule.id = next_++;
    rules_.push_back(rule);
    return rule.id;
  } catch (const std::exception& error) {
    problem = error.what();
    return std::nullopt;
  }
}

std::optional<FaultRule> Faults::take(const std::string& method, const std::string& path,
                                      const std::string& body) {
  const std::lock_guard lock(mutex_);
  for (auto at = rules_.begin(); at != rules_.end(); ++at) {
    if (!std::regex_search(method, at->method) || !std::regex_search(path, at->path) ||
        !std::regex_search(body, at->body))
      continue;
    if (at->skip > 0) {
      --at->skip;
      continue;
    }
    FaultRule rule = *at;
    if (at->times > 0 && --at->times == 0) rules_.erase(at);
    return rule;
  }
  return std::nullopt;
}

json Faults::list() {
  const std::lock_guard lock(mutex_);
  json all = json::array();
  for (const auto& rule : rules_) {
    json one = rule.text;
    one["id"] = rule.id;
    one["left"] = rule.times;
    all.push_back(one);
  }
  return all;
}

bool Faults::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(rules_, [&](const FaultRule& rule) { return rule.id == id; }) > 0;
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

}  // namespace tidepool::sim
