// YamlReader: a YAML mapping read strictly: every key is asked for, every fault has its place.
// Only config/*.cpp includes this (yaml-cpp is not for the other layers).
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/diagnostic.hpp"

namespace tidepool {

struct YamlFaults {
  std::string file;
  std::vector<Diagnostic>& list;
  void add(const YAML::Mark& mark, const std::string& key, std::string what, std::string fix = {});
  void warn(const YAML::Mark& mark, const std::string& key, std::string what, std::string fix = {});
};

inline constexpr std::size_t kLargestYaml = 1u << 20;

enum class Anchors { refused, allowed };

// Parses one document. Anchors and aliases (unless allowed), deep nesting and texts above
// kLargestYaml bytes are refused before any tree is built: a pool file needs none, and ten lines
// of aliases can stand for a billion nodes.
std::optional<YAML::Node> parse_yaml(const std::string& text, YamlFaults& faults,
                                     Anchors anchors = Anchors::refused);

class YamlReader {
 public:
  // `path`: of this mapping, "pools.osg"; empty at the top. A node that is no mapping is a fault.
  YamlReader(const YAML::Node& node, std::string path, YamlFaults& faults);

  bool has(const char* key) const;
  YAML::Node node(const char* key);            // marks the key as known
  YAML::Mark mark(const char* key) const;      // of the value; of the mapping when absent
  int key_line(const std::string& key) const;  // of the key itself, 1-based
  std::string key_path(const char* key) const;

  void required(const char* key, const char* fix);
  void text(const char* key, std::string& into);
  void path(const char* key, std::filesystem::path& into);  // must be absolute
  void flag(const char* key, bool& into);
  void integer(const char* key, int& into, int least, int most);
  void duration(const char* key, Millis& into, Millis least);
  // A sequence of texts; a single text counts as one.
  void texts(const char* key, std::vector<std::string>& into);
  // Each entry of this mapping, in order: (key, value).
  void each(const std::function<void(const std::string&, const YAML::Node&)>& visit);
  // After all keys were asked for: the others are faults, with the nearest known key as the fix.
  void finish();

  void fault(const char* key, std::string what, std::string fix = {});

 private:
  std::optional<std::string> scalar(const char* key, const char* kind);
  YAML::Node node_;
  std::string path_;
  YamlFaults& faults_;
  bool broken_ = false;  // no mapping: said once, its keys are not asked for
  std::vector<std::string> known_;
};

}  // namespace tidepool
