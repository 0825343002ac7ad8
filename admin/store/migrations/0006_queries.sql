-- Which queries people keep, like and ran.

CREATE TABLE saved_queries (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  connection BYTEA REFERENCES connections (id) ON DELETE SET NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  text TEXT NOT NULL,
  parameters TEXT NOT NULL,
  visibility TEXT NOT NULL,
  owner BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  changed_by BYTEA NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE INDEX saved_queries_by_workspace ON saved_queries (workspace, id);
CREATE INDEX saved_queries_by_owner ON saved_queries (workspace, owner, id);
CREATE INDEX saved_queries_by_connection ON saved_queries (connection, id);

CREATE TABLE query_tags (
  query BYTEA NOT NULL REFERENCES saved_queries (id) ON DELETE CASCADE,
  workspace BYTEA NOT NULL,
  tag_key BYTEA NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (query, tag_key)
);

CREATE INDEX query_tags_by_tag ON query_tags (workspace, tag_key, query);

-- Each text a saved query ever had, the present one too.
CREATE TABLE query_versions (
  query BYTEA NOT NULL REFERENCES saved_queries (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  text TEXT NOT NULL,
  parameters TEXT NOT NULL,
  changed_by BYTEA NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (query, number)
);

CREATE TABLE favourites (
  id BYTEA PRIMARY KEY,
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  target_key BYTEA NOT NULL,
  UNIQUE (user_id, workspace, kind, target_key)
);

CREATE INDEX favourites_by_user ON favourites (user_id, workspace, id);
CREATE INDEX favourites_by_workspace ON favourites (workspace);

CREATE TABLE recent_items (
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  target_key BYTEA NOT NULL,
  opened_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, workspace, kind, target_key)
);

CREATE INDEX recent_items_by_time ON recent_items (user_id, workspace, opened_at);
CREATE INDEX recent_items_by_workspace ON recent_items (workspace);

-- What was run, or was not. Ids only, so that it outlives what they name; it goes with the workspace.
CREATE TABLE query_runs (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  connection BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  saved_query BYTEA,
  text TEXT NOT NULL,
  verdict TEXT NOT NULL,
  state TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  elapsed_us BIGINT,
  error_class TEXT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT
);

CREATE INDEX query_runs_by_workspace ON query_runs (workspace, id);
CREATE INDEX query_runs_by_user ON query_runs (workspace, user_id, id);
CREATE INDEX query_runs_by_connection ON query_runs (workspace, connection, id);
CREATE INDEX query_runs_by_saved_query ON query_runs (saved_query, id);
CREATE INDEX query_runs_by_start ON query_runs (started_at);
CREATE INDEX query_runs_by_state ON query_runs (state, started_at);
