-- Who works with the control plane, and where.

CREATE TABLE users (
  id BYTEA PRIMARY KEY,
  email TEXT NOT NULL,
  -- The e-mail in lower case: what must be unique.
  email_key BYTEA NOT NULL UNIQUE,
  email_verified BIGINT NOT NULL,
  name TEXT NOT NULL,
  -- Argon2id, PHC string; NULL for people who sign in elsewhere only.
  password_hash TEXT,
  preferences TEXT NOT NULL,
  -- 1: may do everything in every workspace and in the instance.
  is_instance_admin BIGINT NOT NULL,
  is_disabled BIGINT NOT NULL,
  -- Not NULL: the person asked to be forgotten, and is.
  erased_at BIGINT,
  last_seen_at BIGINT,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

-- Accounts elsewhere by which a person signs in.
CREATE TABLE identities (
  id BYTEA PRIMARY KEY,
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider TEXT NOT NULL,
  subject TEXT NOT NULL,
  email TEXT,
  linked_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  UNIQUE (provider, subject)
);
CREATE INDEX identities_user ON identities (user_id, id);

-- Sign-ins elsewhere that have begun.
CREATE TABLE oauth_states (
  state_hash BYTEA PRIMARY KEY,
  provider TEXT NOT NULL,
  nonce TEXT NOT NULL,
  verifier TEXT NOT NULL,
  redirect TEXT NOT NULL,
  purpose TEXT NOT NULL,
  -- Who links an account; NULL for who signs in.
  user_id BYTEA REFERENCES users (id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);
CREATE INDEX oauth_states_user ON oauth_states (user_id);
CREATE INDEX oauth_states_expiry ON oauth_states (expires_at);

CREATE TABLE sessions (
  id BYTEA PRIMARY KEY,
  secret_hash BYTEA NOT NULL UNIQUE,
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  csrf_hash BYTEA NOT NULL,
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE workspaces (
  id BYTEA PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- Whose personal one it is: one each.
  personal_of BYTEA UNIQUE REFERENCES users (id),
  description TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE tokens (
  id BYTEA PRIMARY KEY,
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- NULL: good for every workspace of the person.
  workspace_id BYTEA REFERENCES workspaces (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- The first characters, to tell one from another.
  prefix TEXT NOT NULL,
  secret_hash BYTEA NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id, id);
CREATE INDEX tokens_workspace ON tokens (workspace_id, id);

CREATE TABLE members (
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  -- What the person may beyond the role.
  capabilities TEXT NOT NULL,
  joined_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user ON members (user_id, workspace_id);

CREATE TABLE teams (
  id BYTEA PRIMARY KEY,
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key BYTEA NOT NULL,
  description TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (workspace_id, name_key)
);

CREATE TABLE team_members (
  team_id BYTEA NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  workspace_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (team_id, user_id),
  -- Who leaves the workspace leaves its teams.
  FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
);
CREATE INDEX team_members_member ON team_members (workspace_id, user_id);

CREATE TABLE invitations (
  id BYTEA PRIMARY KEY,
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  email_key BYTEA NOT NULL,
  role TEXT NOT NULL,
  secret_hash BYTEA NOT NULL UNIQUE,
  -- NULL: whoever invited was erased.
  invited_by BYTEA REFERENCES users (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  accepted_at BIGINT,
  accepted_by BYTEA REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX invitations_workspace ON invitations (workspace_id, id);
CREATE INDEX invitations_email ON invitations (email_key, id);
CREATE INDEX invitations_invited_by ON invitations (invited_by);
CREATE INDEX invitations_accepted_by ON invitations (accepted_by);

-- Links sent by mail: to set a new password, to prove an address.
CREATE TABLE resets (
  secret_hash BYTEA PRIMARY KEY,
  purpose TEXT NOT NULL,
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX resets_user ON resets (user_id, purpose);
CREATE INDEX resets_expiry ON resets (expires_at);

-- Who the names on the wire are. An empty listener or application stands for any.
CREATE TABLE principals (
  id BYTEA PRIMARY KEY,
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  listener TEXT NOT NULL,
  database_user TEXT NOT NULL,
  application TEXT NOT NULL,
  kind TEXT NOT NULL,
  user_id BYTEA REFERENCES users (id) ON DELETE SET NULL,
  label TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (workspace_id, database_user, application, listener)
);
CREATE INDEX principals_workspace ON principals (workspace_id, id);
CREATE INDEX principals_user ON principals (user_id);

-- What people did. Nothing is ever changed here; ids stay when what they name is gone.
CREATE TABLE activity (
  id BYTEA PRIMARY KEY,
  at BIGINT NOT NULL,
  workspace_id BYTEA,
  actor_kind TEXT NOT NULL,
  user_id BYTEA,
  token_id BYTEA,
  actor_label TEXT NOT NULL,
  action TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  target_id TEXT NOT NULL,
  target_label TEXT NOT NULL,
  details TEXT NOT NULL,
  outcome TEXT NOT NULL,
  request_id TEXT NOT NULL,
  address TEXT NOT NULL
);
CREATE INDEX activity_workspace ON activity (workspace_id, id);
CREATE INDEX activity_user ON activity (user_id, id);
CREATE INDEX activity_action ON activity (action, id);
CREATE INDEX activity_target ON activity (target_kind, target_id, id);

-- Answers to requests that may come twice.
CREATE TABLE idempotency (
  -- The id of the person, or nothing for who is not known.
  caller BYTEA NOT NULL,
  endpoint TEXT NOT NULL,
  key_hash BYTEA NOT NULL,
  request_hash BYTEA NOT NULL,
  -- NULL: not answered yet.
  status BIGINT,
  response BYTEA,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (caller, endpoint, key_hash)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- Failures of late, by what is being slowed down.
CREATE TABLE throttles (
  key BYTEA PRIMARY KEY,
  failures BIGINT NOT NULL,
  window_started_at BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL
);
CREATE INDEX throttles_window ON throttles (window_started_at);

-- What holds for the whole instance.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
