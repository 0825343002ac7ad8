-- vector: INTO OUTFILE
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT 1 INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE before FROM
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id INTO OUTFILE '{folder}/out.txt' FROM accounts

-- vector: INTO OUTFILE behind WHERE
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id FROM accounts WHERE id > 0 INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE behind LIMIT
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id FROM accounts ORDER BY id LIMIT 1 INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE with forms
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id, owner FROM accounts INTO OUTFILE '{folder}/out.txt' CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' LINES TERMINATED BY ';'

-- vector: INTO DUMPFILE
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT '#!/bin/sh' INTO DUMPFILE '{folder}/out.sh'

-- vector: INTO DUMPFILE before FROM
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT owner INTO DUMPFILE '{folder}/out.txt' FROM accounts LIMIT 1

-- vector: INTO OUTFILE of a union
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT 1 UNION SELECT 2 INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE of a union in parentheses
-- watch: files
-- as: select
-- not: binary: with a cursor
(SELECT 1) UNION (SELECT 2) INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE in parentheses
-- watch: files
-- as: select
-- not: binary: with a cursor
-- effect: error because it is not allowed there
(SELECT 1 INTO OUTFILE '{folder}/out.txt')

-- vector: INTO OUTFILE behind parentheses
-- watch: files
-- as: select
-- not: binary: with a cursor
(SELECT 1) INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE of an EXCEPT
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id FROM accounts EXCEPT SELECT 1 INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE of a WITH
-- watch: files
-- as: select
-- not: binary: with a cursor
WITH w AS (SELECT 1 AS a) SELECT a FROM w INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE in a recursive WITH
-- watch: files
-- as: select
-- not: binary: with a cursor
WITH RECURSIVE w AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM w WHERE a < 3) SELECT a INTO OUTFILE '{folder}/out.txt' FROM w

-- vector: INTO OUTFILE of a function
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT VERSION() INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE of VALUES
-- watch: files
-- as: select
-- not: binary: with a cursor
VALUES (1), (2) INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE in a subquery
-- watch: files
-- as: select
-- not: binary: with a cursor
-- effect: error because it is not allowed there
SELECT * FROM (SELECT 1 INTO OUTFILE '{folder}/out.txt') d

-- vector: INTO OUTFILE with a name in hexadecimal digits
-- watch: files
-- as: select
-- not: binary: with a cursor
-- effect: error because the name has to be a string
SELECT 1 INTO OUTFILE 0x2f746d702f78

-- vector: INTO OUTFILE with FOR UPDATE
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id FROM accounts INTO OUTFILE '{folder}/out.txt' FOR UPDATE

-- vector: INTO OUTFILE behind FOR UPDATE
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id FROM accounts FOR UPDATE INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE behind PROCEDURE
-- watch: files
-- as: select
-- not: binary: with a cursor
-- effect: error because this server takes PROCEDURE behind INTO only
SELECT id FROM accounts PROCEDURE ANALYSE() INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE glued to its neighbours
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT'x'INTO OUTFILE'{folder}/out.txt'

-- vector: INTO OUTFILE behind a quoted name
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT`id`INTO OUTFILE'{folder}/out.txt'FROM`accounts`

-- vector: INTO OUTFILE behind a variable
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT @@version INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE behind a user variable
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT @a INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE behind a star
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT*INTO OUTFILE'{folder}/out.txt'FROM accounts

-- vector: INTO OUTFILE behind an alias
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT id AS `into` INTO OUTFILE '{folder}/out.txt' FROM accounts AS `from`

-- vector: INTO OUTFILE behind GROUP BY
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT owner, COUNT(*) FROM accounts GROUP BY owner WITH ROLLUP INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE behind HAVING
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT owner FROM accounts GROUP BY owner HAVING COUNT(*) > 0 INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE behind WINDOW
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT SUM(balance) OVER w FROM accounts WINDOW w AS (ORDER BY id) INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE of a catalog
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'vault' INTO OUTFILE '{folder}/out.txt'

-- vector: INTO OUTFILE in SHOW
-- watch: files
-- as: select
-- not: analyzed, binary: analyzed, binary: with a cursor
-- effect: error because SHOW takes no INTO
SHOW TABLES INTO OUTFILE '{folder}/out.txt'

-- vector: a table into a file by BACKUP
-- watch: files
-- as: select
-- not: binary: with a cursor
-- effect: error because this server no longer knows it
BACKUP TABLE accounts TO '{folder}'

-- vector: LOAD_FILE into a file
-- watch: files
-- as: select
-- not: binary: with a cursor
SELECT LOAD_FILE('{folder}/secret.txt') INTO DUMPFILE '{folder}/copy.txt'

-- vector: LOAD_FILE
-- watch: answer
-- as: select
-- answer: {secret}
SELECT LOAD_FILE('{folder}/secret.txt')

-- vector: LOAD_FILE in a condition
-- watch: answer
-- as: select
-- answer: yes: it is so
SELECT 'yes: it is so' FROM accounts WHERE LOAD_FILE('{folder}/secret.txt') LIKE 'the-%'

-- vector: LOAD_FILE by a name in hexadecimal digits
-- watch: answer
-- as: select
-- answer: {secret}
SELECT LOAD_FILE(CONCAT('{folder}', 0x2f7365637265742e747874))

-- vector: LOAD_FILE in mixed letters
-- watch: answer
-- as: select
-- answer: {secret}
SELECT LoAd_FiLe ( '{folder}/secret.txt' )

-- vector: LOAD_FILE in quotes
-- watch: answer
-- as: select
-- not: mode
-- answer: {secret}
SELECT `LOAD_FILE`('{folder}/secret.txt')

-- vector: LOAD_FILE of a list of rows
-- watch: answer
-- as: select
-- answer: {secret}
SELECT id, (SELECT LOAD_FILE('{folder}/secret.txt')) FROM accounts

-- vector: LOAD_FILE behind UNION
-- watch: answer
-- as: select
-- answer: {secret}
SELECT 'a' UNION SELECT LOAD_FILE('{folder}/secret.txt')

-- vector: a row into a variable, written by DO
-- watch: rows
-- as: script
SELECT 666 INTO @a
-- then
INSERT INTO canary VALUES (@a, 'x')

-- vector: a table read by LOAD DATA of what was written
-- watch: files
-- as: script
-- not: binary
SELECT id, owner FROM accounts INTO OUTFILE '{folder}/out.txt'
-- then
LOAD DATA INFILE '{folder}/out.txt' INTO TABLE canary
