-- vector: INSERT behind WITH in its query
-- watch: rows
-- as: change
INSERT INTO canary (WITH w AS (SELECT 666) SELECT w.*, 'x' FROM w)

-- vector: WITH before UPDATE
-- watch: rows
-- as: change
-- effect: error because this server knows no WITH before UPDATE
WITH w AS (SELECT 1 AS id) UPDATE accounts, w SET balance = balance + 1 WHERE accounts.id = w.id

-- vector: WITH before DELETE
-- watch: rows
-- as: change
-- effect: error because this server knows no WITH before DELETE
WITH w AS (SELECT 1 AS id) DELETE FROM canary WHERE id IN (SELECT id FROM w)

-- vector: WITH before INSERT
-- watch: rows
-- as: change
-- effect: error because this server knows no WITH before INSERT
WITH w AS (SELECT 1 AS id) INSERT INTO canary SELECT id, 'x' FROM w

-- vector: WITH with a change inside
-- watch: rows
-- as: change
-- effect: error because this server knows no change in WITH
WITH w AS (DELETE FROM canary RETURNING id) SELECT * FROM w

-- vector: WITH RECURSIVE before REPLACE
-- watch: rows
-- as: change
-- effect: error because this server knows no WITH before REPLACE
WITH RECURSIVE w AS (SELECT 1 AS id) REPLACE INTO accounts SELECT id, 0, '' FROM w

-- vector: ANALYZE INSERT
-- watch: rows
-- as: utility
ANALYZE INSERT INTO canary VALUES (666, 'x')

-- vector: ANALYZE FORMAT=JSON INSERT
-- watch: rows
-- as: utility
ANALYZE FORMAT=JSON INSERT INTO canary VALUES (666, 'x')

-- vector: ANALYZE UPDATE
-- watch: rows
-- as: utility
ANALYZE UPDATE accounts SET balance = balance + 1

-- vector: ANALYZE FORMAT=JSON UPDATE
-- watch: rows
-- as: utility
ANALYZE FORMAT=JSON UPDATE accounts SET balance = balance + 1

-- vector: ANALYZE REPLACE
-- watch: rows
-- as: utility
ANALYZE REPLACE INTO accounts SELECT id, balance + 1, owner FROM accounts

-- vector: ANALYZE FORMAT=JSON REPLACE
-- watch: rows
-- as: utility
ANALYZE FORMAT=JSON REPLACE INTO accounts SELECT id, balance + 1, owner FROM accounts

-- vector: ANALYZE UPDATE of two tables
-- watch: rows
-- as: utility
ANALYZE UPDATE accounts a, canary c SET a.balance = a.balance + 1

-- vector: ANALYZE FORMAT=JSON UPDATE of two tables
-- watch: rows
-- as: utility
ANALYZE FORMAT=JSON UPDATE accounts a, canary c SET a.balance = a.balance + 1

-- vector: ANALYZE INSERT of a query
-- watch: rows
-- as: utility
ANALYZE INSERT INTO canary SELECT id, owner FROM accounts

-- vector: ANALYZE FORMAT=JSON INSERT of a query
-- watch: rows
-- as: utility
ANALYZE FORMAT=JSON INSERT INTO canary SELECT id, owner FROM accounts

-- vector: ANALYZE DELETE
-- watch: rows
-- as: utility
-- before: INSERT INTO canary VALUES (1, 'kept')
ANALYZE DELETE FROM canary

-- vector: ANALYZE FORMAT=TRADITIONAL DELETE
-- watch: rows
-- as: utility
-- before: INSERT INTO canary VALUES (1, 'kept')
ANALYZE FORMAT=TRADITIONAL DELETE FROM canary

-- vector: ANALYZE SELECT with a function
-- watch: rows
-- as: utility
ANALYZE SELECT swallow() FROM accounts

-- vector: ANALYZE SELECT of a view that writes
-- watch: rows
-- as: utility
ANALYZE SELECT * FROM disguise

-- vector: ANALYZE FORMAT=JSON of a function that sets
-- watch: variables
-- as: utility
ANALYZE FORMAT=JSON SELECT setter() FROM accounts

-- vector: EXPLAIN with a function in a subquery
-- watch: rows
-- as: utility
EXPLAIN SELECT * FROM (SELECT swallow() AS a) d

-- vector: EXPLAIN EXTENDED with a function in a subquery
-- watch: rows
-- as: utility
EXPLAIN EXTENDED SELECT * FROM (SELECT swallow() AS a) d

-- vector: EXPLAIN FORMAT=JSON with a function in a subquery
-- watch: rows
-- as: utility
EXPLAIN FORMAT=JSON SELECT * FROM (SELECT swallow() AS a) d

-- vector: DESCRIBE with a function in a subquery
-- watch: rows
-- as: utility
DESCRIBE SELECT * FROM (SELECT swallow() AS a) d

-- vector: DESC with a function in a subquery
-- watch: rows
-- as: utility
-- effect: none because it can be planned without running it
DESC SELECT * FROM accounts WHERE id = (SELECT swallow())

-- vector: EXPLAIN of a change with a function
-- watch: rows
-- as: utility
-- effect: none because it can be planned without running it
EXPLAIN UPDATE accounts SET balance = 1 WHERE id = (SELECT swallow())

-- vector: EXPLAIN PARTITIONS with a function
-- watch: rows
-- as: utility
EXPLAIN PARTITIONS SELECT * FROM (SELECT swallow() AS a) d

-- vector: EXPLAIN of a change
-- watch: rows
-- as: utility
-- effect: none because it only plans
EXPLAIN UPDATE accounts SET balance = 0

-- vector: EXPLAIN ANALYZE
-- watch: rows
-- as: utility
-- effect: error because this server spells it ANALYZE
EXPLAIN ANALYZE UPDATE accounts SET balance = balance + 1

-- vector: EXPLAIN FORMAT=TREE of a change
-- watch: rows
-- as: utility
-- effect: error because this server knows no such format
EXPLAIN FORMAT=TREE UPDATE accounts SET balance = balance + 1
