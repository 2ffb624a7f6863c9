#include "store/store.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/file.hpp"
#include "store/schema.hpp"

namespace tidepool {

static_assert(kSchemaSteps.size() == Store::kSchemaVersion);

Result<Store> Store::open(const std::filesystem::path& dir, const std::string& cluster) {
  if (auto made = make_private_folder(dir); !made)
    return fail(Error(made.error()).context("state folder"));
  auto db = Database::open(dir / "tidepool.db");
  if (!db) return tl::unexpected(db.error());
  Store store(std::move(*db));
  if (auto ready = store.prepare_schema(cluster); !ready) return tl::unexpected(ready.error());
  return store;
}

Result<void> Store::prepare_schema(const std::string& cluster) {
  const auto version = [&]() -> Result<std::int64_t> {
    auto s = db_.prepare("PRAGMA user_version");
    if (!s) return tl::unexpected(s.error());
    auto row = s->step();
    if (!row) return tl::unexpected(row.error());
    return s->integer(0);
  };
  auto found = version();
  if (!found) return tl::unexpected(found.error());
  if (*found < kSchemaVersion) {
    auto tx = Transaction::begin(db_);
    if (!tx) return tl::unexpected(tx.error());
    found = version();  // another process may have been quicker
    if (!found) return tl::unexpected(found.error());
    for (std::int64_t v = *found; v < kSchemaVersion; ++v)
      if (auto done = db_.execute(kSchemaSteps[static_cast<std::size_t>(v)]); !done) return done;
    if (*found == 0) {
      auto s = db_.prepare("INSERT INTO meta VALUES ('cluster', ?)");
      if (!s) return tl::unexpected(s.error());
      if (auto done = s->bind(1, cluster).run(); !done) return done;
    }
    const std::string set = fmt::format("PRAGMA user_version={}", kSchemaVersion);
    if (auto done = db_.execute(set.c_str()); !done) return done;
    if (auto done = tx->commit(); !done) return done;
  } else if (*found > kSchemaVersion) {
    return fail(ErrorKind::invalid,
                fmt::format("store has schema version {}, this tidepool knows up to {}: it was "
                            "written by a newer tidepool; install that one again",
                            *found, kSchemaVersion));
  }
  auto s = db_.prepare("SELECT value FROM meta WHERE key='cluster'");
  if (!s) return tl::unexpected(s.error());
  auto row = s->step();
  if (!row) return tl::unexpected(row.error());
  if (*row && s->text(0) != cluster)
    return fail(ErrorKind::invalid,
                fmt::format("the store belongs to cluster '{}', the pool file says '{}': give each "
                            "cluster its own state folder (state: {{dir: …}})",
                            s->text(0), cluster));
  return {};
}

Result<std::int64_t> Store::data_version() {
  auto s = db_.prepare("PRAGMA data_version");
  if (!s) return tl::unexpected(s.error());
  auto row = s->step();
  if (!row) return tl::unexpected(row.error());
  return s->integer(0);
}

Result<void> Store::backup(const std::filesystem::path& path) {
  auto s = db_.prepare("VACUUM INTO ?");
  if (!s) return tl::unexpected(s.error());
  return s->bind(1, path.string()).run();
}

Result<void> Store::check() {
  auto s = db_.prepare("PRAGMA quick_check");
  if (!s) return tl::unexpected(s.error());
  auto row = s->step();
  if (!row) return tl::unexpected(row.error());
  if (!*row || s->text(0) != "ok")
    return fail(ErrorKind::io,
                "store is damaged: " + (*row ? s->text(0) : std::string("no answer")) +
                    "; move it away and run 'tidepool rebuild'");
  return {};
}

}  // namespace tidepool
