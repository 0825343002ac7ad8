-- Whose mode is another for a stated time: who asked for it, and what became of it.

CREATE TABLE mode_changes (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  listener TEXT NOT NULL,
  listener_key BYTEA NOT NULL,
  -- 1 where what is refused does not pass meanwhile.
  enforces BIGINT NOT NULL,
  seconds BIGINT NOT NULL,
  reason TEXT NOT NULL,
  -- asked, running, denied, withdrawn, lapsed, ended, over.
  standing TEXT NOT NULL,
  -- Ids only, so that they outlive whom they name.
  asked_by BYTEA NOT NULL,
  asked_at BIGINT NOT NULL,
  -- Nobody can approve after this.
  lapses_at BIGINT NOT NULL,
  -- NULL where nobody had to, or nobody has.
  decided_by BYTEA,
  decided_at BIGINT,
  -- When it ends at the latest; NULL before it runs.
  until_at BIGINT,
  ended_by BYTEA,
  ended_at BIGINT,
  version BIGINT NOT NULL
);

-- One at a time for a listener.
CREATE UNIQUE INDEX mode_changes_open ON mode_changes (workspace, listener_key) WHERE standing IN ('asked', 'running');
CREATE INDEX mode_changes_by_listener ON mode_changes (workspace, listener_key, id);
CREATE INDEX mode_changes_by_end ON mode_changes (standing, until_at);
