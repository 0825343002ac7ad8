-- Reviews of who can do what in a workspace that somebody has done.

CREATE TABLE access_reviews (
  id BYTEA PRIMARY KEY,
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- NULL: whoever did it has no account any more.
  user_id BYTEA REFERENCES users (id) ON DELETE SET NULL,
  at BIGINT NOT NULL,
  note TEXT NOT NULL,
  -- What was seen: how many, and SHA-256 of who may do what by what.
  members BIGINT NOT NULL,
  tokens BIGINT NOT NULL,
  digest TEXT NOT NULL
);
CREATE INDEX access_reviews_workspace ON access_reviews (workspace_id, id);
CREATE INDEX access_reviews_user ON access_reviews (user_id);
