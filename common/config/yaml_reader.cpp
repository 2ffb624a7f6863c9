#include "config/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace tidepool {
namespace {

constexpr int kDeepest = 16;

// Thrown inside parse_yaml() only, so that the parser stops at the first refusal.
struct Refused {};

// Walks the document without building it.
class Guard : public YAML::EventHandler {
 public:
  Guard(YamlFaults& faults, Anchors anchors) : faults_(faults), anchors_(anchors) {}
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t a) override { anchor(mark, a); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t a,
                const std::string&) override {
    anchor(mark, a);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t a,
                       YAML::EmitterStyle::value) override {
    anchor(mark, a);
    enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t a,
                  YAML::EmitterStyle::value) override {
    anchor(mark, a);
    enter(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void anchor(const YAML::Mark& mark, YAML::anchor_t a) {
    if (a != 0) refuse(mark);
  }
  void refuse(const YAML::Mark& mark) {
    if (anchors_ == Anchors::allowed) return;
    faults_.add(mark, "", "anchors and aliases (&, *) are not allowed", "write the value out");
    throw Refused{};
  }
  void enter(const YAML::Mark& mark) {
    if (++depth_ <= kDeepest) return;
    faults_.add(mark, "", fmt::format("nested more than {} deep", kDeepest));
    throw Refused{};
  }
  YamlFaults& faults_;
  Anchors anchors_;
  int depth_ = 0;
};

// Levenshtein's distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

bool control_characters(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

const char* kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

}  // namespace

void YamlFaults::add(const YAML::Mark& mark, const std::string& key, std::string what,
                     std::string fix) {
  list.push_back({Severity::error, file, mark.line + 1, mark.column + 1, key, std::move(what),
                  std::move(fix)});
}

void YamlFaults::warn(const YAML::Mark& mark, const std::string& key, std::string what,
                      std::string fix) {
  list.push_back({Severity::warning, file, mark.line + 1, mark.column + 1, key, std::move(what),
                  std::move(fix)});
}

std::optional<YAML::Node> parse_yaml(const std::string& text, YamlFaults& faults, Anchors anchors) {
  if (text.size() > kLargestYaml) {
    faults.list.push_back({Severity::error, faults.file, 0, 0, "",
                           fmt::format("larger than {} bytes", kLargestYaml), ""});
    return std::nullopt;
  }
  try {
    std::istringstream first(text);
    YAML::Parser parser(first);
    Guard guard(faults, anchors);
    int documents = 0;
    // Two are enough to know. On some broken text (a "," in front) yaml-cpp 0.7 finds documents
    // for ever.
    while (documents < 2 && parser.HandleNextDocument(guard)) ++documents;
    if (documents > 1) {
      faults.list.push_back(
          {Severity::error, faults.file, 0, 0, "", "more than one YAML document", "keep one"});
      return std::nullopt;
    }
    return YAML::Load(text);
  } catch (const Refused&) {
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    faults.add(e.mark, "", "not valid YAML: " + e.msg);
    return std::nullopt;
  }
}

YamlReader::YamlReader(const YAML::Node& node, std::string path, YamlFaults& faults)
    : node_(node), path_(std::move(path)), faults_(faults) {
  if (!node_.IsMap()) {
    faults_.add(node_.Mark(), path_, fmt::format("is {}, but must be a mapping", kind_of(node_)),
                "write KEY: VALUE lines below it");
    node_ = YAML::Node(YAML::NodeType::Map);
    broken_ = true;
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) {
      faults_.add(entry.first.Mark(), path_, "a key must be a single word");
      continue;
    }
    if (!seen.insert(entry.first.Scalar()).second)
      faults_.add(entry.first.Mark(), join(path_, entry.first.Scalar()), "is given twice",
                  "keep one of them");
  }
}

bool YamlReader::has(const char* key) const {
  for (const auto& entry : node_)
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return true;
  return false;
}

YAML::Node YamlReader::node(const char* key) {
  known_.emplace_back(key);
  for (const auto& entry : node_)
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Mark YamlReader::mark(const char* key) const {
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar() || entry.first.Scalar() != key) continue;
    // An empty value has no place of its own: its key has.
    return entry.second.IsNull() ? entry.first.Mark() : entry.second.Mark();
  }
  return node_.Mark();
}

int YamlReader::key_line(const std::string& key) const {
  for (const auto& entry : node_)
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.first.Mark().line + 1;
  return node_.Mark().line + 1;
}

std::string YamlReader::key_path(const char* key) const {
  return join(path_, key);
}

void YamlReader::fault(const char* key, std::string what, std::string fix) {
  faults_.add(mark(key), key_path(key), std::move(what), std::move(fix));
}

void YamlReader::required(const char* key, const char* fix) {
  if (!broken_ && !has(key)) faults_.add(node_.Mark(), key_path(key), "is missing", fix);
}

std::optional<std::string> YamlReader::scalar(const char* key, const char* kind) {
  const YAML::Node value = node(key);
  if (!value.IsDefined()) return std::nullopt;
  if (!value.IsScalar()) {
    fault(key, fmt::format("is {}, but must be {}", kind_of(value), kind));
    return std::nullopt;
  }
  return value.Scalar();
}

void YamlReader::text(const char* key, std::string& into) {
  auto value = scalar(key, "a text");
  if (!value) return;
  if (value->empty()) return fault(key, "is empty");
  if (control_characters(*value)) return fault(key, "has control characters");
  into = std::move(*value);
}

void YamlReader::path(const char* key, std::filesystem::path& into) {
  std::string value;
  text(key, value);
  if (value.empty()) return;
  if (value[0] != '/')
    return fault(key, fmt::format("'{}' is a relative path", value),
                 "programs run in any folder: begin it with /");
  into = value;
}

void YamlReader::flag(const char* key, bool& into) {
  const auto value = scalar(key, "true or false");
  if (!value) return;
  if (*value == "true")
    into = true;
  else if (*value == "false")
    into = false;
  else
    fault(key, fmt::format("'{}' is neither true nor false", *value));
}

void YamlReader::integer(const char* key, int& into, int least, int most) {
  const auto value = scalar(key, "a number");
  if (!value) return;
  int number = 0;
  const auto [end, ec] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (ec != std::errc() || end != value->data() + value->size() || number < least || number > most)
    return fault(key, fmt::format("'{}' is not a whole number from {} to {}", *value, least, most));
  into = number;
}

void YamlReader::duration(const char* key, Millis& into, Millis least) {
  const auto value = scalar(key, "a duration");
  if (!value) return;
  auto duration = parse_duration(*value);
  if (!duration) return fault(key, duration.error().message);
  if (*duration < least)
    return fault(key,
                 fmt::format("'{}' is too short; at least {}", *value, format_duration(least)));
  into = *duration;
}

void YamlReader::texts(const char* key, std::vector<std::string>& into) {
  const YAML::Node value = node(key);
  if (!value.IsDefined()) return;
  if (value.IsScalar() && !value.Scalar().empty() && !control_characters(value.Scalar())) {
    into.assign(1, value.Scalar());
    return;
  }
  if (!value.IsSequence())
    return fault(key, fmt::format("is {}, but must be a list", kind_of(value)));
  into.clear();
  for (const auto& item : value) {
    if (!item.IsScalar() || item.Scalar().empty() || control_characters(item.Scalar()))
      faults_.add(item.Mark(), key_path(key), "an entry is not a text");
    else
      into.push_back(item.Scalar());
  }
}

void YamlReader::each(const std::function<void(const std::string&, const YAML::Node&)>& visit) {
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) continue;
    known_.push_back(entry.first.Scalar());
    visit(entry.first.Scalar(), entry.second);
  }
}

void YamlReader::finish() {
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) continue;
    const std::string& key = entry.first.Scalar();
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto near = std::min_element(
        known_.begin(), known_.end(),
        [&](const auto& a, const auto& b) { return distance(key, a) < distance(key, b); });
    std::string fix;
    if (near != known_.end() && distance(key, *near) <= 2)
      fix = fmt::format("did you mean '{}'?", *near);
    else
      fix = fmt::format("known keys: {}", fmt::join(known_, ", "));
    faults_.add(entry.first.Mark(), join(path_, key), "is not a key that tidepool knows", fix);
  }
}

}  // namespace tidepool
