#include "config/slurm_conf.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "base/file.hpp"
#include "base/hostlist.hpp"

namespace tidepool {
namespace {

using Values = std::map<std::string, std::string>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

struct Line {
  std::string text;
  int number = 0;
};

// slurm.conf(5): "#" begins a comment unless escaped, "\" at the end joins lines.
std::vector<Line> logical_lines(const std::string& text) {
  std::vector<Line> lines;
  std::string joined;
  int number = 0, first = 1;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (joined.empty()) first = number;
    for (std::size_t i = 0; i < line.size(); ++i)
      if (line[i] == '#' && (i == 0 || line[i - 1] != '\\')) {
        line.resize(i);
        break;
      }
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
    if (!line.empty() && line.back() == '\\') {
      line.pop_back();
      joined += line;
      continue;
    }
    joined += line;
    if (const auto trimmed = trim(joined); !trimmed.empty())
      lines.push_back({std::string(trimmed), first});
    joined.clear();
  }
  return lines;
}

// "Key=value Key2="two words"" in order; keys in lower case.
Result<std::vector<std::pair<std::string, std::string>>> pairs(std::string_view line) {
  std::vector<std::pair<std::string, std::string>> all;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && std::isspace(static_cast<unsigned char>(line[at]))) ++at;
    if (at >= line.size()) return all;
    const std::size_t equals = line.find('=', at);
    if (equals == std::string_view::npos)
      return fail(ErrorKind::invalid, fmt::format("'{}' is not KEY=VALUE", line.substr(at, 60)));
    std::string key = lower(trim(line.substr(at, equals - at)));
    // "Key += value" and its like add to a value; what is added is all that we can know.
    while (!key.empty() && std::string_view("+-*/").find(key.back()) != std::string_view::npos)
      key.pop_back();
    key = trim(key);
    if (key.empty() || key.find_first_of(" \t\"") != std::string::npos)
      return fail(ErrorKind::invalid, fmt::format("'{}' is not KEY=VALUE", line.substr(at, 60)));
    at = equals + 1;
    while (at < line.size() && std::isspace(static_cast<unsigned char>(line[at]))) ++at;
    std::string value;
    if (at < line.size() && line[at] == '"') {
      const std::size_t end = line.find('"', at + 1);
      if (end == std::string_view::npos) return fail(ErrorKind::invalid, "a quote is not closed");
      value = line.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      std::size_t end = at;
      while (end < line.size() && !std::isspace(static_cast<unsigned char>(line[end]))) ++end;
      value = line.substr(at, end - at);
      at = end;
    }
    all.emplace_back(key, std::move(value));
  }
}

class Reader {
 public:
  // text: nullopt reads the file.
  Result<SlurmConf> read(const std::filesystem::path& path,
                         const std::optional<std::string>& text) {
    conf_.path = path;
    if (auto done = text ? lines(*text, path, 0) : file(path, 0); !done)
      return tl::unexpected(done.error());
    for (auto& [partition, list] : pending_) {
      if (lower(list) == "all") {
        for (const auto& [name, node] : conf_.nodes) partition.nodes.push_back(name);
      } else if (auto names = expand_hostlist(list)) {
        partition.nodes = std::move(*names);
      }
      conf_.partitions.push_back(std::move(partition));
    }
    return std::move(conf_);
  }

 private:
  Result<void> file(const std::filesystem::path& path, int depth) {
    if (depth > kDeepest)
      return fail(ErrorKind::invalid, fmt::format("Include nested more than {} deep", kDeepest));
    // Files that include themselves several times grow like a tree: the depth alone is no cap.
    if (++files_ > kMostFiles)
      return fail(ErrorKind::invalid, fmt::format("more than {} files included", kMostFiles));
    auto text = read_file(path, 16u << 20);
    if (!text) return tl::unexpected(text.error());
    return lines(*text, path, depth);
  }

  Result<void> lines(const std::string& text, const std::filesystem::path& path, int depth) {
    for (const auto& one : logical_lines(text)) {
      if (auto done = line(one, path, depth); !done)
        return fail(Error(done.error()).context(fmt::format("{}:{}", path.string(), one.number)));
    }
    return {};
  }

  Result<void> line(const Line& one, const std::filesystem::path& path, int depth) {
    const std::string word = lower(one.text.substr(0, one.text.find_first_of(" \t=+")));
    if (word == "include") {
      std::filesystem::path other = trim(std::string_view(one.text).substr(7));
      if (other.empty()) return fail(ErrorKind::invalid, "Include names no file");
      if (other.is_relative()) other = conf_.path.parent_path() / other;
      return file(other, depth + 1);
    }
    auto all = pairs(one.text);
    if (!all) return tl::unexpected(all.error());
    Values values;
    for (const auto& [key, value] : *all) values[key] = value;
    if (word == "nodename") return nodes(values, path, one.number);
    if (word == "partitionname") return partition(values, path, one.number);
    if (word == "nodeset") {
      conf_.node_sets[values["nodeset"]] = values["feature"];
      // For who compares two files: all of them are one value.
      conf_.values["nodeset"] += fmt::format("{}{}", conf_.values["nodeset"].empty() ? "" : "; ",
                                             one.text.substr(one.text.find('=') + 1));
      conf_.places["nodeset"] = {path.string(), one.number};
      return {};
    }
    if (word == "slurmctldhost") conf_.controllers.push_back(values["slurmctldhost"]);
    for (auto& [key, value] : values) {
      conf_.values[key] = value;
      conf_.places[key] = {path.string(), one.number};
    }
    return {};
  }

  Result<void> nodes(Values& values, const std::filesystem::path& path, int number) {
    const std::string list = values["nodename"];
    values.erase("nodename");
    if (lower(list) == "default") {
      for (auto& [key, value] : values) node_default_[key] = value;
      return {};
    }
    auto names = expand_hostlist(list);
    if (!names) return tl::unexpected(names.error());
    Values merged = node_default_;
    for (auto& [key, value] : values) merged[key] = value;
    std::vector<std::string> addresses;
    for (const char* key : {"nodeaddr", "nodehostname"}) {
      if (!merged.contains(key) || !addresses.empty()) continue;
      auto expanded = expand_hostlist(merged[key]);
      if (!expanded) return tl::unexpected(expanded.error());
      addresses = std::move(*expanded);
    }
    if (!addresses.empty() && addresses.size() != names->size())
      return fail(ErrorKind::invalid, fmt::format("{}: {} addresses for {} nodes", list,
                                                  addresses.size(), names->size()));
    for (std::size_t i = 0; i < names->size(); ++i) {
      SlurmConfNode node;
      node.name = (*names)[i];
      node.address = addresses.empty() ? node.name : addresses[i];
      node.cloud = lower(merged["state"]) == "cloud";
      node.values = merged;
      node.file = path.string();
      node.line = number;
      conf_.nodes[node.name] = std::move(node);
    }
    return {};
  }

  Result<void> partition(Values& values, const std::filesystem::path& path, int number) {
    const std::string name = values["partitionname"];
    values.erase("partitionname");
    if (lower(name) == "default") {
      for (auto& [key, value] : values) partition_default_[key] = value;
      return {};
    }
    SlurmConfPartition found;
    found.name = name;
    found.values = partition_default_;
    found.file = path.string();
    found.line = number;
    for (auto& [key, value] : values) found.values[key] = value;
    const std::string list = found.values["nodes"];
    if (!list.empty() && lower(list) != "all")
      if (auto names = expand_hostlist(list); !names) return tl::unexpected(names.error());
    // Nodes=ALL means all nodes of the whole file: expanded at its end.
    pending_.emplace_back(std::move(found), list);
    return {};
  }

  static constexpr int kDeepest = 8, kMostFiles = 256;
  int files_ = 0;
  SlurmConf conf_;
  Values node_default_, partition_default_;
  std::vector<std::pair<SlurmConfPartition, std::string>> pending_;
};

}  // namespace

std::optional<std::string> SlurmConf::value(std::string_view key) const {
  const auto it = values.find(lower(key));
  if (it == values.end()) return std::nullopt;
  return it->second;
}

std::string SlurmConf::conf_server() const {
  std::string out;
  const auto port = value("SlurmctldPort").value_or("");
  for (const auto& host : controllers) {
    // "name(address)": nodes may not know the name.
    const auto open = host.find('(');
    const auto close = host.find(')');
    const std::string place =
        open != std::string::npos && close != std::string::npos && close > open
            ? host.substr(open + 1, close - open - 1)
            : host;
    out += (out.empty() ? "" : ",") + place;
    // A range of ports: any of them will do.
    if (!port.empty() && port != "6817") out += ":" + port.substr(0, port.find('-'));
  }
  return out;
}

std::optional<long> SlurmConf::seconds(std::string_view key, long otherwise) const {
  const auto text = value(key);
  if (!text) return otherwise;
  if (lower(*text) == "infinite" || *text == "-1") return std::nullopt;
  long number = 0;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (ec != std::errc() || end != text->data() + text->size()) return otherwise;
  return number;
}

bool SlurmConf::has_option(std::string_view key, std::string_view word) const {
  const auto text = value(key);
  if (!text) return false;
  const std::string list = lower(*text), wanted = lower(word);
  std::size_t at = 0;
  while (at <= list.size()) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view item = trim(std::string_view(list).substr(at, end - at));
    if (item.substr(0, item.find('=')) == wanted) return true;
    at = end + 1;
  }
  return false;
}

Result<SlurmConf> load_slurm_conf(const std::filesystem::path& path) {
  return Reader().read(path, std::nullopt);
}

Result<SlurmConf> parse_slurm_conf(const std::string& text, const std::filesystem::path& path) {
  return Reader().read(path, text);
}

}  // namespace tidepool
