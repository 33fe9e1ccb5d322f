-- SPDX-License-Identifier: MIT
-- The catalog: an index of a store and this host's history. See catalog.h.

CREATE TABLE catalog (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  location    TEXT NOT NULL,               -- of the store
  generation  INTEGER NOT NULL DEFAULT 0   -- rises with every change to backups
) STRICT;

CREATE TABLE backup (
  -- AUTOINCREMENT: a row is never used again, inode numbers hang on it.
  row            INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT NOT NULL UNIQUE,
  database       TEXT NOT NULL,
  created_at     INTEGER NOT NULL,         -- seconds since the epoch
  created_ms     INTEGER NOT NULL,         -- and milliseconds
  created_by     TEXT NOT NULL,
  host           TEXT NOT NULL,
  description    TEXT NOT NULL,
  status         INTEGER NOT NULL,         -- enum backup_status
  error          TEXT NOT NULL,
  size           INTEGER NOT NULL,
  stored_size    INTEGER NOT NULL,
  compression    TEXT NOT NULL,
  encrypted      INTEGER NOT NULL,
  secret         TEXT NOT NULL,
  checksum       TEXT NOT NULL,
  schema_hash    TEXT NOT NULL,
  fingerprint    TEXT NOT NULL,
  server_family  TEXT NOT NULL,
  server_version TEXT NOT NULL,
  visible        INTEGER NOT NULL,
  object_count   INTEGER NOT NULL,
  location       TEXT NOT NULL,
  tool_version   TEXT NOT NULL,
  migration      TEXT NOT NULL,
  origin         TEXT NOT NULL,
  generation     INTEGER NOT NULL,
  version        TEXT NOT NULL,
  duration_ms    INTEGER NOT NULL,
  changed        INTEGER NOT NULL          -- catalog.generation of the last change
) STRICT;

CREATE INDEX backup_by_time ON backup (created_at, created_ms, id);
CREATE INDEX backup_by_database ON backup (database, created_at, created_ms, id);
CREATE INDEX backup_by_status ON backup (status, created_at, created_ms, id);

CREATE INDEX backup_by_change ON backup (changed);

-- What was removed, not long ago.
CREATE TABLE gone (
  changed INTEGER NOT NULL,
  id      TEXT NOT NULL
) STRICT;

CREATE INDEX gone_by_change ON gone (changed);

CREATE TABLE tag (
  backup INTEGER NOT NULL REFERENCES backup (row) ON DELETE CASCADE,
  key    TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (backup, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX tag_by_value ON tag (key, value, backup);

CREATE TABLE file (
  backup INTEGER NOT NULL REFERENCES backup (row) ON DELETE CASCADE,
  name   TEXT NOT NULL,
  size   INTEGER NOT NULL,
  PRIMARY KEY (backup, name)
) STRICT, WITHOUT ROWID;

-- What opens a payload without its envelope: the envelope's clear part, as it is in the store.
CREATE TABLE opening (
  backup INTEGER PRIMARY KEY REFERENCES backup (row) ON DELETE CASCADE,
  clear  TEXT NOT NULL                     -- hex
) STRICT;

CREATE TABLE note (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operation (
  row         INTEGER PRIMARY KEY AUTOINCREMENT,
  verb        TEXT NOT NULL,
  backup_id   TEXT NOT NULL,
  database    TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status      TEXT NOT NULL,
  error       TEXT NOT NULL
) STRICT;

CREATE INDEX operation_by_time ON operation (started_at);
CREATE INDEX operation_by_backup ON operation (backup_id, verb);

CREATE TABLE step (
  operation INTEGER NOT NULL REFERENCES operation (row) ON DELETE CASCADE,
  number    INTEGER NOT NULL,
  type      TEXT NOT NULL,
  object    TEXT NOT NULL,
  sql       TEXT NOT NULL,
  status    TEXT NOT NULL,
  error     TEXT NOT NULL,
  PRIMARY KEY (operation, number)
) STRICT, WITHOUT ROWID;
