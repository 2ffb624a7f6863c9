#include "store/sqlite.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fd.hpp"

namespace tidepool {
namespace {

// Why nothing can be written beside the database, empty if that is not it. SQLite's own words are
// about what it tried last: "unable to open database file" for a write-ahead log on a read-only
// disk.
std::string cannot_write(sqlite3* db) {
  const char* file = sqlite3_db_filename(db, "main");
  if (file == nullptr || *file == '\0') return {};
  const std::string folder = std::filesystem::path(file).parent_path();
  if (::access(folder.c_str(), W_OK) == 0) return {};
  return fmt::format("{} cannot be written to: {}", folder, std::strerror(errno));
}

}  // namespace

Error sqlite_error(sqlite3* db, std::string_view what) {
  Error error;
  switch (db != nullptr ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM) {
    case SQLITE_FULL:
      error.kind = ErrorKind::disk_full;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.kind = ErrorKind::busy;
      break;
    case SQLITE_CONSTRAINT:
      error.kind = ErrorKind::conflict;
      break;
    default:
      error.kind = ErrorKind::io;
  }
  // "disk I/O error" may be a full disk too: the extended code's errno tells.
  const int code = error.kind == ErrorKind::io && db != nullptr ? sqlite3_system_errno(db) : 0;
  if (code == ENOSPC || code == EDQUOT) error.kind = ErrorKind::disk_full;
  error.message = fmt::format("{}: {}", what, db != nullptr ? sqlite3_errmsg(db) : "out of memory");
  if (error.kind == ErrorKind::disk_full)
    error.message = fmt::format("{}: the disk is full", what);
  else if (error.kind == ErrorKind::io && db != nullptr)
    if (const std::string why = cannot_write(db); !why.empty())
      error.message = fmt::format("{}: {}", what, why);
  return error;
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(stmt_.get(), index, value);
  return *this;
}
Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text(stmt_.get(), index, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(stmt_.get(), index);
  return *this;
}
Statement& Statement::bind_or_null(int index, std::string_view text) {
  return text.empty() ? bind_null(index) : bind(index, text);
}

Result<bool> Statement::step() {
  const int rc = sqlite3_step(stmt_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  return fail(sqlite_error(db_, "store"));
}

void Statement::reset() {
  sqlite3_reset(stmt_.get());
  sqlite3_clear_bindings(stmt_.get());
}

Result<void> Statement::run() {
  auto row = step();
  reset();
  if (!row) return tl::unexpected(row.error());
  return {};
}

std::string Statement::text(int column) const {
  const auto* data = sqlite3_column_text(stmt_.get(), column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(stmt_.get(), column))};
}

Result<Database> Database::open(const std::filesystem::path& path) {
  {
    // SQLite would make it with the process's umask: make it ourselves, readable by us alone.
    // Closed before SQLite opens it, and never opened when it is there: closing any descriptor of a
    // file drops every POSIX lock that the process has on it, and with SQLite's lock gone another
    // process that closes the store takes itself for the last and removes the write-ahead log
    // under our feet, commits and all (https://www.sqlite.org/howtocorrupt.html, 2.2).
    Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made && errno != EEXIST) return fail_errno(errno, "store " + path.string());
  }
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  Database db;
  db.db_.reset(raw);
  db.path_ = path;
  if (rc != SQLITE_OK) return fail(db.error("cannot be opened"));
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 20'000);  // fifty hooks at once wait their turn, each for milliseconds
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                             "PRAGMA foreign_keys=ON", "PRAGMA trusted_schema=OFF"})
    if (auto done = db.execute(pragma); !done) return tl::unexpected(done.error());
  return db;
}

Error Database::error(std::string_view what) const {
  return sqlite_error(db_.get(), fmt::format("store {}: {}", path_.string(), what));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &stmt, nullptr) !=
      SQLITE_OK)
    return fail(error("query"));
  return Statement(db_.get(), stmt);
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail(error("statement"));
  return {};
}

Result<Transaction> Transaction::begin(Database& db) {
  if (auto begun = db.execute("BEGIN IMMEDIATE"); !begun) return tl::unexpected(begun.error());
  return Transaction(db);
}

Transaction::~Transaction() {
  if (db_ != nullptr) (void)db_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  if (auto done = db_->execute("COMMIT"); !done) return done;
  db_ = nullptr;
  return {};
}

}  // namespace tidepool
