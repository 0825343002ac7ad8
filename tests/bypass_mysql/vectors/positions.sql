-- vector: in the select list
-- watch: rows
-- as: select
SELECT swallow()

-- vector: behind another column
-- watch: rows
-- as: select
SELECT id, swallow() FROM accounts

-- vector: under an alias
-- watch: rows
-- as: select
SELECT swallow() AS `count`

-- vector: with a row
-- watch: rows
-- as: select
SELECT (swallow(), 1) = (1, 1)

-- vector: in a sum
-- watch: rows
-- as: select
SELECT 1 + swallow()

-- vector: behind a minus
-- watch: rows
-- as: select
SELECT -swallow()

-- vector: behind a tilde
-- watch: rows
-- as: select
SELECT ~swallow()

-- vector: behind NOT
-- watch: rows
-- as: select
SELECT NOT swallow()

-- vector: behind an exclamation mark
-- watch: rows
-- as: select
SELECT !swallow()

-- vector: in BETWEEN
-- watch: rows
-- as: select
SELECT 1 BETWEEN 0 AND swallow()

-- vector: in IN
-- watch: rows
-- as: select
SELECT 1 IN (2, swallow())

-- vector: in LIKE
-- watch: rows
-- as: select
SELECT 'a' LIKE swallow()

-- vector: in the ESCAPE of LIKE
-- watch: rows
-- as: select
SELECT 'a' LIKE 'a' AND swallow()

-- vector: in REGEXP
-- watch: rows
-- as: select
-- not: names gbk
SELECT 'a' REGEXP swallow()

-- vector: in RLIKE
-- watch: rows
-- as: select
SELECT 'a' NOT RLIKE swallow()

-- vector: in SOUNDS LIKE
-- watch: rows
-- as: select
SELECT 'a' SOUNDS LIKE swallow()

-- vector: in IS
-- watch: rows
-- as: select
SELECT swallow() IS TRUE

-- vector: in IS NULL
-- watch: rows
-- as: select
SELECT swallow() IS NOT NULL

-- vector: behind the ship
-- watch: rows
-- as: select
SELECT 1 <=> swallow()

-- vector: in DIV
-- watch: rows
-- as: select
SELECT 1 DIV swallow()

-- vector: in MOD
-- watch: rows
-- as: select
SELECT 5 MOD swallow()

-- vector: in XOR
-- watch: rows
-- as: select
SELECT 1 XOR swallow()

-- vector: in COLLATE
-- watch: rows
-- as: select
SELECT CONVERT(swallow() USING utf8mb4) COLLATE utf8mb4_bin

-- vector: in CAST
-- watch: rows
-- as: select
SELECT CAST(swallow() AS CHAR)

-- vector: in CONVERT
-- watch: rows
-- as: select
SELECT CONVERT(swallow(), CHAR)

-- vector: behind BINARY
-- watch: rows
-- as: select
SELECT BINARY swallow()

-- vector: in CASE WHEN
-- watch: rows
-- as: select
SELECT CASE WHEN swallow() THEN 1 END

-- vector: in CASE THEN
-- watch: rows
-- as: select
SELECT CASE 1 WHEN 1 THEN swallow() ELSE 2 END

-- vector: in ELSE
-- watch: rows
-- as: select
SELECT CASE 1 WHEN 2 THEN 1 ELSE swallow() END

-- vector: in IF
-- watch: rows
-- as: select
SELECT IF(1, swallow(), 2)

-- vector: in COALESCE
-- watch: rows
-- as: select
SELECT COALESCE(NULL, swallow())

-- vector: in NULLIF
-- watch: rows
-- as: select
SELECT NULLIF(1, swallow())

-- vector: in an INTERVAL
-- watch: rows
-- as: select
SELECT '2024-01-01' + INTERVAL swallow() DAY

-- vector: in an INTERVAL in front
-- watch: rows
-- as: select
SELECT INTERVAL swallow() DAY + '2024-01-01'

-- vector: in DATE_ADD
-- watch: rows
-- as: select
SELECT DATE_ADD('2024-01-01', INTERVAL swallow() DAY)

-- vector: in ADDDATE
-- watch: rows
-- as: select
SELECT ADDDATE('2024-01-01', swallow())

-- vector: in the function INTERVAL
-- watch: rows
-- as: select
SELECT INTERVAL(1, swallow())

-- vector: in EXTRACT
-- watch: rows
-- as: select
SELECT EXTRACT(YEAR FROM CONCAT('200', swallow(), '-01-01'))

-- vector: in TRIM
-- watch: rows
-- as: select
SELECT TRIM(LEADING swallow() FROM '11a')

-- vector: in POSITION
-- watch: rows
-- as: select
-- not: names gbk
SELECT POSITION('1' IN swallow())

-- vector: in SUBSTRING FROM FOR
-- watch: rows
-- as: select
SELECT SUBSTRING('abc' FROM swallow() FOR 1)

-- vector: in CHAR USING
-- watch: rows
-- as: select
SELECT CHAR(65, swallow() USING utf8mb4)

-- vector: in TIMESTAMPDIFF
-- watch: rows
-- as: select
SELECT TIMESTAMPDIFF(DAY, '2024-01-01', FROM_UNIXTIME(swallow()))

-- vector: in CONCAT
-- watch: rows
-- as: select
SELECT CONCAT('a', swallow())

-- vector: in JSON_OBJECT
-- watch: rows
-- as: select
SELECT JSON_OBJECT('a', swallow())

-- vector: in JSON_TABLE
-- watch: rows
-- as: select
SELECT * FROM JSON_TABLE(JSON_ARRAY(swallow()), '$[*]' COLUMNS (a INT PATH '$')) j

-- vector: in COUNT
-- watch: rows
-- as: select
SELECT COUNT(swallow()) FROM accounts

-- vector: in COUNT DISTINCT
-- watch: rows
-- as: select
SELECT COUNT(DISTINCT swallow(), id) FROM accounts

-- vector: in GROUP_CONCAT
-- watch: rows
-- as: select
SELECT GROUP_CONCAT(id ORDER BY swallow() SEPARATOR ',') FROM accounts

-- vector: in the argument of GROUP_CONCAT
-- watch: rows
-- as: select
SELECT GROUP_CONCAT(DISTINCT swallow(), id) FROM accounts

-- vector: in JSON_ARRAYAGG
-- watch: rows
-- as: select
SELECT JSON_ARRAYAGG(swallow()) FROM accounts

-- vector: in a window's argument
-- watch: rows
-- as: select
SELECT SUM(swallow()) OVER () FROM accounts

-- vector: in PARTITION BY
-- watch: rows
-- as: select
SELECT COUNT(*) OVER (PARTITION BY swallow_one(id)) FROM accounts

-- vector: in a window's ORDER BY
-- watch: rows
-- as: select
SELECT ROW_NUMBER() OVER (ORDER BY swallow_one(id)) FROM accounts

-- vector: in a named window
-- watch: rows
-- as: select
SELECT COUNT(*) OVER w FROM accounts WINDOW w AS (PARTITION BY swallow_one(id))

-- vector: in LAG
-- watch: rows
-- as: select
SELECT LAG(id, 1) OVER (ORDER BY swallow_one(id)) FROM accounts

-- vector: in WHERE
-- watch: rows
-- as: select
SELECT 1 FROM accounts WHERE swallow()

-- vector: in WHERE behind OR
-- watch: rows
-- as: select
SELECT 1 FROM accounts WHERE id = 0 OR swallow() = 0

-- vector: in ON
-- watch: rows
-- as: select
SELECT 1 FROM accounts a JOIN accounts b ON a.id = b.id AND swallow_one(a.id)

-- vector: in a left join's ON
-- watch: rows
-- as: select
SELECT 1 FROM accounts a LEFT JOIN accounts b ON swallow_one(a.id) = b.id

-- vector: in GROUP BY
-- watch: rows
-- as: select
SELECT 1 FROM accounts GROUP BY swallow_one(id)

-- vector: in GROUP BY WITH ROLLUP
-- watch: rows
-- as: select
SELECT 1 FROM accounts GROUP BY swallow_one(id) WITH ROLLUP

-- vector: in HAVING
-- watch: rows
-- as: select
SELECT owner FROM accounts GROUP BY owner HAVING swallow()

-- vector: in ORDER BY
-- watch: rows
-- as: select
SELECT id FROM accounts ORDER BY swallow_one(id)

-- vector: in ORDER BY of a union
-- watch: rows
-- as: select
(SELECT 1 AS a) UNION (SELECT 2) ORDER BY swallow_one(a)

-- vector: in a scalar subquery
-- watch: rows
-- as: select
SELECT (SELECT swallow())

-- vector: in EXISTS
-- watch: rows
-- as: select
SELECT EXISTS (SELECT 1 FROM accounts WHERE swallow())

-- vector: in ALL
-- watch: rows
-- as: select
SELECT 1 = ALL (SELECT swallow())

-- vector: in ANY
-- watch: rows
-- as: select
SELECT 1 < ANY (SELECT swallow() + id FROM accounts)

-- vector: in IN of a subquery
-- watch: rows
-- as: select
SELECT 1 IN (SELECT swallow() FROM accounts)

-- vector: in a derived table
-- watch: rows
-- as: select
SELECT * FROM (SELECT swallow() AS a) d

-- vector: in a derived table of VALUES
-- watch: rows
-- as: select
SELECT * FROM (VALUES (swallow())) d

-- vector: in a lateral reach
-- watch: rows
-- as: select
SELECT * FROM accounts a, JSON_TABLE(CONCAT('[', swallow_one(a.id), ']'), '$[*]' COLUMNS (b INT PATH '$')) j

-- vector: in WITH
-- watch: rows
-- as: select
WITH w AS (SELECT swallow() AS a) SELECT * FROM w

-- vector: in WITH RECURSIVE
-- watch: rows
-- as: select
WITH RECURSIVE w AS (SELECT 1 AS a UNION ALL SELECT a + swallow() FROM w WHERE a < 3) SELECT * FROM w

-- vector: in UNION
-- watch: rows
-- as: select
SELECT 1 UNION SELECT swallow()

-- vector: in UNION ALL in parentheses
-- watch: rows
-- as: select
(SELECT 1) UNION ALL (SELECT swallow())

-- vector: in EXCEPT
-- watch: rows
-- as: select
SELECT 1 EXCEPT SELECT swallow()

-- vector: in INTERSECT
-- watch: rows
-- as: select
SELECT 1 INTERSECT SELECT swallow()

-- vector: in VALUES
-- watch: rows
-- as: select
VALUES (swallow())

-- vector: in the second row of VALUES
-- watch: rows
-- as: select
VALUES (1, 2), (3, swallow())

-- vector: in an assignment
-- watch: rows
-- as: select
SELECT @a := swallow()

-- vector: in the FROM of nothing
-- watch: rows
-- as: select
SELECT swallow() FROM DUAL

-- vector: in parentheses
-- watch: rows
-- as: select
((SELECT swallow()))

-- vector: in a hundred parentheses
-- watch: rows
-- as: select
SELECT ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((swallow()))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))

-- vector: qualified
-- watch: rows
-- as: select
SELECT vault.swallow()

-- vector: qualified with spaces
-- watch: rows
-- as: select
SELECT vault . swallow ( )

-- vector: quoted
-- watch: rows
-- as: select
SELECT `vault`.`swallow`()

-- vector: with a comment before the parenthesis
-- watch: rows
-- as: select
SELECT swallow/* */()

-- vector: with a line end before the parenthesis
-- watch: rows
-- as: select
SELECT swallow
()

-- vector: behind a hint
-- watch: rows
-- as: select
SELECT /*+ MAX_EXECUTION_TIME(1000) */ swallow()

-- vector: behind SQL_NO_CACHE
-- watch: rows
-- as: select
SELECT SQL_NO_CACHE swallow()

-- vector: behind SQL_CALC_FOUND_ROWS
-- watch: rows
-- as: select
SELECT SQL_CALC_FOUND_ROWS swallow() FROM accounts LIMIT 1

-- vector: behind STRAIGHT_JOIN
-- watch: rows
-- as: select
SELECT STRAIGHT_JOIN swallow() FROM accounts

-- vector: behind DISTINCT
-- watch: rows
-- as: select
SELECT DISTINCT swallow() FROM accounts

-- vector: with LIMIT 0 around
-- watch: rows
-- as: select
SELECT * FROM (SELECT swallow() AS a LIMIT 1) d LIMIT 1

-- vector: in LIMIT ROWS EXAMINED
-- watch: rows
-- as: select
SELECT swallow() FROM accounts LIMIT 3 ROWS EXAMINED 1000

-- vector: in FETCH FIRST
-- watch: rows
-- as: select
SELECT swallow() FROM accounts ORDER BY id FETCH FIRST 1 ROW WITH TIES

-- vector: in PROCEDURE
-- watch: rows
-- as: select
SELECT swallow() FROM accounts PROCEDURE ANALYSE()

-- vector: in FOR SYSTEM_TIME
-- watch: rows
-- as: select
SELECT swallow() FROM versions FOR SYSTEM_TIME ALL

-- vector: in AS OF
-- watch: rows
-- as: select
-- not: analyzed, binary: analyzed
SELECT * FROM versions FOR SYSTEM_TIME AS OF FROM_UNIXTIME(swallow() + 1000000)

-- vector: in MATCH's neighbour
-- watch: rows
-- as: select
SELECT id FROM accounts USE INDEX (owner) WHERE owner > '' AND swallow()

-- vector: in NATURAL JOIN
-- watch: rows
-- as: select
SELECT swallow() FROM accounts NATURAL JOIN open_accounts

-- vector: in a partition's read
-- watch: rows
-- as: select
SELECT swallow() FROM parts PARTITION (p0, p1)

-- vector: in a table of numbers
-- watch: rows
-- as: select
SELECT swallow_one(seq) FROM seq_1_to_3

-- vector: with an aggregate of one's own
-- watch: rows
-- as: select
SELECT gathering(id) FROM accounts

-- vector: in SHOW … WHERE
-- watch: rows
-- as: utility
SHOW TABLES WHERE swallow()

-- vector: in SHOW VARIABLES WHERE
-- watch: rows
-- as: utility
SHOW VARIABLES WHERE Variable_name = 'version' AND swallow()

-- vector: in SHOW STATUS WHERE
-- watch: rows
-- as: utility
SHOW STATUS WHERE Variable_name = 'Uptime' AND swallow()

-- vector: in SHOW DATABASES WHERE
-- watch: rows
-- as: utility
SHOW DATABASES WHERE swallow() = 1

-- vector: in SHOW COLUMNS WHERE
-- watch: rows
-- as: utility
SHOW FULL COLUMNS FROM accounts WHERE swallow() = 1

-- vector: in SHOW INDEX WHERE
-- watch: rows
-- as: utility
SHOW INDEX FROM accounts WHERE swallow() = 1

-- vector: in SHOW TABLE STATUS WHERE
-- watch: rows
-- as: utility
SHOW TABLE STATUS FROM vault WHERE Name = 'canary' AND swallow()

-- vector: in SHOW CHARACTER SET WHERE
-- watch: rows
-- as: utility
SHOW CHARACTER SET WHERE swallow() = 1

-- vector: in SHOW COLLATION WHERE
-- watch: rows
-- as: utility
SHOW COLLATION WHERE Id < 3 AND swallow() = 1

-- vector: in SHOW PROCEDURE STATUS WHERE
-- watch: rows
-- as: utility
SHOW PROCEDURE STATUS WHERE Db = 'vault' AND swallow() = 1

-- vector: in SHOW TRIGGERS WHERE
-- watch: rows
-- as: utility
SHOW TRIGGERS WHERE swallow() = 1

-- vector: in SHOW EVENTS WHERE
-- watch: rows
-- as: utility
SHOW EVENTS WHERE swallow() = 1

-- vector: in SHOW OPEN TABLES WHERE
-- watch: rows
-- as: utility
SHOW OPEN TABLES FROM vault WHERE swallow() = 1

-- vector: in DO
-- watch: rows
-- as: utility
DO swallow()

-- vector: in DO behind another
-- watch: rows
-- as: utility
DO 1, SLEEP(0), swallow()

-- vector: in SET of a user variable
-- watch: rows
-- as: utility
SET @a = swallow()

-- vector: in SET of a user variable by :=
-- watch: rows
-- as: utility
SET @a := 1, @b := swallow()

-- vector: in SET of a setting
-- watch: rows
-- as: utility
SET sort_buffer_size = 100000 + swallow()

-- vector: in SET of a setting in a subquery
-- watch: rows
-- as: utility
SET @@session.sort_buffer_size = (SELECT 100000 + swallow())

-- vector: in SET STATEMENT
-- watch: rows
-- as: utility
-- effect: error because it takes no function
SET STATEMENT sort_buffer_size = 100000 + swallow() FOR SELECT 1

-- vector: in SIGNAL
-- watch: rows
-- as: utility
-- effect: error because it is an error by intent
SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644

-- vector: in HELP
-- watch: rows
-- as: utility
-- effect: none because it is looked up as a word
HELP 'swallow()'

-- vector: in KILL
-- watch: rows
-- as: utility
-- effect: error because it takes no function
KILL QUERY swallow() + 1000000

-- vector: in CALL's argument
-- watch: rows
-- as: utility
CALL run_text((SELECT CONCAT('DO ', swallow())))

-- vector: in EXECUTE IMMEDIATE's text
-- watch: rows
-- as: utility
-- not: binary
-- effect: error because it takes no function of one's own
EXECUTE IMMEDIATE CONCAT('SELECT ', swallow())

-- vector: in EXECUTE IMMEDIATE's parameter
-- watch: rows
-- as: utility
-- not: binary
-- effect: error because it takes no function of one's own
EXECUTE IMMEDIATE 'SELECT ?' USING swallow()

-- vector: in PREPARE's text
-- watch: rows
-- as: utility
-- not: binary
-- effect: error because it takes no function of one's own
PREPARE p FROM CONCAT('SELECT ', swallow())

-- vector: in GET DIAGNOSTICS
-- watch: rows
-- as: utility
-- effect: error because it takes numbers and variables
GET DIAGNOSTICS CONDITION swallow() @a = MESSAGE_TEXT

-- vector: in LIMIT
-- watch: rows
-- as: utility
-- effect: error because it takes numbers only
SELECT 1 LIMIT swallow()
