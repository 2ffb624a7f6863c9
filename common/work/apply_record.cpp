#include "work/apply_record.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <array>
#include <nlohmann/json.hpp>

#include "base/file.hpp"

namespace tidepool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<std::string_view, 10> kSteps{
    "draining", "installing", "telling", "answering", "addressing",
    "creating", "pushing",    "proving", "finishing", "done"};
constexpr std::size_t kLargest = 64u << 20;

fs::path folder(const fs::path& state_dir) {
  return state_dir / "apply";
}

json file_to_json(const ApplyFile& file) {
  return {{"path", file.path.string()}, {"backup", file.backup.string()}};
}

json nodes_to_json(const std::vector<ApplyNodes>& all) {
  json out = json::array();
  for (const auto& one : all) out.push_back({{"nodes", one.nodes}, {"settings", one.settings}});
  return out;
}

void nodes_from_json(const json& all, std::vector<ApplyNodes>& into) {
  for (const auto& one : all) {
    ApplyNodes nodes;
    one.at("nodes").get_to(nodes.nodes);
    one.at("settings").get_to(nodes.settings);
    into.push_back(std::move(nodes));
  }
}

Result<void> read_texts(const fs::path& dir, const char* name, ApplyFile& file) {
  auto before = read_file(dir / (std::string(name) + ".before"), kLargest);
  if (!before) return tl::unexpected(before.error());
  auto after = read_file(dir / (std::string(name) + ".after"), kLargest);
  if (!after) return tl::unexpected(after.error());
  file.before = std::move(*before);
  file.after = std::move(*after);
  return {};
}

Result<void> write_texts(const fs::path& dir, const char* name, const ApplyFile& file) {
  if (auto done = write_file_atomically(dir / (std::string(name) + ".before"), file.before, 0600);
      !done)
    return done;
  return write_file_atomically(dir / (std::string(name) + ".after"), file.after, 0600);
}

}  // namespace

std::string_view to_string(ApplyStep step) {
  return kSteps.at(static_cast<std::size_t>(step));
}

Result<void> save_apply(const fs::path& state_dir, const ApplyRecord& r) {
  const json root{{"began", to_millis(r.began)},
                  {"step", to_string(r.step)},
                  {"back", r.back},
                  {"why", r.why},
                  {"told", r.told},
                  {"restart", r.restart},
                  {"reconfigure", r.reconfigure},
                  {"conf", file_to_json(r.conf)},
                  {"pool", file_to_json(r.pool)},
                  {"made", nodes_to_json(r.made)},
                  {"unmade", nodes_to_json(r.unmade)},
                  {"fresh", r.fresh},
                  {"gone", r.gone},
                  {"empty", r.empty},
                  {"drained", r.drained},
                  {"up", r.up},
                  {"addresses", r.addresses}};
  return write_file_atomically(folder(state_dir) / "record.json",
                               root.dump(1, ' ', false, json::error_handler_t::replace), 0600);
}

Result<void> save_queue(const fs::path& state_dir, const ApplyRecord& r) {
  return write_file_atomically(folder(state_dir) / "queue.json", snapshot_to_json(r.queue), 0600);
}

// The record comes last: without it the folder is the rest of an apply that changed nothing.
Result<void> begin_apply(const fs::path& state_dir, const ApplyRecord& r) {
  if (auto done = end_apply(state_dir); !done) return done;
  const auto dir = folder(state_dir);
  if (auto made = make_private_folder(dir); !made) return made;
  if (auto done = write_texts(dir, kAppliedConf, r.conf); !done) return done;
  if (auto done = write_texts(dir, kAppliedPool, r.pool); !done) return done;
  if (auto done = save_queue(state_dir, r); !done) return done;
  return save_apply(state_dir, r);
}

Result<std::optional<ApplyRecord>> load_apply(const fs::path& state_dir) {
  const auto dir = folder(state_dir);
  std::error_code ec;
  if (!fs::exists(dir / "record.json", ec)) return std::optional<ApplyRecord>();
  auto text = read_file(dir / "record.json", kLargest);
  if (!text) return tl::unexpected(text.error());
  ApplyRecord r;
  try {
    const auto root = json::parse(*text);
    r.began = from_millis(root.at("began").get<std::int64_t>());
    const auto step = root.at("step").get<std::string>();
    const auto it = std::find(kSteps.begin(), kSteps.end(), step);
    if (it == kSteps.end())
      return fail(ErrorKind::invalid, fmt::format("{}: no step '{}'", dir.string(), step));
    r.step = static_cast<ApplyStep>(it - kSteps.begin());
    root.at("back").get_to(r.back);
    root.at("why").get_to(r.why);
    root.at("told").get_to(r.told);
    root.at("restart").get_to(r.restart);
    root.at("reconfigure").get_to(r.reconfigure);
    for (auto [key, file] : {std::pair("conf", &r.conf), std::pair("pool", &r.pool)}) {
      file->path = root.at(key).at("path").get<std::string>();
      file->backup = root.at(key).at("backup").get<std::string>();
    }
    nodes_from_json(root.at("made"), r.made);
    nodes_from_json(root.at("unmade"), r.unmade);
    root.at("fresh").get_to(r.fresh);
    root.at("gone").get_to(r.gone);
    root.at("empty").get_to(r.empty);
    root.at("drained").get_to(r.drained);
    root.at("up").get_to(r.up);
    root.at("addresses").get_to(r.addresses);
  } catch (const json::exception& e) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: {}", (dir / "record.json").string(), e.what()));
  }
  if (auto done = read_texts(dir, kAppliedConf, r.conf); !done) return tl::unexpected(done.error());
  if (auto done = read_texts(dir, kAppliedPool, r.pool); !done) return tl::unexpected(done.error());
  auto queue = read_file(dir / "queue.json", kLargest);
  if (!queue) return tl::unexpected(queue.error());
  auto snapshot = snapshot_from_json(*queue);
  if (!snapshot) return tl::unexpected(snapshot.error());
  r.queue = std::move(*snapshot);
  return std::optional<ApplyRecord>(std::move(r));
}

Result<void> end_apply(const fs::path& state_dir) {
  const auto dir = folder(state_dir);
  std::error_code ec;
  fs::remove(dir / "record.json", ec);  // first: what is left is no apply any more
  fs::remove_all(dir, ec);
  if (ec) return fail(ErrorKind::io, fmt::format("{}: {}", dir.string(), ec.message()));
  return {};
}

std::optional<std::string> applied_text(const fs::path& state_dir, const char* name) {
  auto text = read_file(state_dir / "applied" / name, kLargest);
  if (!text) return std::nullopt;
  return std::move(*text);
}

Result<void> keep_applied(const fs::path& state_dir, const ApplyRecord& r) {
  const auto dir = state_dir / "applied";
  if (auto made = make_private_folder(dir); !made) return made;
  const auto text = [&](const ApplyFile& file) { return r.back ? file.before : file.after; };
  if (auto done = write_file_atomically(dir / kAppliedConf, text(r.conf), 0600); !done) return done;
  return write_file_atomically(dir / kAppliedPool, text(r.pool), 0600);
}

}  // namespace tidepool
