-- Which rules are written here, and which are in force where.

CREATE TABLE rule_sets (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- The name without case: what is unique in the workspace, and what lists are ordered by.
  name_key BYTEA NOT NULL,
  description TEXT NOT NULL,
  -- The latest version, which is the one that is published; 0 before the first.
  published BIGINT NOT NULL,
  -- Grows whenever the draft is written, discarded or published, so that it never means two drafts.
  draft_version BIGINT NOT NULL,
  created_by BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (workspace, name_key)
);

CREATE TABLE rule_set_drafts (
  rule_set BYTEA PRIMARY KEY REFERENCES rule_sets (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  cases TEXT NOT NULL,
  -- The version it was begun from; 0 for none.
  base BIGINT NOT NULL,
  changed_by BYTEA NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Never changed once it is there.
CREATE TABLE rule_set_versions (
  rule_set BYTEA NOT NULL REFERENCES rule_sets (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  text TEXT NOT NULL,
  cases TEXT NOT NULL,
  note TEXT NOT NULL,
  -- The earlier version whose text this is, when somebody rolled back; else 0.
  copy_of BIGINT NOT NULL,
  author BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (rule_set, number)
);

-- What is published for a listener.
CREATE TABLE publications (
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  listener TEXT NOT NULL,
  listener_key BYTEA NOT NULL,
  -- NULL leaves it to the listener's file.
  enforces BIGINT,
  changed_by BYTEA NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (workspace, listener_key)
);

CREATE TABLE publication_items (
  -- Refers to the workspace itself, so that with it these go before anybody asks who uses its rule sets.
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  listener_key BYTEA NOT NULL,
  place BIGINT NOT NULL,
  -- One of the two: a rule set of the workspace, or a pack by its name.
  rule_set BYTEA REFERENCES rule_sets (id),
  pack TEXT,
  PRIMARY KEY (workspace, listener_key, place),
  FOREIGN KEY (workspace, listener_key) REFERENCES publications (workspace, listener_key) ON DELETE CASCADE
);

CREATE INDEX publication_items_by_rule_set ON publication_items (rule_set);

-- One row: the version of the latest snapshot. Whoever makes the next holds it until it is there.
CREATE TABLE snapshot_counter (
  one BIGINT PRIMARY KEY,
  version BIGINT NOT NULL
);

INSERT INTO snapshot_counter (one, version) VALUES (1, 0);

CREATE TABLE snapshots (
  version BIGINT PRIMARY KEY,
  body TEXT NOT NULL,
  note TEXT NOT NULL,
  -- NULL when nobody asked for it: the program made it itself.
  made_by BYTEA,
  made_at BIGINT NOT NULL
);
