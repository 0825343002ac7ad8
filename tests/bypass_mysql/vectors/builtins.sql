-- vector: GET_LOCK
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT GET_LOCK('loot', 0)

-- vector: GET_LOCK in small letters
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT get_lock('loot', 0.5)

-- vector: GET_LOCK with a space
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT GET_LOCK ('loot', 0)

-- vector: GET_LOCK with a comment
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT GET_LOCK/**/('loot', 0)

-- vector: GET_LOCK in quotes
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT `GET_LOCK`('loot', 0)

-- vector: GET_LOCK in a condition
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT id FROM accounts WHERE GET_LOCK('loot', 0)

-- vector: GET_LOCK in a subquery
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT (SELECT MAX(GET_LOCK(CONCAT('loot', id), 0)) FROM accounts)

-- vector: GET_LOCK in HAVING
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT owner FROM accounts GROUP BY owner HAVING GET_LOCK(owner, 0)

-- vector: GET_LOCK in DO
-- watch: locks
-- as: utility
-- not: after, transaction, analyzed, binary: analyzed, block
DO GET_LOCK('loot', 0)

-- vector: GET_LOCK in SET
-- watch: locks
-- as: utility
-- not: after, transaction, analyzed, binary: analyzed, block
SET @a = GET_LOCK('loot', 0)

-- vector: GET_LOCK in WITH
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
WITH w AS (SELECT GET_LOCK('loot', 0) AS a) SELECT * FROM w

-- vector: GET_LOCK in VALUES
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
VALUES (GET_LOCK('loot', 0))

-- vector: GET_LOCK in a UNION
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT 1 UNION SELECT GET_LOCK('loot', 0)

-- vector: GET_LOCK in ORDER BY
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT id FROM accounts ORDER BY GET_LOCK(owner, 0)

-- vector: GET_LOCK in IF
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT IF(1, GET_LOCK('loot', 0), 0)

-- vector: GET_LOCK in SHOW
-- watch: locks
-- as: utility
-- not: after, transaction, analyzed, binary: analyzed, block
SHOW TABLES WHERE GET_LOCK('loot', 0)

-- vector: GET_LOCK in a window
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT SUM(GET_LOCK('loot', 0)) OVER () FROM accounts

-- vector: GET_LOCK in JSON_TABLE
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block
SELECT * FROM JSON_TABLE(JSON_ARRAY(GET_LOCK('loot', 0)), '$[*]' COLUMNS (a INT PATH '$')) j

-- vector: NEXT VALUE FOR
-- watch: rows
-- as: select
SELECT NEXT VALUE FOR counter

-- vector: NEXT VALUE FOR, qualified
-- watch: rows
-- as: select
SELECT NEXT VALUE FOR vault.counter

-- vector: NEXT VALUE FOR, quoted
-- watch: rows
-- as: select
SELECT NEXT VALUE FOR `vault`.`counter`

-- vector: NEXTVAL
-- watch: rows
-- as: select
SELECT NEXTVAL(counter)

-- vector: NEXTVAL, qualified
-- watch: rows
-- as: select
SELECT NEXTVAL(vault.counter)

-- vector: NEXTVAL with a space
-- watch: rows
-- as: select
SELECT NEXTVAL (counter)

-- vector: NEXTVAL in a condition
-- watch: rows
-- as: select
SELECT 1 FROM accounts WHERE NEXTVAL(counter) > 0

-- vector: NEXTVAL in a subquery
-- watch: rows
-- as: select
SELECT (SELECT NEXTVAL(counter))

-- vector: NEXTVAL in a derived table
-- watch: rows
-- as: select
SELECT * FROM (SELECT NEXTVAL(counter)) d

-- vector: NEXTVAL in WITH
-- watch: rows
-- as: select
WITH w AS (SELECT NEXTVAL(counter) AS a) SELECT a FROM w

-- vector: NEXTVAL in a sum
-- watch: rows
-- as: select
SELECT 1 + NEXTVAL(counter)

-- vector: NEXTVAL in UNION
-- watch: rows
-- as: select
SELECT 1 UNION SELECT NEXTVAL(counter)

-- vector: NEXTVAL in VALUES
-- watch: rows
-- as: select
VALUES (NEXTVAL(counter))

-- vector: NEXTVAL in IF
-- watch: rows
-- as: select
SELECT IF(1, NEXTVAL(counter), 0)

-- vector: NEXTVAL of a list of rows
-- watch: rows
-- as: select
SELECT id, NEXTVAL(counter) FROM accounts

-- vector: NEXTVAL in ORDER BY
-- watch: rows
-- as: select
SELECT id FROM accounts ORDER BY NEXTVAL(counter) + id

-- vector: SETVAL
-- watch: rows
-- as: select
-- before: CREATE OR REPLACE SEQUENCE counter NOCACHE
SELECT SETVAL(counter, 5000)

-- vector: SETVAL of what comes next
-- watch: rows
-- as: select
-- before: CREATE OR REPLACE SEQUENCE counter NOCACHE
SELECT SETVAL(counter, 6000, 0)

-- vector: NEXTVAL in DO
-- watch: rows
-- as: utility
DO NEXTVAL(counter)

-- vector: NEXTVAL in SET
-- watch: rows
-- as: utility
SET @a = NEXTVAL(counter)

-- vector: NEXTVAL in Oracle's spelling
-- watch: rows
-- as: script
SET sql_mode = 'ORACLE'
-- then
SELECT counter.NEXTVAL FROM DUAL

-- vector: NEXTVAL in Oracle's spelling, qualified
-- watch: rows
-- as: script
SET SESSION sql_mode = ORACLE
-- then
SELECT vault.counter.nextval

-- vector: a counter of user statistics read away
-- watch: statistics
-- as: select
-- not: analyzed, binary: analyzed, binary: later
-- before: OPTIMIZE TABLE squeezed;INSERT INTO squeezed VALUES (2, REPEAT(UUID(), 400));OPTIMIZE TABLE squeezed
SELECT * FROM information_schema.INNODB_CMP_RESET

-- vector: a counter read away in a subquery
-- watch: statistics
-- as: select
-- not: analyzed, binary: analyzed
-- before: INSERT INTO squeezed VALUES (2, REPEAT(UUID(), 400));OPTIMIZE TABLE squeezed
SELECT (SELECT SUM(compress_ops) FROM information_schema.innodb_cmp_reset)

-- vector: a counter read away by quoted names
-- watch: statistics
-- as: select
-- not: analyzed, binary: analyzed
-- before: INSERT INTO squeezed VALUES (2, REPEAT(UUID(), 400));OPTIMIZE TABLE squeezed
SELECT COUNT(*) FROM `INFORMATION_SCHEMA` . `INNODB_CMP_RESET`

-- vector: a counter read away without its database
-- watch: statistics
-- as: script
-- before: INSERT INTO squeezed VALUES (2, REPEAT(UUID(), 400));OPTIMIZE TABLE squeezed
USE information_schema
-- then
SELECT * FROM INNODB_CMP_RESET

-- vector: a counter read away by TABLE
-- watch: statistics
-- as: script
-- before: INSERT INTO squeezed VALUES (2, REPEAT(UUID(), 400));OPTIMIZE TABLE squeezed
-- effect: error because this server knows no TABLE
TABLE information_schema.INNODB_CMP_RESET

-- vector: a counter read away by SHOW
-- watch: statistics
-- as: utility
-- effect: none because only the name is shown
SHOW TABLES FROM information_schema LIKE 'INNODB_CMP_RESET'

-- vector: MASTER_POS_WAIT waits
-- watch: transactions
-- as: select
-- effect: none because it only waits; limits are for that
SELECT MASTER_POS_WAIT('binlog.000001', 1, 0.01)

-- vector: RELEASE_ALL_LOCKS
-- watch: locks
-- as: select
-- effect: none because the session holds none
SELECT RELEASE_ALL_LOCKS()

-- vector: LAST_INSERT_ID of a value
-- watch: rows
-- as: select
-- effect: none because it stays in the session
SELECT LAST_INSERT_ID(666)

-- vector: BENCHMARK
-- watch: rows
-- as: select
-- effect: none because it only takes time; limits are for that
SELECT BENCHMARK(1, 1 + 1)

-- vector: SLEEP
-- watch: rows
-- as: select
-- effect: none because it only takes time; limits are for that
SELECT SLEEP(0.001)

-- vector: DES_ENCRYPT and others of its kind
-- watch: rows
-- as: select
-- effect: none because they only compute
SELECT HEX(AES_ENCRYPT('a', 'b')), UUID(), RAND()
