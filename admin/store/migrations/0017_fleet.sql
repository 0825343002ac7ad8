-- What data planes tell of being drained and replaced, and which were restarted one after the other.

-- How far it is with taking no more sessions, as it told; empty where it takes them.
ALTER TABLE planes ADD COLUMN drain TEXT NOT NULL DEFAULT '';
-- Whether a new process can take its place, as it told; empty of a version that does not tell.
ALTER TABLE planes ADD COLUMN replacement TEXT NOT NULL DEFAULT '';
-- The snapshot it runs by its own words; NULL where it did not tell.
ALTER TABLE planes ADD COLUMN in_force BIGINT;

CREATE TABLE plane_restarts (
  id BYTEA PRIMARY KEY,
  reason TEXT NOT NULL,
  -- running, done, failed, cancelled.
  standing TEXT NOT NULL,
  -- How long a data plane may take to come back.
  step_seconds BIGINT NOT NULL,
  -- The data planes in their order, and how far each is.
  steps TEXT NOT NULL,
  -- Ids only, so that they outlive whom they name.
  asked_by BYTEA NOT NULL,
  asked_at BIGINT NOT NULL,
  cancelled_by BYTEA,
  cancelled_at BIGINT,
  ended_at BIGINT,
  version BIGINT NOT NULL
);

-- One at a time in an instance.
CREATE UNIQUE INDEX plane_restarts_running ON plane_restarts (standing) WHERE standing = 'running';
