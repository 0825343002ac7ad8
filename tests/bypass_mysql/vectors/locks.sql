-- vector: LOCK TABLES READ
-- watch: locks
-- as: script
LOCK TABLES canary READ

-- vector: LOCK TABLES WRITE
-- watch: locks
-- as: script
LOCK TABLES canary WRITE

-- vector: LOCK TABLES READ LOCAL
-- watch: locks
-- as: script
LOCK TABLES counters READ LOCAL

-- vector: LOCK TABLES LOW_PRIORITY WRITE
-- watch: locks
-- as: script
LOCK TABLES canary LOW_PRIORITY WRITE

-- vector: LOCK TABLES TABLE
-- watch: locks
-- as: script
LOCK TABLE canary AS c WRITE

-- vector: LOCK TABLES several
-- watch: locks
-- as: script
LOCK TABLES canary READ, accounts a WRITE

-- vector: LOCK TABLES WAIT
-- watch: locks
-- as: script
LOCK TABLES canary WRITE WAIT 1

-- vector: LOCK TABLES in an executable comment
-- watch: locks
-- as: script
/*!40000 LOCK TABLES canary WRITE */

-- vector: LOCK TABLES WRITE CONCURRENT
-- watch: locks
-- as: script
LOCK TABLES canary WRITE CONCURRENT

-- vector: LOCK TABLES in a prepared text
-- watch: locks
-- as: script
-- not: binary
PREPARE p FROM 'LOCK TABLES canary WRITE'
-- then
EXECUTE p

-- vector: FLUSH TABLES WITH READ LOCK
-- watch: locks
-- as: script
FLUSH TABLES WITH READ LOCK

-- vector: FLUSH TABLES of one WITH READ LOCK
-- watch: locks
-- as: script
FLUSH TABLES canary WITH READ LOCK

-- vector: FLUSH TABLES FOR EXPORT
-- watch: locks
-- as: script
FLUSH TABLES accounts FOR EXPORT

-- vector: FLUSH TABLES WITH READ LOCK AND DISABLE CHECKPOINT
-- watch: locks
-- as: script
FLUSH TABLES WITH READ LOCK AND DISABLE CHECKPOINT

-- vector: BACKUP STAGE
-- watch: locks
-- as: script
BACKUP STAGE START

-- vector: BACKUP STAGE BLOCK_DDL
-- watch: locks
-- as: script
BACKUP STAGE START
-- then
BACKUP STAGE FLUSH
-- then
BACKUP STAGE BLOCK_DDL
-- then
BACKUP STAGE BLOCK_COMMIT

-- vector: BACKUP LOCK
-- watch: locks
-- as: script
BACKUP LOCK canary

-- vector: FOR UPDATE
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts FOR UPDATE

-- vector: FOR UPDATE in small letters
-- watch: locks
-- as: script
BEGIN
-- then
select * from accounts for update

-- vector: FOR UPDATE NOWAIT
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts WHERE id = 1 FOR UPDATE NOWAIT

-- vector: FOR UPDATE WAIT
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts FOR UPDATE WAIT 1

-- vector: FOR UPDATE SKIP LOCKED
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts FOR UPDATE SKIP LOCKED

-- vector: FOR UPDATE with a comment
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts FOR/**/UPDATE

-- vector: FOR UPDATE in an executable comment
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts /*! FOR UPDATE */

-- vector: FOR UPDATE in parts of an executable comment
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts FOR /*!50000 UPDATE*/

-- vector: FOR UPDATE in a subquery
-- watch: locks
-- as: script
BEGIN
-- then
SELECT (SELECT id FROM accounts WHERE id = 1 FOR UPDATE)

-- vector: FOR UPDATE in a derived table
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM (SELECT * FROM accounts FOR UPDATE) d

-- vector: FOR UPDATE of a union in parentheses
-- watch: locks
-- as: script
BEGIN
-- then
(SELECT id FROM accounts FOR UPDATE) UNION (SELECT 1)

-- vector: FOR UPDATE in WITH
-- watch: locks
-- as: script
BEGIN
-- then
WITH w AS (SELECT * FROM accounts FOR UPDATE) SELECT * FROM w

-- vector: FOR UPDATE in parentheses
-- watch: locks
-- as: script
BEGIN
-- then
(SELECT * FROM accounts FOR UPDATE)

-- vector: FOR UPDATE behind LIMIT
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts ORDER BY id LIMIT 2 FOR UPDATE

-- vector: FOR UPDATE of a join
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts a JOIN canary c FOR UPDATE

-- vector: LOCK IN SHARE MODE
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts LOCK IN SHARE MODE

-- vector: LOCK IN SHARE MODE with comments
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts LOCK/**/IN/**/SHARE/**/MODE

-- vector: LOCK IN SHARE MODE SKIP LOCKED
-- watch: locks
-- as: script
BEGIN
-- then
SELECT * FROM accounts LOCK IN SHARE MODE SKIP LOCKED

-- vector: LOCK IN SHARE MODE in EXISTS
-- watch: locks
-- as: script
BEGIN
-- then
SELECT EXISTS (SELECT 1 FROM accounts LOCK IN SHARE MODE)

-- vector: LOCK IN SHARE MODE in parentheses
-- watch: locks
-- as: script
BEGIN
-- then
((SELECT id FROM accounts LOCK IN SHARE MODE))

-- vector: FOR SHARE
-- watch: locks
-- as: script
-- effect: error because only MySQL spells it so
BEGIN
-- then
SELECT * FROM accounts FOR SHARE

-- vector: FOR UPDATE OF
-- watch: locks
-- as: script
-- effect: error because only MySQL knows it
BEGIN
-- then
SELECT * FROM accounts FOR UPDATE OF accounts

-- vector: SERIALIZABLE reads
-- watch: locks
-- as: script
SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE
-- then
SET autocommit = 0
-- then
SELECT * FROM accounts

-- vector: HANDLER OPEN
-- watch: locks
-- as: script
HANDLER accounts OPEN

-- vector: HANDLER OPEN AS
-- watch: locks
-- as: script
HANDLER vault.accounts OPEN AS h
-- then
HANDLER h READ FIRST

-- vector: HANDLER READ
-- watch: locks
-- as: script
HANDLER accounts OPEN
-- then
HANDLER accounts READ `PRIMARY` = (1)
-- then
HANDLER accounts READ NEXT LIMIT 2

-- vector: HANDLER in an executable comment
-- watch: locks
-- as: script
/*! HANDLER accounts OPEN */

-- vector: a lock of a name
-- watch: locks
-- as: script
SELECT GET_LOCK('a', 1), GET_LOCK('b', 1)

-- vector: a lock of a name by a procedure
-- watch: locks
-- as: script
CALL lock_all()

-- vector: a lock of a name in a view
-- watch: locks
-- as: script
SELECT * FROM (SELECT GET_LOCK('x', 0)) d

-- vector: XA PREPARE
-- watch: transactions
-- as: script
-- before: ?XA ROLLBACK 'loot'
-- after: ?XA ROLLBACK 'loot'
XA START 'loot'
-- then
INSERT INTO canary VALUES (666, 'xa')
-- then
XA END 'loot'
-- then
XA PREPARE 'loot'

-- vector: XA PREPARE of nothing but a read
-- watch: transactions
-- as: script
-- before: ?XA ROLLBACK 'idle', 'b', 3
-- after: ?XA ROLLBACK 'idle', 'b', 3
XA BEGIN 'idle', 'b', 3
-- then
SELECT * FROM canary
-- then
XA END 'idle', 'b', 3
-- then
XA PREPARE 'idle', 'b', 3

-- vector: XA COMMIT ONE PHASE
-- watch: rows
-- as: script
XA START 'loot'
-- then
INSERT INTO canary VALUES (666, 'xa')
-- then
XA END 'loot'
-- then
XA COMMIT 'loot' ONE PHASE

-- vector: a savepoint
-- watch: locks
-- as: script
-- effect: none because it stays in the session
BEGIN
-- then
SAVEPOINT s
