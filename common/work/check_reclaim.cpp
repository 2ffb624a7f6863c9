#include "work/check_reclaim.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <algorithm>

#include "work/probe_file.hpp"
#include "work/reclaim_books.hpp"
#include "work/reclaim_sight.hpp"

namespace tidepool {
namespace {

class Findings {
 public:
  explicit Findings(const PoolFile& pools) : pools_(pools) {}

  std::vector<Diagnostic> run() {
    const auto& rules = pools_.reclaim;
    if (!rules.given) return {};
    for (const auto& c : rules.classes)
      for (const auto& pool : pools_.pools)
        if (std::find(c.partitions.begin(), c.partitions.end(), pool.partition) !=
            c.partitions.end())
          frees(c, pool);
    if (rules.headroom.given())
      add(Severity::note, rules.line, "reclaim.headroom",
          "the headroom is looked at only while a worker runs",
          "keep tidepool.service running (docs/reclaim.md)");
    if (!rules.drop_folder.empty()) drop_folder();
    return std::move(found_);
  }

 private:
  void add(Severity severity, int line, const char* key, std::string what, std::string fix) {
    found_.push_back(
        {severity, pools_.path.string(), line, 0, key, std::move(what), std::move(fix)});
  }

  // Whose mode frees the hypervisor only gives nobody room for a server.
  void frees(const OpportunisticClass& c, const Pool& pool) {
    if (c.may_requeue) return;
    const auto report = load_probe(pools_.state.dir, pool.name);
    // With a probe, check_reclaim_probe.cpp knows more; one that cannot be read, check_probes()
    // tells.
    if (!report || *report) return;
    const Amount one{1, 1, 1};
    const auto& modes = c.modes.empty() ? pool.hold.modes : c.modes;
    std::string why;
    for (const auto mode : modes) {
      const Amount freed = freed_in(Book::quota, mode, one, *report);
      if (freed.cores > 0 || freed.ram_mib > 0) return;
      why += (why.empty() ? "" : "; ") + frees_nothing(Book::quota, mode, *report);
    }
    add(Severity::warning, c.line, "reclaim.opportunistic",
        fmt::format("when jobs of class {} in pool {} step aside, neither headroom nor a node of "
                    "others that finds no quota gains anything: {}",
                    c.name, pool.name, why),
        fmt::format("run 'tidepool probe --pool {}', or use a mode that frees the quota "
                    "(docs/releases.md)",
                    pool.name));
  }

  void drop_folder() {
    const auto& path = pools_.reclaim.drop_folder;
    const std::string fix = fmt::format(
        "install -d -o slurm -g GROUP -m 3770 {}, and restart tidepool.service", path.string());
    struct stat st {};
    struct stat state {};
    if (::lstat(path.c_str(), &st) != 0 || !S_ISDIR(st.st_mode))
      return add(Severity::warning, pools_.reclaim.line, "reclaim.drop_folder",
                 fmt::format("{} is no folder", path.string()), fix);
    if (::stat(pools_.state.dir.c_str(), &state) == 0 && state.st_uid != st.st_uid)
      add(Severity::warning, pools_.reclaim.line, "reclaim.drop_folder",
          fmt::format("{} does not belong to the owner of {}", path.string(),
                      pools_.state.dir.string()),
          fix);
    if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
      add(Severity::warning, pools_.reclaim.line, "reclaim.drop_folder",
          fmt::format("{} is writable by all without the sticky bit: it is not used",
                      path.string()),
          fix);
  }

  const PoolFile& pools_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> check_reclaim(const PoolFile& pools) {
  return Findings(pools).run();
}

}  // namespace tidepool
