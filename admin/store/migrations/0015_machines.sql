-- Services and agents: members of one workspace that are no people. Each is a row of `users` that has no e-mail and
-- no way to sign in; its role is in `members`, its tokens are in `tokens`.

CREATE TABLE machines (
  user_id BYTEA PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- service or agent.
  kind TEXT NOT NULL,
  description TEXT NOT NULL,
  -- NULL: whoever it was is no member any more. It is disabled until another is named.
  responsible BYTEA REFERENCES users (id) ON DELETE SET NULL,
  expires_at BIGINT,
  -- Not NULL: it was deleted; its name stays for what it did.
  deleted_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX machines_workspace ON machines (workspace_id, user_id);
CREATE INDEX machines_responsible ON machines (responsible);
