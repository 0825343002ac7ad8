-- What a group of a sign-in service gave somebody: it is taken away when the group does not say so any more, and
-- nobody changes it by hand. What has no row here was given by hand.

CREATE TABLE member_grants (
  workspace_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  -- The service, by its name in the settings.
  provider TEXT NOT NULL,
  group_name TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id),
  FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
);
CREATE INDEX member_grants_user ON member_grants (user_id, workspace_id);

CREATE TABLE team_grants (
  team_id BYTEA NOT NULL,
  user_id BYTEA NOT NULL,
  provider TEXT NOT NULL,
  group_name TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (team_id, user_id),
  FOREIGN KEY (team_id, user_id) REFERENCES team_members (team_id, user_id) ON DELETE CASCADE
);
CREATE INDEX team_grants_user ON team_grants (user_id, team_id);

-- Who is an admin of the instance by a group.
CREATE TABLE admin_grants (
  user_id BYTEA PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  provider TEXT NOT NULL,
  group_name TEXT NOT NULL,
  given_at BIGINT NOT NULL
);
