-- vector: EXPLAIN ANALYZE INSERT
-- source: read-only-vectors "EXPLAIN ANALYZE <write>"
-- watch: rows
-- as: utility
EXPLAIN ANALYZE INSERT INTO canary VALUES (666)

-- vector: EXPLAIN ANALYZE DELETE
-- source: laravel/boost#894
-- watch: rows
-- as: utility
-- before: INSERT INTO flock VALUES (9, 'prey') ON CONFLICT DO NOTHING
EXPLAIN ANALYZE DELETE FROM flock WHERE id = 9

-- vector: EXPLAIN ANALYZE UPDATE
-- watch: rows
-- as: utility
EXPLAIN ANALYZE VERBOSE UPDATE flock SET name = name || '.'

-- vector: ANALYZE in parentheses
-- watch: rows
-- as: utility
EXPLAIN (ANALYZE) INSERT INTO canary VALUES (666)

-- vector: ANALYZE last of many options
-- watch: rows
-- as: utility
EXPLAIN (COSTS off, FORMAT json, VERBOSE, ANALYZE on) INSERT INTO canary VALUES (666)

-- vector: ANALYZE switched off and on again
-- watch: rows
-- as: utility
EXPLAIN (ANALYZE off, ANALYZE 1) INSERT INTO canary VALUES (666)

-- vector: ANALYZE in quotes
-- watch: rows
-- as: utility
EXPLAIN ("analyze" 'true') INSERT INTO canary VALUES (666)

-- vector: the British spelling
-- watch: rows
-- as: utility
EXPLAIN ANALYSE INSERT INTO canary VALUES (666)

-- vector: EXPLAIN ANALYZE of a write in a WITH
-- watch: rows
-- as: utility
EXPLAIN ANALYZE WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT * FROM w

-- vector: EXPLAIN ANALYZE MERGE
-- watch: rows
-- as: utility
-- since: 15
EXPLAIN ANALYZE MERGE INTO flock f USING (VALUES (1)) v(id) ON f.id = v.id WHEN MATCHED THEN UPDATE SET name = name || ':'

-- vector: EXPLAIN ANALYZE CREATE TABLE AS
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
EXPLAIN ANALYZE CREATE TABLE loot AS SELECT 1 AS a

-- vector: EXPLAIN ANALYZE SELECT INTO
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
EXPLAIN ANALYZE SELECT 1 AS a INTO loot

-- vector: EXPLAIN ANALYZE EXECUTE of a write
-- watch: rows
-- as: script
PREPARE p AS INSERT INTO canary VALUES (666)
-- then
EXPLAIN ANALYZE EXECUTE p

-- vector: EXPLAIN ANALYZE of a cursor's query
-- watch: sequences
-- as: utility
EXPLAIN ANALYZE DECLARE c CURSOR FOR SELECT nextval('counter')

-- vector: plain EXPLAIN runs what claims to be immutable
-- watch: rows
-- as: utility
EXPLAIN SELECT evil.frozen(1)

-- vector: plain EXPLAIN estimates by what claims to be stable
-- watch: rows
-- as: utility
EXPLAIN SELECT * FROM flock WHERE id > evil.sly()

-- vector: EXPLAIN with SERIALIZE runs it too
-- watch: sequences
-- as: utility
-- since: 17
EXPLAIN (ANALYZE, SERIALIZE text) SELECT nextval('counter')

-- vector: plain EXPLAIN EXECUTE works out its arguments
-- watch: sequences
-- as: script
PREPARE p (bigint) AS SELECT $1
-- then
EXPLAIN EXECUTE p (nextval('counter'))

-- vector: plain EXPLAIN EXECUTE plans what claims to be immutable
-- watch: rows
-- as: script
PREPARE p AS SELECT evil.frozen(1)
-- then
EXPLAIN EXECUTE p

-- vector: plain EXPLAIN EXECUTE whose argument takes a lock
-- watch: locks
-- as: script
PREPARE p (text) AS SELECT $1
-- then
EXPLAIN EXECUTE p (pg_advisory_lock(pg_backend_pid())::text)

-- vector: plain EXPLAIN EXECUTE whose argument notifies
-- watch: notifications
-- as: script
PREPARE p (text) AS SELECT $1
-- then
EXPLAIN (VERBOSE, COSTS off) EXECUTE p (pg_notify('watch', 'explained')::text)

-- vector: plain EXPLAIN CREATE TABLE AS EXECUTE works out its arguments
-- watch: notifications
-- as: script
PREPARE p (text) AS SELECT $1
-- then
EXPLAIN CREATE TABLE loot_of_nobody AS EXECUTE p (pg_notify('watch', 'explained')::text)

-- vector: plain EXPLAIN of a cursor over what claims to be immutable
-- watch: rows
-- as: utility
EXPLAIN DECLARE c CURSOR FOR SELECT evil.frozen(1)

-- vector: plain EXPLAIN estimates by table_to_xml, which reads a view
-- watch: notifications
-- as: utility
EXPLAIN SELECT * FROM flock WHERE name > table_to_xml('evil.siren', true, true, '')::text

-- vector: plain EXPLAIN estimates by schema_to_xml, which reads every view
-- watch: notifications
-- as: utility
EXPLAIN SELECT * FROM flock WHERE name > schema_to_xml('evil', true, true, '')::text

-- vector: plain EXPLAIN EXECUTE whose argument opens the session, all in one message
-- watch: canary
-- as: script
-- not: extended
PREPARE p (text) AS SELECT $1
-- then
BEGIN; EXPLAIN EXECUTE p (set_config('default_transaction_read_only', 'off', false)); COMMIT; BEGIN; SELECT length(1); COMMIT

-- vector: plain EXPLAIN EXECUTE whose argument writes a file
-- watch: files
-- as: script
-- before: SELECT lo_put(4711, 0, convert_to(clock_timestamp()::text, 'UTF8'))
PREPARE p (text) AS SELECT $1
-- then
EXPLAIN EXECUTE p (lo_export(4711, '{folder}/exported.txt')::text)

-- vector: plain EXPLAIN EXECUTE whose argument reads a file
-- watch: answer
-- answer: {secret}
-- as: script
PREPARE p (text) AS SELECT $1
-- then
EXPLAIN (VERBOSE) EXECUTE p (pg_read_file('{folder}/secret.txt'))

-- vector: EXPLAIN CREATE TABLE AS EXECUTE whose argument opens the session, all in one message
-- watch: canary
-- as: script
-- not: extended
PREPARE p (text) AS SELECT $1
-- then
BEGIN; EXPLAIN CREATE TABLE planted_by_execute AS EXECUTE p (set_config('default_transaction_read_only', 'off', false)); COMMIT; BEGIN; SELECT length(1); COMMIT
