#include "store/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "store/schema.hpp"

namespace tidepool {

static_assert(kSchemaSteps.size() == Store::kSchemaVersion);

namespace {

// tidepool.db, of schema version 2, is kept as tidepool.db.schema-2.20261130T120441Z, and says so
// in that name only when it is whole and on disk. It is read by a connection of its own while the
// migrating one has the write lock: nothing is committed between the copy and the migration.
Result<void> keep_older(const std::filesystem::path& dir, std::int64_t version) {
  auto stamp = format_time(now());
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  const auto kept = dir / fmt::format("tidepool.db.schema-{}.{}", version, stamp);
  const std::filesystem::path part = kept.string() + ".part";
  const auto copied = [&]() -> Result<void> {
    // SQLite would make it readable by others; an empty file it takes as it is.
    Fd fd(::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) return fail_errno(errno, part.string());
    auto reader = Database::open(dir / "tidepool.db");
    if (!reader) return tl::unexpected(reader.error());
    auto s = reader->prepare("VACUUM INTO ?");
    if (!s) return tl::unexpected(s.error());
    if (auto done = s->bind(1, part.string()).run(); !done) return done;
    if (::fsync(fd.get()) != 0 || ::rename(part.c_str(), kept.c_str()) != 0)
      return fail_errno(errno, kept.string());
    if (Fd folder(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); folder)
      ::fsync(folder.get());
    return {};
  }();
  if (!copied) {
    ::unlink(part.c_str());
    return fail(Error(copied.error()).context("the store cannot be kept before it is migrated"));
  }
  return {};
}

}  // namespace

Result<Store> Store::open(const std::filesystem::path& dir, const std::string& cluster) {
  if (auto made = make_private_folder(dir); !made)
    return fail(Error(made.error()).context("state folder"));
  auto db = Database::open(dir / "tidepool.db");
  if (!db) return tl::unexpected(db.error());
  Store store(std::move(*db));
  if (auto ready = store.prepare_schema(dir, cluster); !ready) return tl::unexpected(ready.error());
  return store;
}

Result<void> Store::prepare_schema(const std::filesystem::path& dir, const std::string& cluster) {
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
    if (*found > 0 && *found < kSchemaVersion)
      if (auto kept = keep_older(dir, *found); !kept) return kept;
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
