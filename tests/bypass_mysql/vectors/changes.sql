-- vector: INSERT
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, 'x')

-- vector: INSERT without INTO
-- watch: rows
-- as: change
INSERT canary VALUES (666, 'x')

-- vector: INSERT SET
-- watch: rows
-- as: change
INSERT INTO canary SET id = 666

-- vector: INSERT VALUE
-- watch: rows
-- as: change
INSERT INTO canary (id) VALUE (666)

-- vector: INSERT LOW_PRIORITY
-- watch: rows
-- as: change
INSERT LOW_PRIORITY INTO canary VALUES (666, 'x')

-- vector: INSERT HIGH_PRIORITY IGNORE
-- watch: rows
-- as: change
INSERT HIGH_PRIORITY IGNORE INTO canary VALUES (666, 'x')

-- vector: INSERT of a query
-- watch: rows
-- as: change
INSERT INTO canary SELECT 666, owner FROM accounts

-- vector: INSERT of a query in parentheses
-- watch: rows
-- as: change
INSERT INTO canary (SELECT 666, owner FROM accounts)

-- vector: INSERT of a WITH
-- watch: rows
-- as: change
INSERT INTO canary WITH w AS (SELECT 666 AS a) SELECT a, 'x' FROM w

-- vector: INSERT of VALUES
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, 'x'), (667, 'y')

-- vector: INSERT ON DUPLICATE KEY
-- watch: rows
-- as: change
INSERT INTO accounts (id) VALUES (1) ON DUPLICATE KEY UPDATE balance = balance + 1

-- vector: INSERT ON DUPLICATE KEY VALUES
-- watch: rows
-- as: change
INSERT INTO accounts (id, balance) VALUES (1, 5) ON DUPLICATE KEY UPDATE balance = balance + VALUE(balance)

-- vector: INSERT RETURNING
-- watch: rows
-- as: change
-- not: block, condition, binary: block
INSERT INTO canary VALUES (666, 'x') RETURNING id

-- vector: INSERT of nothing but defaults
-- watch: rows
-- as: change
INSERT INTO counters () VALUES ()

-- vector: INSERT into a partition
-- watch: rows
-- as: change
INSERT INTO parts PARTITION (p0) VALUES (2, 666)

-- vector: INSERT by a qualified name
-- watch: rows
-- as: change
INSERT INTO vault.canary VALUES (666, 'x')

-- vector: INSERT by a name of two quoted parts
-- watch: rows
-- as: change
INSERT INTO `vault` . `canary` VALUES (666, 'x')

-- vector: INSERT into MyISAM
-- watch: rows
-- as: change
INSERT INTO counters (hits) VALUES (666)

-- vector: INSERT into Aria, with a trigger
-- watch: rows
-- as: change
INSERT INTO sums VALUES (666)

-- vector: INSERT into MEMORY
-- watch: rows
-- as: change
INSERT INTO volatile_notes VALUES (666)

-- vector: INSERT into an odd name
-- watch: rows
-- as: change
INSERT INTO `odd ``name; --` VALUES (666)

-- vector: INSERT through a view
-- watch: rows
-- as: change
INSERT INTO open_accounts VALUES (CAST(RAND() * 1000000000 AS INT), 666)

-- vector: INSERT IGNORE of a query with a limit
-- watch: rows
-- as: change
INSERT IGNORE INTO canary SELECT id, owner FROM accounts ORDER BY id LIMIT 1

-- vector: REPLACE
-- watch: rows
-- as: change
REPLACE INTO accounts VALUES (1, CAST(RAND() * 1000000000 AS INT), 'x')

-- vector: REPLACE SET
-- watch: rows
-- as: change
REPLACE accounts SET id = 2, balance = CAST(RAND() * 1000000000 AS INT)

-- vector: REPLACE of a query
-- watch: rows
-- as: change
REPLACE INTO accounts SELECT id, balance + 1, owner FROM accounts

-- vector: REPLACE RETURNING
-- watch: rows
-- as: change
-- not: block, condition, binary: block
REPLACE INTO accounts VALUES (1, CAST(RAND() * 1000000000 AS INT), 'x') RETURNING balance

-- vector: UPDATE
-- watch: rows
-- as: change
UPDATE accounts SET balance = balance + 1

-- vector: UPDATE of some
-- watch: rows
-- as: change
UPDATE accounts SET balance = balance + 1 WHERE id = 1

-- vector: UPDATE LOW_PRIORITY IGNORE
-- watch: rows
-- as: change
UPDATE LOW_PRIORITY IGNORE accounts SET balance = balance + 1

-- vector: UPDATE with a limit
-- watch: rows
-- as: change
UPDATE accounts SET balance = balance + 1 ORDER BY id DESC LIMIT 1

-- vector: UPDATE of two tables
-- watch: rows
-- as: change
UPDATE accounts a, canary c SET a.balance = a.balance + 1 WHERE a.id = 1

-- vector: UPDATE of a join
-- watch: rows
-- as: change
UPDATE accounts a JOIN canary c ON c.id <> a.id SET a.balance = a.balance + 1

-- vector: UPDATE of a left join
-- watch: rows
-- as: change
UPDATE accounts a LEFT JOIN canary c USING (id) SET a.balance = a.balance + 1

-- vector: UPDATE with a subquery
-- watch: rows
-- as: change
UPDATE accounts SET balance = balance + (SELECT COUNT(*) FROM canary)

-- vector: UPDATE by a derived table
-- watch: rows
-- as: change
UPDATE accounts a JOIN (SELECT 1 AS id) d ON d.id = a.id SET a.balance = a.balance + 1

-- vector: UPDATE of a period
-- watch: rows
-- as: change
-- before: DELETE FROM periods;INSERT INTO periods VALUES (1, '2020-01-01', '2030-01-01')
UPDATE periods FOR PORTION OF valid FROM '2024-01-01' TO '2025-01-01' SET id = id + 1

-- vector: UPDATE through a view
-- watch: rows
-- as: change
UPDATE open_accounts SET balance = balance + 1

-- vector: UPDATE of a versioned table
-- watch: rows
-- as: change
UPDATE versions SET a = a + 1

-- vector: UPDATE of a partition
-- watch: rows
-- as: change
UPDATE parts PARTITION (p0) SET a = a + 1

-- vector: UPDATE to a default
-- watch: rows
-- as: change
-- before: UPDATE accounts SET balance = 7
UPDATE accounts SET balance = DEFAULT

-- vector: DELETE
-- watch: rows
-- as: change
-- before: INSERT INTO canary VALUES (1, 'kept')
DELETE FROM canary

-- vector: DELETE QUICK
-- watch: rows
-- as: change
-- before: INSERT INTO counters (hits) VALUES (1)
DELETE LOW_PRIORITY QUICK IGNORE FROM counters

-- vector: DELETE with a limit
-- watch: rows
-- as: change
-- before: INSERT INTO canary VALUES (1, 'kept')
DELETE FROM canary ORDER BY id LIMIT 1

-- vector: DELETE of several tables
-- watch: rows
-- as: change
-- before: INSERT INTO canary VALUES (1, 'kept')
DELETE c FROM canary c JOIN accounts a ON a.id = c.id

-- vector: DELETE USING
-- watch: rows
-- as: change
-- before: INSERT INTO canary VALUES (1, 'kept')
DELETE FROM canary USING canary JOIN accounts WHERE accounts.id = canary.id

-- vector: DELETE RETURNING
-- watch: rows
-- as: change
-- not: block, condition, binary: block
-- before: INSERT INTO canary VALUES (1, 'kept')
DELETE FROM canary RETURNING note

-- vector: DELETE of a period
-- watch: rows
-- as: change
-- before: DELETE FROM periods;INSERT INTO periods VALUES (1, '2020-01-01', '2030-01-01')
DELETE FROM periods FOR PORTION OF valid FROM '2024-01-01' TO '2025-01-01'

-- vector: DELETE of a partition
-- watch: rows
-- as: change
-- before: INSERT INTO parts VALUES (12, 1)
DELETE FROM parts PARTITION (p1)

-- vector: DELETE HISTORY
-- watch: rows
-- as: change
-- before: UPDATE versions SET a = a + 1
DELETE HISTORY FROM versions

-- vector: DELETE through a view
-- watch: rows
-- as: change
-- before: REPLACE INTO accounts VALUES (4, 1, 'x')
DELETE FROM open_accounts WHERE id = 4

-- vector: TRUNCATE
-- watch: rows
-- as: utility
-- not: transaction
-- before: INSERT INTO canary VALUES (1, 'kept')
TRUNCATE TABLE canary

-- vector: TRUNCATE without TABLE
-- watch: rows
-- as: utility
-- before: INSERT INTO canary VALUES (1, 'kept')
TRUNCATE canary

-- vector: TRUNCATE NOWAIT
-- watch: rows
-- as: utility
-- not: block, condition, binary: block
-- before: INSERT INTO counters (hits) VALUES (1)
TRUNCATE TABLE counters NOWAIT

-- vector: LOAD DATA
-- watch: rows
-- as: utility
-- not: prepared, executed, binary, block, condition
LOAD DATA INFILE '{folder}/rows.txt' INTO TABLE canary

-- vector: LOAD DATA REPLACE
-- watch: rows
-- as: utility
-- not: prepared, executed, binary, block, condition
LOAD DATA CONCURRENT INFILE '{folder}/rows.csv' REPLACE INTO TABLE canary FIELDS TERMINATED BY ','

-- vector: LOAD DATA SET
-- watch: rows
-- as: utility
-- not: prepared, executed, binary, block, condition
LOAD DATA INFILE '{folder}/rows.txt' IGNORE INTO TABLE canary (@a, @b) SET id = @a, note = @b

-- vector: LOAD DATA LOCAL
-- watch: rows
-- as: utility
-- not: prepared, executed, binary, block, condition
LOAD DATA LOCAL INFILE 'mine.txt' INTO TABLE canary

-- vector: LOAD XML
-- watch: rows
-- as: utility
-- not: prepared, executed, binary, block, condition
LOAD XML INFILE '{folder}/rows.xml' INTO TABLE canary ROWS IDENTIFIED BY '<row>'

-- vector: DO with a function of the owner
-- watch: rows
-- as: utility
DO swallow()

-- vector: CALL
-- watch: rows
-- as: utility
CALL deposit()

-- vector: CALL without parentheses
-- watch: rows
-- as: utility
CALL deposit

-- vector: CALL with a place for the answer
-- watch: rows
-- as: utility
CALL deposit_by(1, @x)

-- vector: CALL by a qualified name
-- watch: rows
-- as: utility
CALL vault.deposit()

-- vector: a change and its transaction
-- watch: rows
-- as: script
START TRANSACTION
-- then
UPDATE accounts SET balance = balance + 1
-- then
COMMIT

-- vector: a change in a transaction that is to read only
-- watch: rows
-- as: script
SET autocommit = 0
-- then
UPDATE accounts SET balance = balance + 1
-- then
COMMIT AND NO CHAIN

-- vector: a change with a savepoint
-- watch: rows
-- as: script
BEGIN
-- then
SAVEPOINT s
-- then
INSERT INTO canary VALUES (666, 's')
-- then
RELEASE SAVEPOINT s
-- then
COMMIT WORK
