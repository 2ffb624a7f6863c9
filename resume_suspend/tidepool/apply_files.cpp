#include "apply_files.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>

#include "base/file.hpp"
#include "command.hpp"
#include "config/check.hpp"
#include "live.hpp"
#include "slurm_version.hpp"
#include "work/test_start.hpp"

namespace tidepool {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLargestConf = 16u << 20;

bool edited_in_place(const NewFiles& given) {
  return given.slurm_conf.empty() && given.pool.empty();
}

// "20261130T140301Z"
std::string stamp() {
  std::string text = format_time(now());
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

tl::expected<ApplyFile, int> read_one(Setup& setup, const fs::path& installed,
                                      const std::string& given, bool in_place, const char* name) {
  ApplyFile f;
  f.path = installed;
  const auto read = [&](const fs::path& path) { return read_file(path, kLargestConf); };
  setup.rights.use(true);
  auto there = read(installed);
  auto fresh = given.empty() ? there : read(given);
  setup.rights.use(false);
  for (const auto* text : {&there, &fresh})
    if (!*text) {
      complain(kProgram, text->error().message);
      return tl::unexpected<int>(kConfig);
    }
  f.before = *there;
  f.after = *fresh;
  // What it was is known since the last apply.
  if (in_place)
    if (auto kept = applied_text(setup.pools.state.dir, name)) f.before = *kept;
  f.backup = installed.string() + ".before-" + stamp();
  return f;
}

}  // namespace

tl::expected<ApplyFileSet, int> read_apply_files(Setup& setup, const fs::path& pool_path,
                                                 NewFiles given) {
  ApplyFileSet all;
  const bool in_place = edited_in_place(given);
  auto conf =
      read_one(setup, slurm_conf_path(setup.pools), given.slurm_conf, in_place, kAppliedConf);
  if (!conf) return tl::unexpected(conf.error());
  auto pool = read_one(setup, pool_path, given.pool, in_place, kAppliedPool);
  if (!pool) return tl::unexpected(pool.error());
  all.conf = std::move(*conf);
  all.pool = std::move(*pool);
  if (in_place && !applied_text(setup.pools.state.dir, kAppliedConf)) {
    complain(
        kProgram,
        "name the new files: --slurm-conf FILE, --pool FILE (files that were edited where they "
        "stand are known only once an apply has kept copies of them)");
    return tl::unexpected<int>(kUsage);
  }
  std::vector<Diagnostic> faults;
  const fs::path shown = given.pool.empty() ? pool_path : fs::absolute(given.pool);
  auto after = parse_pool_file(all.pool.after, shown, faults);
  auto before = parse_pool_file(all.pool.before, pool_path, faults);
  if (!after || !before) {
    for (const auto& fault : faults) complain(kProgram, to_string(fault));
    return tl::unexpected<int>(kConfig);
  }
  all.pools_after = std::move(*after);
  all.pools_before = std::move(*before);
  for (auto [text, into] : {std::pair(&all.conf.before, &all.conf_before),
                            std::pair(&all.conf.after, &all.conf_after)}) {
    auto parsed = parse_slurm_conf(*text, all.conf.path);
    if (!parsed) {
      complain(kProgram, parsed.error().message);
      return tl::unexpected<int>(kConfig);
    }
    *into = std::move(*parsed);
  }
  return all;
}

int validate(const Setup& setup, const ApplyFileSet& all, bool dry_run,
             std::vector<std::string>& warnings) {
  const auto version = installed_slurm_version(setup.pools);
  std::vector<Diagnostic> found, known;
  check_guest(all.pools_after, found);
  check_guest(all.pools_before, known);
  for (auto& d : check_slurm_conf(all.pools_after, all.conf_after, version)) found.push_back(d);
  for (auto& d : check_slurm_conf(all.pools_before, all.conf_before, version)) known.push_back(d);
  bool bad = false;
  for (const auto& d : found) {
    const bool old = std::any_of(known.begin(), known.end(), [&](const Diagnostic& k) {
      return k.key == d.key && k.what == d.what;
    });
    if (d.severity == Severity::error) {
      complain(kProgram, to_string(d));
      bad = true;
    } else if (!old) {
      warnings.push_back(to_string(d));
    }
  }
  if (bad) {
    complain(kProgram, "refused; nothing was changed");
    return kConfig;
  }
  if (!all.conf.changes()) return kOk;
  boost::asio::io_context context;
  TestStart test;
  test.text = all.conf.after;
  test.conf = all.conf.path;
  test.folder = setup.pools.state.dir /
                (dry_run ? fmt::format("test-start-{}", ::getpid()) : std::string("test-start"));
  auto accepted = wait_on(context, test_start(std::move(test)));
  if (accepted) return kOk;
  complain(kProgram, accepted.error().message);
  complain(kProgram, "refused; nothing was changed");
  return kConfig;
}

}  // namespace tidepool
