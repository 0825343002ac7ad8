-- How the schemas of known databases looked, and when.

-- Definitions, found by what is in them. Snapshots that hold the same one share it.
CREATE TABLE schema_objects (
  hash BYTEA PRIMARY KEY,
  body TEXT NOT NULL
);

CREATE TABLE schema_snapshots (
  id BYTEA PRIMARY KEY,
  connection BYTEA NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  taken_at BIGINT NOT NULL,
  -- When the schema was last found to be still this one.
  seen_at BIGINT NOT NULL,
  source TEXT NOT NULL,
  cause TEXT NOT NULL,
  engine TEXT NOT NULL,
  engine_version TEXT NOT NULL,
  object_count BIGINT NOT NULL,
  duration_us BIGINT NOT NULL,
  warnings TEXT NOT NULL,
  root_hash BYTEA NOT NULL,
  -- 1: pruning leaves it.
  pinned BIGINT NOT NULL
);

CREATE INDEX schema_snapshots_by_connection ON schema_snapshots (connection, id);

-- What lists, trees and searches need of an object, without its definition.
CREATE TABLE schema_entries (
  snapshot BYTEA NOT NULL REFERENCES schema_snapshots (id) ON DELETE CASCADE,
  -- Its place in the order of `sort_key`: the cursor of lists.
  ordinal BIGINT NOT NULL,
  -- Schema, name and kind, without case, each bounded.
  sort_key BYTEA NOT NULL,
  -- What stays the same while the object changes, and its digest, which fits into an index.
  object_key BYTEA NOT NULL,
  key_digest BYTEA NOT NULL,
  kind TEXT NOT NULL,
  schema_name TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key BYTEA NOT NULL,
  -- The digest of the key of what it belongs to; empty for none.
  parent_digest BYTEA NOT NULL,
  hash BYTEA NOT NULL REFERENCES schema_objects (hash),
  column_count BIGINT NOT NULL,
  comment TEXT NOT NULL,
  PRIMARY KEY (snapshot, ordinal)
);

CREATE INDEX schema_entries_by_sort_key ON schema_entries (snapshot, sort_key, ordinal);
CREATE INDEX schema_entries_by_kind ON schema_entries (snapshot, kind, ordinal);
CREATE INDEX schema_entries_by_parent ON schema_entries (snapshot, parent_digest, ordinal);
CREATE UNIQUE INDEX schema_entries_by_key ON schema_entries (snapshot, key_digest);
CREATE INDEX schema_entries_by_hash ON schema_entries (hash);

-- How many objects of which kind a schema has: the top of the tree.
CREATE TABLE schema_groups (
  snapshot BYTEA NOT NULL REFERENCES schema_snapshots (id) ON DELETE CASCADE,
  ordinal BIGINT NOT NULL,
  schema_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_count BIGINT NOT NULL,
  PRIMARY KEY (snapshot, ordinal)
);

-- What the server counted. Replaced whenever the schema is seen again.
CREATE TABLE schema_measurements (
  snapshot BYTEA NOT NULL REFERENCES schema_snapshots (id) ON DELETE CASCADE,
  ordinal BIGINT NOT NULL,
  row_estimate BIGINT,
  size_bytes BIGINT,
  body TEXT NOT NULL,
  PRIMARY KEY (snapshot, ordinal)
);

-- In which entries a word stands: their ordinals, four bytes each, ascending.
CREATE TABLE schema_words (
  snapshot BYTEA NOT NULL REFERENCES schema_snapshots (id) ON DELETE CASCADE,
  word BYTEA NOT NULL,
  names BYTEA NOT NULL,
  columns BYTEA NOT NULL,
  PRIMARY KEY (snapshot, word)
);
