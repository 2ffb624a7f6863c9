// The store's tables, version by version. A new version appends a step; none is ever changed.
#pragma once

#include <array>

namespace tidepool {

inline constexpr std::array<const char*, 2> kSchemaSteps{
    // 1
    R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE nodes (
  name TEXT PRIMARY KEY,
  pool TEXT NOT NULL,
  wanted TEXT NOT NULL CHECK (wanted IN ('absent','present')),
  want_seq INTEGER NOT NULL DEFAULT 0,
  want_since INTEGER NOT NULL,
  want_by TEXT NOT NULL,
  extras TEXT NOT NULL DEFAULT '',
  seen_seq INTEGER NOT NULL DEFAULT 0,
  lease_id TEXT UNIQUE,
  address TEXT UNIQUE,
  lease_since INTEGER NOT NULL DEFAULT 0,
  server_id TEXT UNIQUE,
  server_state TEXT NOT NULL DEFAULT '',
  create_begun INTEGER NOT NULL DEFAULT 0,
  active_since INTEGER NOT NULL DEFAULT 0,
  registered INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  failure_kind TEXT,
  failure_text TEXT NOT NULL DEFAULT '',
  failure_at INTEGER NOT NULL DEFAULT 0,
  failure_until INTEGER NOT NULL DEFAULT 0,
  tell TEXT NOT NULL DEFAULT 'nothing'
) WITHOUT ROWID;
CREATE TABLE job_nodes (
  job_id INTEGER NOT NULL,
  node TEXT NOT NULL,
  PRIMARY KEY (job_id, node)
) WITHOUT ROWID;
CREATE INDEX job_nodes_by_node ON job_nodes (node);
CREATE TABLE pools (
  name TEXT PRIMARY KEY,
  rest_until INTEGER NOT NULL DEFAULT 0,
  rest_reason TEXT NOT NULL DEFAULT '',
  rest_step INTEGER NOT NULL DEFAULT 0,
  boot_failures INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  node TEXT NOT NULL,
  what TEXT NOT NULL,
  detail TEXT NOT NULL,
  server_id TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX events_by_node ON events (node, id);
)sql",
    // 2
    "ALTER TABLE nodes ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0",
};

}  // namespace tidepool
