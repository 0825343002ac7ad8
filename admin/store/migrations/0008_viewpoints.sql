-- Which pictures of a schema people keep: which tables, and where they stand.

CREATE TABLE viewpoints (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  connection BYTEA NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key BYTEA NOT NULL,
  table_count BIGINT NOT NULL,
  -- Tables, their places, what is hidden, and how near one stands.
  picture TEXT NOT NULL,
  created_by BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  changed_by BYTEA NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (connection, name_key)
);

CREATE INDEX viewpoints_by_workspace ON viewpoints (workspace, id);
CREATE INDEX viewpoints_by_connection ON viewpoints (connection, id);
