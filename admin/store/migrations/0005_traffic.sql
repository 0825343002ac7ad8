-- Data planes, their listeners, and what they told of the traffic. See docs/adr/0014-traffic-in-pages.md.

CREATE TABLE planes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    start TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    snapshot BIGINT NOT NULL,
    problems TEXT NOT NULL,
    untold BIGINT NOT NULL
);

-- A listener that moves to another workspace gets another row: its past stays with whom it belonged to.
CREATE TABLE listeners (
    id BIGINT PRIMARY KEY,
    plane TEXT NOT NULL,
    name TEXT NOT NULL,
    workspace TEXT NOT NULL,
    present BIGINT NOT NULL,
    state TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    UNIQUE (plane, name, workspace)
);
CREATE INDEX listeners_by_workspace ON listeners (workspace, id);

-- `epoch` is raised by every transaction that writes traffic: it is the lock and the version in one.
CREATE TABLE traffic_counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO traffic_counters (name, value) VALUES
    ('epoch', 0), ('listener', 0), ('fingerprint', 0), ('fingerprints', 0), ('caller', 0),
    ('minutes_from', 0), ('hours_from', 0);

CREATE TABLE traffic_starts (
    plane TEXT NOT NULL,
    start TEXT NOT NULL,
    first_received_at BIGINT NOT NULL,
    forgotten_to BIGINT NOT NULL,
    PRIMARY KEY (plane, start)
);
CREATE TABLE traffic_reports (
    plane TEXT NOT NULL,
    start TEXT NOT NULL,
    number BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (plane, start, number)
);
CREATE INDEX traffic_reports_by_time ON traffic_reports (received_at);

CREATE TABLE callers (
    id BIGINT PRIMARY KEY,
    user_name TEXT NOT NULL,
    database_name TEXT NOT NULL,
    application TEXT NOT NULL,
    UNIQUE (user_name, database_name, application)
);

CREATE TABLE fingerprints (
    id BIGINT PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    class TEXT NOT NULL,
    tables TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    analysed BIGINT NOT NULL,
    usage TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX fingerprints_by_revision ON fingerprints (revision, id);
CREATE INDEX fingerprints_by_analysed ON fingerprints (analysed, id);

CREATE TABLE fingerprint_listeners (
    listener BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL REFERENCES fingerprints (id) ON DELETE CASCADE,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (listener, fingerprint)
);
CREATE INDEX fingerprint_listeners_by_fingerprint ON fingerprint_listeners (fingerprint, listener);
CREATE INDEX fingerprint_listeners_by_revision ON fingerprint_listeners (revision);
CREATE INDEX fingerprint_listeners_by_age ON fingerprint_listeners (listener, first_seen_at, fingerprint);

CREATE TABLE fingerprint_tables (
    fingerprint BIGINT NOT NULL REFERENCES fingerprints (id) ON DELETE CASCADE,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    reads BIGINT NOT NULL,
    writes BIGINT NOT NULL,
    PRIMARY KEY (fingerprint, schema_name, table_name)
);
CREATE INDEX fingerprint_tables_by_table ON fingerprint_tables (table_name, schema_name, fingerprint);

CREATE TABLE fingerprint_columns (
    fingerprint BIGINT NOT NULL REFERENCES fingerprints (id) ON DELETE CASCADE,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    reads BIGINT NOT NULL,
    writes BIGINT NOT NULL,
    PRIMARY KEY (fingerprint, schema_name, table_name, column_name)
);
CREATE INDEX fingerprint_columns_by_table ON fingerprint_columns (table_name, schema_name, fingerprint);

CREATE TABLE fingerprint_joins (
    fingerprint BIGINT NOT NULL REFERENCES fingerprints (id) ON DELETE CASCADE,
    left_schema TEXT NOT NULL,
    left_table TEXT NOT NULL,
    left_column TEXT NOT NULL,
    right_schema TEXT NOT NULL,
    right_table TEXT NOT NULL,
    right_column TEXT NOT NULL,
    PRIMARY KEY (fingerprint, left_schema, left_table, left_column, right_schema, right_table, right_column)
);
CREATE INDEX fingerprint_joins_by_left ON fingerprint_joins (left_table, left_schema, fingerprint);
CREATE INDEX fingerprint_joins_by_right ON fingerprint_joins (right_table, right_schema, fingerprint);

-- Level 0 holds minutes, 1 hours, 2 days; `start` is in minutes since 1970-01-01 UTC.
CREATE TABLE traffic_pages (
    listener BIGINT NOT NULL,
    level BIGINT NOT NULL,
    start BIGINT NOT NULL,
    version BIGINT NOT NULL,
    page BYTEA NOT NULL,
    PRIMARY KEY (listener, level, start)
);
CREATE INDEX traffic_pages_by_version ON traffic_pages (listener, level, start, version);

-- Pages that are no longer what their parts come to.
CREATE TABLE traffic_dirty (
    listener BIGINT NOT NULL,
    level BIGINT NOT NULL,
    start BIGINT NOT NULL,
    PRIMARY KEY (listener, level, start)
);
CREATE INDEX traffic_dirty_by_start ON traffic_dirty (level, start);

-- The hours of one day by subject: 0 everything, a fingerprint, or a caller as a negative number.
CREATE TABLE traffic_trends (
    subject BIGINT NOT NULL,
    listener BIGINT NOT NULL,
    day BIGINT NOT NULL,
    trend BYTEA NOT NULL,
    PRIMARY KEY (subject, listener, day)
);
CREATE INDEX traffic_trends_by_day ON traffic_trends (listener, day);

-- A live session has `ended_at` 0.
CREATE TABLE traffic_sessions (
    id BYTEA PRIMARY KEY,
    plane TEXT NOT NULL,
    start TEXT NOT NULL,
    session TEXT NOT NULL,
    listener BIGINT NOT NULL,
    caller BIGINT NOT NULL,
    address TEXT NOT NULL,
    tls TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    live BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    bytes_in BIGINT NOT NULL,
    bytes_out BIGINT NOT NULL,
    UNIQUE (plane, session)
);
CREATE INDEX traffic_sessions_by_listener ON traffic_sessions (listener, id);
CREATE INDEX traffic_sessions_by_life ON traffic_sessions (listener, live, id);
CREATE INDEX traffic_sessions_by_plane ON traffic_sessions (plane, live);

CREATE TABLE traffic_refusals (
    id BYTEA PRIMARY KEY,
    listener BIGINT NOT NULL,
    session TEXT NOT NULL,
    at BIGINT NOT NULL,
    caller BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    class TEXT NOT NULL,
    verdict TEXT NOT NULL,
    rule TEXT NOT NULL,
    sqlstate TEXT NOT NULL
);
CREATE INDEX traffic_refusals_by_listener ON traffic_refusals (listener, id);
CREATE INDEX traffic_refusals_by_rule ON traffic_refusals (listener, rule, id);
CREATE INDEX traffic_refusals_by_fingerprint ON traffic_refusals (listener, fingerprint, id);

CREATE TABLE traffic_refusal_hours (
    listener BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    rule TEXT NOT NULL,
    verdict TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    PRIMARY KEY (listener, hour, rule, verdict)
);

-- `listener` is 0 for what is about the gateway itself.
CREATE TABLE traffic_events (
    id BYTEA PRIMARY KEY,
    plane TEXT NOT NULL,
    listener BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX traffic_events_by_listener ON traffic_events (listener, id);
