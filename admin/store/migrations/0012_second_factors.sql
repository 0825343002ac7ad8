-- What people show beside the password: codes by time, and codes for when the device is lost.

CREATE TABLE second_factors (
  user_id BYTEA PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  -- What the codes are made from, sealed.
  secret BYTEA NOT NULL REFERENCES secrets (id),
  -- NULL: it was begun, and no code has shown yet that the device has it.
  confirmed_at BIGINT,
  -- The last step of time whose code was taken: none is taken twice.
  last_step BIGINT NOT NULL
);
CREATE INDEX second_factors_by_secret ON second_factors (secret);

-- Each is good once, and gone then.
CREATE TABLE recovery_codes (
  user_id BYTEA NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
  -- SHA-256 of the code, which is long and random.
  code_hash BYTEA NOT NULL,
  PRIMARY KEY (user_id, code_hash)
);
