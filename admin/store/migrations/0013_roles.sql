-- Roles that a workspace has made for itself, beside those that every one has.

CREATE TABLE roles (
  workspace_id BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- What `members.role` and `invitations.role` hold; never one of viewer, editor, admin, owner.
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  -- Words of capabilities, as JSON.
  capabilities TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, name)
);
