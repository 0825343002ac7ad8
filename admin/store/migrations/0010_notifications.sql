-- What people are told of without asking, and who has read it.

CREATE TABLE notices (
  id BYTEA PRIMARY KEY,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  -- What happened, named so that it is told once, whoever finds it.
  notice_key BYTEA NOT NULL,
  at BIGINT NOT NULL,
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  target TEXT NOT NULL,
  -- Who did it, and knows; NULL where nobody did. An id only, so that it outlives whom it names.
  actor BYTEA,
  UNIQUE (workspace, notice_key)
);

CREATE INDEX notices_by_workspace ON notices (workspace, id);
CREATE INDEX notices_by_time ON notices (at);

-- What a person has read one by one, or wants to read again: it goes before `read_until`.
CREATE TABLE notice_marks (
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  notice BYTEA NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  is_read BIGINT NOT NULL,
  PRIMARY KEY (user_id, notice)
);

CREATE INDEX notice_marks_by_notice ON notice_marks (notice);

-- How a person is told in a workspace.
CREATE TABLE notice_people (
  user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workspace BYTEA NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Everything up to this notice is read.
  read_until BYTEA NOT NULL,
  muted TEXT NOT NULL,
  wants_mail BIGINT NOT NULL,
  -- Everything up to this notice was in a mail, the last of which was put together then.
  mailed_until BYTEA NOT NULL,
  mailed_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, workspace)
);

CREATE INDEX notice_people_by_workspace ON notice_people (workspace);
CREATE INDEX notice_people_by_mail ON notice_people (wants_mail, mailed_at);

-- What was found last of something that is watched: since when it is wrong, up to when it was compared. Whoever finds
-- it right again takes the row away, and so tells it alone.
CREATE TABLE notice_states (
  kind TEXT NOT NULL,
  target BYTEA NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (kind, target)
);

-- When data planes came, restarted, were lost and came back.
CREATE TABLE plane_events (
  id BYTEA PRIMARY KEY,
  plane TEXT NOT NULL,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  detail TEXT NOT NULL
);

CREATE INDEX plane_events_by_plane ON plane_events (plane, id);
