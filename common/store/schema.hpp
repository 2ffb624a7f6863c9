// The store's tables, version by version. A new version appends a step; none is ever changed. A
// step only adds: a worker of the version before may still write down how its last requests ended.
#pragma once

#include <array>

namespace tidepool {

inline constexpr std::array<const char*, 4> kSchemaSteps{
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
    // 3: holds
    R"sql(
CREATE TABLE holds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  wanted TEXT NOT NULL CHECK (wanted IN ('held','released')),
  want_by TEXT NOT NULL,
  want_since INTEGER NOT NULL,
  modes TEXT NOT NULL,
  max_held INTEGER,
  step TEXT NOT NULL DEFAULT 'planned',
  step_since INTEGER NOT NULL DEFAULT 0,
  mode_index INTEGER NOT NULL DEFAULT 0,
  held_since INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',
  ended INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX holds_by_end ON holds (ended);
CREATE TABLE hold_jobs (
  hold INTEGER NOT NULL REFERENCES holds ON DELETE CASCADE,
  job INTEGER NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  user TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (hold, job)
) WITHOUT ROWID;
CREATE INDEX hold_jobs_by_job ON hold_jobs (job);
CREATE TABLE hold_nodes (
  hold INTEGER NOT NULL REFERENCES holds ON DELETE CASCADE,
  place INTEGER NOT NULL,
  node TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  server_id TEXT NOT NULL DEFAULT '',
  boot_time INTEGER NOT NULL DEFAULT 0,
  slurmd_start INTEGER NOT NULL DEFAULT 0,
  prior_reason TEXT NOT NULL DEFAULT '',
  prior_drain INTEGER NOT NULL DEFAULT 0,
  hibernate_begun INTEGER NOT NULL DEFAULT 0,
  hibernated INTEGER NOT NULL DEFAULT 0,
  given_up INTEGER NOT NULL DEFAULT 0,
  image_id TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (hold, node)
) WITHOUT ROWID;
CREATE INDEX hold_nodes_by_node ON hold_nodes (node);
)sql",
    // 4: reclaims
    R"sql(
CREATE TABLE reclaims (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('request','node','headroom')),
  asked_by TEXT NOT NULL,
  since INTEGER NOT NULL,
  deadline INTEGER NOT NULL DEFAULT 0,
  keep INTEGER NOT NULL DEFAULT 0,
  book TEXT NOT NULL,
  instances INTEGER NOT NULL DEFAULT 0,
  cores INTEGER NOT NULL DEFAULT 0,
  ram_mib INTEGER NOT NULL DEFAULT 0,
  part TEXT NOT NULL DEFAULT '',
  cancelled TEXT NOT NULL DEFAULT '',
  step TEXT NOT NULL DEFAULT 'open',
  step_since INTEGER NOT NULL DEFAULT 0,
  refusals INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  ended INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX reclaims_by_end ON reclaims (ended);
CREATE TABLE reclaim_nodes (
  node TEXT PRIMARY KEY,
  reclaim INTEGER NOT NULL,
  since INTEGER NOT NULL,
  powered_down INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
ALTER TABLE holds ADD COLUMN reclaim INTEGER NOT NULL DEFAULT 0;
ALTER TABLE holds ADD COLUMN class TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE holds ADD COLUMN return_after INTEGER NOT NULL DEFAULT 0;
CREATE INDEX holds_by_reclaim ON holds (reclaim) WHERE reclaim <> 0;
)sql",
};

}  // namespace tidepool
