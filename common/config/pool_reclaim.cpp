// reclaim:
#include <fmt/format.h>
#include <algorithm>
#include <charconv>

#include "config/pool_reader.hpp"

namespace tidepool {
namespace {

constexpr std::int64_t kMostNumber = 100'000'000;  // of cores or instances

bool plain_word(const std::string& word) {
  return !word.empty() && word.size() <= 64 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

void read_words(YamlReader& r, const char* key, std::vector<std::string>& into) {
  r.texts(key, into);
  for (const auto& word : into)
    if (word.empty() || word.find_first_of(" ,\t") != std::string::npos)
      return r.fault(key, fmt::format("'{}' is not a name", word),
                     "write a list of names, as in [osg, osg-long]");
}

// Number of a per cent of 1 to 100, or -1.
int per_cent_of(std::string_view text) {
  if (text.empty() || text.back() != '%') return -1;
  text.remove_suffix(1);
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number < 0 || number > 100)
    return -1;
  return number;
}

void read_share(YamlReader& r, const char* key, bool ram, Share& share) {
  std::string text;
  r.text(key, text);
  if (text.empty()) return;
  const char* fix = ram ? "write 256G, 512M or 10%" : "write 64 or 10%";
  if (text.back() == '%') {
    share.per_cent = per_cent_of(text);
    if (share.per_cent < 0)
      r.fault(key, fmt::format("'{}' is not a share of 0% to 100%", text), fix);
    return;
  }
  if (ram) {
    if (text == "0") return;
    if (const auto size = mebibytes_of(text))
      share.absolute = *size;
    else
      r.fault(key, fmt::format("'{}' is not a size", text), fix);
    return;
  }
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number < 0 || number > kMostNumber)
    return r.fault(key, fmt::format("'{}' is not a number of {}", text, key), fix);
  share.absolute = number;
}

void read_headroom(const YAML::Node& node, Headroom& headroom, YamlFaults& faults) {
  YamlReader r(node, "reclaim.headroom", faults);
  read_share(r, "instances", false, headroom.instances);
  read_share(r, "cores", false, headroom.cores);
  read_share(r, "ram", true, headroom.ram_mib);
  r.finish();
}

// What the class may do to a job must be said plainly.
void check_modes(YamlReader& r, const OpportunisticClass& c) {
  if (c.may_requeue) return;
  for (const auto mode : c.modes)
    if (!keeps_memory(mode))
      return r.fault("modes", fmt::format("{} loses a job's work", to_string(mode)),
                     "write may_requeue: true if that is meant, or leave it out");
}

void check_partitions(YamlReader& r, const OpportunisticClass& c, const PoolFile& file,
                      YamlFaults& faults) {
  const auto& pools = file.pools;
  // A pool without the key may be in any partition.
  if (std::any_of(pools.begin(), pools.end(), [](const Pool& p) { return p.partition.empty(); }))
    return;
  for (const auto& name : c.partitions)
    if (std::none_of(pools.begin(), pools.end(),
                     [&](const Pool& p) { return p.partition == name; }))
      faults.warn(r.mark("partitions"), r.key_path("partitions"),
                  fmt::format("no pool is in partition {}: this class frees nothing there", name),
                  "name the partition: of a pool");
}

// None of the three lists, or empty ones. (A faulty one has been told.)
bool says_nothing(YamlReader& r) {
  for (const char* key : {"partitions", "qos", "accounts"})
    if (const auto n = r.node(key); n.IsDefined() && !(n.IsSequence() && n.size() == 0))
      return false;
  return true;
}

OpportunisticClass read_class(const YAML::Node& node, const std::string& path, const PoolFile& file,
                              YamlFaults& faults) {
  OpportunisticClass c;
  const bool mapping = node.IsMap();  // else the reader says so
  YamlReader r(node, path, faults);
  c.line = node.Mark().line + 1;
  r.required("name", "a name for the class, as in name: osg");
  r.text("name", c.name);
  if (!c.name.empty() && !plain_word(c.name))
    r.fault("name", fmt::format("'{}' is not a name", c.name),
            "use letters, digits, . _ - (64 at most)");
  read_words(r, "partitions", c.partitions);
  read_words(r, "qos", c.qos);
  read_words(r, "accounts", c.accounts);
  if (mapping && says_nothing(r))
    faults.add(node.Mark(), path, "would have every job",
               "name at least one partition, qos or account");
  r.integer("priority", c.priority, -1'000'000, 1'000'000);
  r.flag("may_requeue", c.may_requeue);
  c.modes = read_modes(r, "modes");
  check_modes(r, c);
  r.duration("min_run", c.min_run, Millis(0));
  r.integer("max_holds", c.max_holds, 0, 1'000'000);
  r.node("max_held");  // a known key
  if (r.has("max_held")) {
    Millis longest{0};
    r.duration("max_held", longest, Millis(1000));
    c.max_held = longest;
  }
  check_partitions(r, c, file, faults);
  r.finish();
  return c;
}

// Does `first` have every job that `second` would have?
bool hides(const OpportunisticClass& first, const OpportunisticClass& second) {
  const auto wider = [](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a.empty() || (!b.empty() && std::all_of(b.begin(), b.end(), [&](const auto& word) {
             return std::find(a.begin(), a.end(), word) != a.end();
           }));
  };
  return wider(first.partitions, second.partitions) && wider(first.qos, second.qos) &&
         wider(first.accounts, second.accounts);
}

void read_classes(const YAML::Node& node, PoolFile& file, YamlFaults& faults) {
  constexpr const char* kPath = "reclaim.opportunistic";
  constexpr const char* kExample = "as in [{name: osg, partitions: [osg]}]";
  if (!node.IsSequence()) {
    faults.add(node.Mark(), kPath, "must be a list of classes", kExample);
    return;
  }
  if (node.size() == 0) faults.add(node.Mark(), kPath, "is empty", kExample);
  auto& classes = file.reclaim.classes;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", kPath, i);
    const YAML::Node one = node[i];
    auto c = read_class(one, path, file, faults);
    const auto same = [&](const OpportunisticClass& o) { return o.name == c.name; };
    if (!c.name.empty() && std::any_of(classes.begin(), classes.end(), same))
      faults.add(one["name"].Mark(), path + ".name", fmt::format("'{}' is there twice", c.name),
                 "each class has a name of its own");
    for (const auto& before : classes)
      if (hides(before, c)) {
        faults.warn(one.Mark(), path,
                    fmt::format("class {} comes first and has all its jobs", before.name),
                    "write the narrower class first");
        break;
      }
    classes.push_back(std::move(c));
  }
}

void read_drop_folder(YamlReader& r, PoolFile& file) {
  auto& folder = file.reclaim.drop_folder;
  r.path("drop_folder", folder);
  if (folder.empty()) return;
  const auto plain = folder.lexically_normal();
  const auto from_state = plain.lexically_relative(file.state.dir.lexically_normal());
  if (!from_state.empty() && *from_state.begin() != "..")
    r.fault("drop_folder", fmt::format("is in the state folder {}", file.state.dir.string()),
            "others must reach it, and never the store: write /var/spool/tidepool/reclaim");
}

void read_quiet_hours(YamlReader& r, ReclaimSection& reclaim) {
  std::vector<std::string> texts;
  r.texts("quiet_hours", texts);
  for (const auto& text : texts) {
    if (auto hours = parse_quiet_hours(text))
      reclaim.quiet_hours.push_back(*hours);
    else
      r.fault("quiet_hours", hours.error().message);
  }
}

}  // namespace

void read_reclaim(const YAML::Node& node, PoolFile& file, YamlFaults& faults) {
  YamlReader r(node, "reclaim", faults);
  auto& reclaim = file.reclaim;
  reclaim.given = true;
  reclaim.line = node.Mark().line + 1;
  r.required("opportunistic",
             "name the jobs that may step aside, [{name: osg, partitions: [osg]}]");
  if (const auto n = r.node("opportunistic"); n.IsDefined()) read_classes(n, file, faults);
  if (const auto n = r.node("headroom"); n.IsDefined()) read_headroom(n, reclaim.headroom, faults);
  r.duration("poll", reclaim.poll, Millis(1000));
  r.duration("settle", reclaim.settle, Millis(0));
  r.duration("keep", reclaim.keep, Millis(0));
  read_quiet_hours(r, reclaim);
  read_drop_folder(r, file);
  r.flag("for_jobs", reclaim.for_jobs);
  r.finish();
}

}  // namespace tidepool
