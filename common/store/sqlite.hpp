// SQLite's C API behind two RAII types and Result. Only store/ includes this.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidepool {

class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);  // copied
  Statement& bind_null(int index);
  // An empty text becomes NULL: for UNIQUE columns, where '' would collide.
  Statement& bind_or_null(int index, std::string_view text);

  // true: a row is there; false: done.
  Result<bool> step();
  // For statements without rows; leaves it ready to be bound again.
  Result<void> run();
  // After rows were read: ready to be bound and stepped again.
  void reset();
  bool is_null(int column) const { return sqlite3_column_type(stmt_.get(), column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(stmt_.get(), column); }
  std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  sqlite3* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> stmt_;
};

class Database {
 public:
  // Opens or makes the file (0600), write-ahead log, every commit on disk before it returns.
  static Result<Database> open(const std::filesystem::path& path);
  Result<Statement> prepare(std::string_view sql);
  Result<void> execute(const char* sql);  // several statements, without parameters
  std::int64_t changes() const { return sqlite3_changes(db_.get()); }
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(db_.get()); }
  Error error(std::string_view what) const;

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> db_;
};

// BEGIN IMMEDIATE … COMMIT; rolled back unless commit() was called and succeeded.
class Transaction {
 public:
  static Result<Transaction> begin(Database& db);
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& db) : db_(&db) {}
  Database* db_;
};

Error sqlite_error(sqlite3* db, std::string_view what);

}  // namespace tidepool
