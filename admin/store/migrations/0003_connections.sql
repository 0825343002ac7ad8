-- Which databases are known, how they are, and the secrets that open them.

-- Sealed values. Neither they nor their keys can be opened with what is in the state.
CREATE TABLE secrets (
  id BYTEA PRIMARY KEY,
  -- NULL for secrets of the instance.
  workspace BYTEA REFERENCES workspaces (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  owner_kind TEXT NOT NULL,
  owner BYTEA NOT NULL,
  -- The data key, sealed with the master key that `master_key` names.
  wrapped_key BYTEA NOT NULL,
  master_key TEXT NOT NULL,
  nonce BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL
);

CREATE INDEX secrets_by_owner ON secrets (owner, id);
CREATE INDEX secrets_by_workspace ON secrets (workspace);

CREATE TABLE connections (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key BYTEA NOT NULL,
  -- The word of the engine: the state does not look at it.
  kind TEXT NOT NULL,
  -- A host and its port, or a file.
  host TEXT,
  port BIGINT,
  file TEXT,
  username TEXT NOT NULL,
  database_name TEXT NOT NULL,
  tls TEXT NOT NULL,
  ca_pem TEXT,
  -- The gateway's listener it goes through; NULL for directly.
  listener TEXT,
  environment TEXT NOT NULL,
  read_only BIGINT NOT NULL,
  apply_policy TEXT NOT NULL,
  options TEXT NOT NULL,
  secret BYTEA REFERENCES secrets (id) ON DELETE SET NULL,
  -- The latest snapshot of its schema. Set without a new version.
  last_snapshot BYTEA,
  created_by BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (workspace, name_key)
);

CREATE INDEX connections_by_secret ON connections (secret);

CREATE TABLE connection_health (
  connection BYTEA PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
  checked_at BIGINT,
  last_ok_at BIGINT,
  latency_us BIGINT,
  last_error_at BIGINT,
  last_error_class TEXT,
  last_error_message TEXT,
  -- Since it was last well.
  failures BIGINT NOT NULL,
  next_check_at BIGINT NOT NULL,
  -- Until then somebody is checking it; 0 for nobody.
  claimed_until BIGINT NOT NULL
);

CREATE INDEX connection_health_by_next_check ON connection_health (next_check_at, connection);

CREATE TABLE connection_usage (
  connection BYTEA NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  -- Days since 1970-01-01 UTC.
  day BIGINT NOT NULL,
  query_count BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  PRIMARY KEY (connection, day)
);

CREATE INDEX connection_usage_by_day ON connection_usage (day);
