-- vector: a function that sets
-- watch: variables
-- as: select
SELECT setter()

-- vector: a built-in's name, qualified
-- watch: variables
-- as: select
SELECT vault.length(1)

-- vector: a built-in's name, qualified and quoted
-- watch: variables
-- as: select
SELECT `vault`.`length`(1)

-- vector: a built-in's name, qualified with spaces
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT vault . length (1)

-- vector: NOW with a space
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT now ()

-- vector: NOW with a line end
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT now
()

-- vector: NOW with a comment
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT now/**/()

-- vector: NOW with an executable comment
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT now/*! */()

-- vector: NOW in quotes
-- watch: variables
-- as: select
SELECT `now`()

-- vector: NOW, qualified
-- watch: variables
-- as: select
SELECT vault.now()

-- vector: COUNT with a space
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT count (1)

-- vector: COUNT with a tab
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT count	(id) FROM accounts

-- vector: COUNT in quotes
-- watch: variables
-- as: select
SELECT `count`(1)

-- vector: SUM with a space
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT sum (id) FROM accounts

-- vector: SUM with a comment that looks like a hint
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT sum/*+ x */(1)

-- vector: SUBSTRING with a space
-- watch: variables
-- as: select
-- not: mode IGNORE_SPACE, mode ORACLE
SELECT substring (1)

-- vector: SUBSTRING in quotes
-- watch: variables
-- as: select
SELECT `substring`(1)

-- vector: a function in a subquery that sets
-- watch: variables
-- as: select
SELECT (SELECT setter())

-- vector: a function that sets, in a condition
-- watch: variables
-- as: select
SELECT id FROM accounts WHERE setter()

-- vector: a function that sets, in ORDER BY
-- watch: variables
-- as: select
SELECT id FROM accounts ORDER BY setter() + id

-- vector: a function that sets, in GROUP BY
-- watch: variables
-- as: select
SELECT 1 FROM accounts GROUP BY setter() + id

-- vector: a function that sets, in VALUES
-- watch: variables
-- as: select
VALUES (setter())

-- vector: a function that sets, in WITH
-- watch: variables
-- as: select
WITH w AS (SELECT setter() AS a) SELECT a FROM w

-- vector: a function that sets, in a union
-- watch: variables
-- as: select
SELECT 1 UNION SELECT setter()

-- vector: a function that sets, in ON
-- watch: variables
-- as: select
SELECT 1 FROM accounts a JOIN accounts b ON a.id = b.id AND setter() + a.id

-- vector: a function that sets, in HAVING
-- watch: variables
-- as: select
SELECT owner FROM accounts GROUP BY owner HAVING setter()

-- vector: a function that sets, in a window
-- watch: variables
-- as: select
SELECT SUM(id) OVER (ORDER BY setter() + id) FROM accounts

-- vector: a function that sets, in LIKE
-- watch: variables
-- as: select
SELECT 'a' LIKE setter()

-- vector: a function that sets, in CASE
-- watch: variables
-- as: select
SELECT CASE WHEN setter() THEN 1 END

-- vector: a function that sets, in INTERVAL
-- watch: variables
-- as: select
SELECT CURDATE() + INTERVAL setter() DAY

-- vector: a function that sets, in JSON_TABLE
-- watch: variables
-- as: select
SELECT * FROM JSON_TABLE(JSON_ARRAY(setter()), '$[*]' COLUMNS (a INT PATH '$')) j

-- vector: a function that writes a file
-- watch: files
-- as: select
-- not: analyzed, binary: analyzed, after, transaction
SELECT writer()

-- vector: a function that kills
-- watch: sessions
-- as: select
-- not: analyzed, binary: analyzed, after, transaction
SELECT killer()

-- vector: a function that locks
-- watch: locks
-- as: select
-- not: analyzed, binary: analyzed, after, transaction
SELECT locker()

-- vector: a function that sets, in DO
-- watch: variables
-- as: utility
DO setter()

-- vector: a function that sets, in SET
-- watch: variables
-- as: utility
SET @a = setter()

-- vector: a function that sets, in SHOW
-- watch: variables
-- as: utility
SHOW TABLES WHERE setter()

-- vector: a function that sets, in EXPLAIN
-- watch: variables
-- as: utility
EXPLAIN SELECT * FROM (SELECT setter() AS a) d

-- vector: a function of another database
-- watch: rows
-- as: utility
SELECT vault.swallow()

-- vector: a function found by USE
-- watch: variables
-- as: script
USE shop
-- then
SELECT vault.setter()

-- vector: a built-in's name in a session without IGNORE_SPACE
-- watch: variables
-- as: script
SET sql_mode = 'IGNORE_SPACE'
-- then
SET sql_mode = ''
-- then
SELECT now ()

-- vector: a built-in's name, IGNORE_SPACE taken away by a number
-- watch: variables
-- as: script
SET sql_mode = 8
-- then
SET sql_mode = 0
-- then
SELECT count (1)

-- vector: a built-in's name behind SET STATEMENT
-- watch: variables
-- as: script
SET STATEMENT sql_mode = 'IGNORE_SPACE' FOR SELECT 1
-- then
SELECT now ()

-- vector: a procedure that sets in a function
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
CALL run_text('SET GLOBAL max_prepared_stmt_count = 4321')

-- vector: a package in Oracle's mode
-- watch: rows
-- as: script
SET sql_mode = 'ORACLE'
-- then
SELECT vault.swallow() FROM DUAL

-- vector: CREATE FUNCTION of a library
-- watch: schema
-- as: utility
-- effect: error because the library is not there
CREATE FUNCTION sys_exec RETURNS INT SONAME 'lib_mysqludf_sys.so'

-- vector: CREATE AGGREGATE FUNCTION of a library
-- watch: schema
-- as: utility
-- effect: error because the library is not there
CREATE AGGREGATE FUNCTION sys_sum RETURNS REAL SONAME 'lib_mysqludf_sys.so'

-- vector: a function called as other servers group
-- watch: variables
-- as: select
SELECT 1 FROM accounts GROUP BY cube(id)

-- vector: a function called as other servers group, among others
-- watch: variables
-- as: select
SELECT 1 FROM accounts GROUP BY id, rollup(id)
