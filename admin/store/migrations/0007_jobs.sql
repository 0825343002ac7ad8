-- What is to be done later, by whichever node comes first.

CREATE TABLE jobs (
  kind TEXT NOT NULL,
  job_key TEXT NOT NULL,
  body TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  -- Until then somebody is at it; 0 for nobody.
  claimed_until BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  last_error TEXT,
  -- Grows whenever it is asked for again.
  revision BIGINT NOT NULL,
  PRIMARY KEY (kind, job_key)
);

CREATE INDEX jobs_by_due ON jobs (kind, due_at);
