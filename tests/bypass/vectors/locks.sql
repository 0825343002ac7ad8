-- vector: LOCK TABLE
-- source: read-only-vectors "LOCK"; awslabs/mcp#4092
-- watch: locks
-- as: script
BEGIN
-- then
LOCK TABLE flock IN ACCESS EXCLUSIVE MODE

-- vector: LOCK without TABLE, NOWAIT
-- watch: locks
-- as: script
-- not: extended
BEGIN; LOCK ONLY flock IN SHARE MODE NOWAIT

-- vector: LOCK of a view
-- watch: locks
-- as: script
BEGIN
-- then
LOCK canary_view IN SHARE UPDATE EXCLUSIVE MODE

-- vector: FOR UPDATE
-- source: read-only-vectors "FOR UPDATE/SHARE"
-- watch: rows
-- as: select
-- not: cursor held
SELECT * FROM flock FOR UPDATE

-- vector: FOR NO KEY UPDATE
-- watch: rows
-- as: select
-- not: cursor held
SELECT * FROM flock FOR NO KEY UPDATE OF flock

-- vector: FOR SHARE
-- watch: rows
-- as: select
-- not: cursor held
SELECT * FROM flock FOR SHARE NOWAIT

-- vector: FOR KEY SHARE
-- watch: rows
-- as: select
-- not: cursor held
SELECT * FROM flock FOR KEY SHARE SKIP LOCKED

-- vector: FOR UPDATE before LIMIT
-- source: read-only-vectors "FOR UPDATE variants (#1340)"
-- watch: rows
-- as: select
-- not: cursor held
SELECT * FROM flock ORDER BY id FOR UPDATE LIMIT 1

-- vector: FOR UPDATE below FROM
-- watch: rows
-- as: select
-- not: cursor held
SELECT * FROM (SELECT * FROM flock FOR UPDATE) s

-- vector: FOR UPDATE in a WITH
-- watch: rows
-- as: select
-- not: cursor held
WITH w AS (SELECT * FROM flock FOR UPDATE) SELECT count(*) FROM w

-- vector: FOR UPDATE in an expression
-- watch: rows
-- as: select
-- not: cursor held
SELECT 1 WHERE EXISTS (SELECT 1 FROM flock WHERE id = 1 FOR UPDATE)

-- vector: DECLARE a cursor FOR UPDATE
-- watch: rows
-- as: script
BEGIN
-- then
DECLARE c CURSOR FOR SELECT * FROM flock FOR UPDATE
-- then
FETCH ALL FROM c
-- then
COMMIT

-- vector: FOR READ ONLY is a read, behind it is not
-- watch: rows
-- as: script
-- not: extended
SELECT * FROM flock FOR READ ONLY; SELECT * FROM flock FOR SHARE

-- vector: NOTIFY
-- source: read-only-vectors "LISTEN/NOTIFY"
-- watch: notifications
-- as: utility
NOTIFY watch, 'loot'

-- vector: NOTIFY, the name in quotes
-- watch: notifications
-- as: utility
NOTIFY "watch"

-- vector: LISTEN
-- source: read-only-vectors "LISTEN/NOTIFY"; awslabs/mcp#4092
-- watch: listeners
-- as: utility
LISTEN trap

-- vector: PREPARE TRANSACTION
-- watch: prepared transactions
-- as: script
-- before: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'
-- after: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'
BEGIN READ WRITE
-- then
INSERT INTO canary VALUES (666)
-- then
PREPARE TRANSACTION 'loot'

-- vector: PREPARE TRANSACTION of nothing
-- watch: prepared transactions
-- as: script
-- before: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'
-- after: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'
BEGIN
-- then
PREPARE TRANSACTION 'loot'

-- vector: COMMIT PREPARED
-- watch: prepared transactions
-- as: alone
-- before: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'; BEGIN; INSERT INTO ladder VALUES (DEFAULT); PREPARE TRANSACTION 'kept'
-- after: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'
COMMIT PREPARED 'kept'

-- vector: ROLLBACK PREPARED
-- watch: prepared transactions
-- as: alone
-- before: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'; BEGIN; INSERT INTO ladder VALUES (DEFAULT); PREPARE TRANSACTION 'kept'
-- after: ?ROLLBACK PREPARED 'loot'; ?ROLLBACK PREPARED 'kept'
ROLLBACK PREPARED 'kept'

-- vector: TABLE ... FOR UPDATE
-- watch: rows
-- as: select
-- not: cursor held
TABLE flock FOR UPDATE

-- vector: FOR UPDATE as the query of a prepared statement
-- watch: rows
-- as: script
PREPARE p AS SELECT * FROM flock FOR UPDATE
-- then
EXECUTE p
