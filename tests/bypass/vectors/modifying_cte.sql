-- vector: INSERT in a WITH
-- source: read-only-vectors "CTE writes"; omnisql-mcp#19
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary VALUES (666, 'cte') RETURNING id) SELECT id FROM w

-- vector: UPDATE in a WITH
-- source: laravel/boost#894
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (UPDATE flock SET name = name || '!' WHERE id = 1 RETURNING id) SELECT id FROM w

-- vector: DELETE in a WITH
-- source: crewAI#5311
-- watch: rows
-- as: select
-- not: cursor
-- before: INSERT INTO flock VALUES (9, 'prey') ON CONFLICT DO NOTHING
WITH w AS (DELETE FROM flock WHERE id = 9 RETURNING id) SELECT id FROM w

-- vector: MERGE in a WITH
-- watch: rows
-- as: select
-- not: cursor
-- since: 17
WITH w AS (MERGE INTO flock f USING (VALUES (1)) v(id) ON f.id = v.id WHEN MATCHED THEN UPDATE SET name = name || '?' RETURNING f.id) SELECT id FROM w

-- vector: INSERT in a WITH that nobody reads
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary VALUES (666)) SELECT 1

-- vector: the second of three WITH members
-- watch: rows
-- as: select
-- not: cursor
WITH a AS (SELECT 1), w AS (INSERT INTO canary VALUES (666) RETURNING id), b AS (SELECT 2) SELECT * FROM a, b

-- vector: a WITH that ends in UPDATE
-- source: Easy-Postgres-MCP#3
-- watch: rows
-- as: change
WITH a AS (SELECT 1 AS id) UPDATE flock SET name = name || '+' FROM a WHERE flock.id = a.id

-- vector: a WITH that ends in DELETE
-- watch: rows
-- as: change
-- before: INSERT INTO flock VALUES (9, 'prey') ON CONFLICT DO NOTHING
WITH a AS (SELECT 9 AS id) DELETE FROM flock USING a WHERE flock.id = a.id

-- vector: a WITH that ends in INSERT
-- watch: rows
-- as: change
WITH a AS (SELECT 666 AS id) INSERT INTO canary (id) SELECT id FROM a

-- vector: a WITH that ends in MERGE
-- watch: rows
-- as: change
-- since: 15
WITH a AS (SELECT 1 AS id) MERGE INTO flock f USING a ON f.id = a.id WHEN MATCHED THEN UPDATE SET name = name || '~'

-- vector: a write in a WITH that feeds a write in a WITH
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary VALUES (666) RETURNING id), v AS (UPDATE flock SET name = name || w.id FROM w WHERE flock.id = 2 RETURNING flock.id) SELECT * FROM v

-- vector: MATERIALIZED does not make it a read
-- watch: rows
-- as: select
-- not: cursor
WITH w AS MATERIALIZED (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM w

-- vector: RECURSIVE in front of a write
-- watch: rows
-- as: select
-- not: cursor
WITH RECURSIVE w AS (INSERT INTO canary VALUES (666) RETURNING id), r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r

-- vector: in front of VALUES
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary VALUES (666)) VALUES (1)

-- vector: in front of TABLE
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary VALUES (666)) TABLE flock

-- vector: in front of a set operation in parentheses
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) (SELECT 1 UNION ALL SELECT 2) ORDER BY 1

-- vector: the whole statement in parentheses
-- watch: rows
-- as: select
-- not: cursor, explained
(((WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM w)))

-- vector: a name in quotes that looks harmless
-- watch: rows
-- as: select
-- not: cursor
WITH "select" AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM "select"

-- vector: a write in a WITH below a subquery
-- watch: rows
-- as: select
-- effect: error because a data-modifying WITH has to be at the top level
SELECT * FROM (WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM w) s

-- vector: a write in a WITH below an expression
-- watch: rows
-- as: select
-- effect: error because a data-modifying WITH has to be at the top level
SELECT (WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM w)

-- vector: a write in a WITH inside a WITH
-- watch: rows
-- as: select
-- effect: error because a data-modifying WITH has to be at the top level
WITH a AS (WITH b AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM b) SELECT * FROM a

-- vector: a write in a WITH of the query behind INSERT
-- watch: rows
-- as: change
-- effect: error because a data-modifying WITH has to be at the top level
INSERT INTO flock WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT 100 + id, 'never' FROM w WHERE false

-- vector: a WITH that sets a sequence by its default
-- watch: sequences
-- as: select
-- not: cursor
WITH w AS (INSERT INTO ladder (note) VALUES ('x') RETURNING id) SELECT id FROM w

-- vector: a WITH that writes through a view
-- watch: rows
-- as: select
-- not: cursor
WITH w AS (INSERT INTO canary_view VALUES (666) RETURNING id) SELECT id FROM w
