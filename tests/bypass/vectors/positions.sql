-- vector: nextval, select list
-- source: read-only-vectors "Functions with side effects"; awslabs/mcp#4575
-- watch: sequences
-- as: select
SELECT nextval('counter')

-- vector: nextval, below an expression
-- watch: sequences
-- as: select
SELECT 1 + abs(nextval('counter')::int) * 2

-- vector: nextval, argument of another function
-- watch: sequences
-- as: select
SELECT upper(concat('n', nextval('counter')))

-- vector: nextval, WHERE
-- watch: sequences
-- as: select
SELECT id FROM canary WHERE nextval('counter') > 0

-- vector: nextval, WHERE without a table
-- watch: sequences
-- as: select
SELECT 1 WHERE nextval('counter') > 0

-- vector: nextval, ORDER BY
-- watch: sequences
-- as: select
SELECT id FROM canary ORDER BY nextval('counter')

-- vector: nextval, GROUP BY
-- watch: sequences
-- as: select
SELECT count(*) FROM canary GROUP BY nextval('counter')

-- vector: nextval, GROUPING SETS
-- watch: sequences
-- as: select
SELECT count(*) FROM canary GROUP BY GROUPING SETS ((nextval('counter')), ())

-- vector: nextval, HAVING
-- watch: sequences
-- as: select
SELECT count(*) FROM canary HAVING nextval('counter') > 0

-- vector: nextval, LIMIT
-- watch: sequences
-- as: select
SELECT id FROM canary LIMIT nextval('counter')

-- vector: nextval, OFFSET
-- watch: sequences
-- as: select
SELECT id FROM canary OFFSET nextval('counter')

-- vector: nextval, FETCH FIRST
-- watch: sequences
-- as: select
SELECT id FROM canary FETCH FIRST (nextval('counter')) ROWS ONLY

-- vector: nextval, VALUES
-- watch: sequences
-- as: select
VALUES (1), (nextval('counter'))

-- vector: nextval, VALUES in FROM
-- watch: sequences
-- as: select
SELECT * FROM (VALUES (nextval('counter'))) v

-- vector: nextval, function in FROM
-- watch: sequences
-- as: select
SELECT * FROM nextval('counter')

-- vector: nextval, function in FROM with ordinality
-- watch: sequences
-- as: select
SELECT * FROM nextval('counter') WITH ORDINALITY AS f(a, b)

-- vector: nextval, ROWS FROM
-- watch: sequences
-- as: select
SELECT * FROM ROWS FROM (generate_series(1, 2), nextval('counter')) AS r

-- vector: nextval, argument of a function in FROM
-- watch: sequences
-- as: select
SELECT * FROM generate_series(1, nextval('counter') % 3) AS g

-- vector: nextval, LATERAL
-- watch: sequences
-- as: select
SELECT * FROM canary c, LATERAL (SELECT nextval('counter') + c.id) l

-- vector: nextval, LATERAL function
-- watch: sequences
-- as: select
SELECT * FROM canary c LEFT JOIN LATERAL nextval('counter') n ON true

-- vector: nextval, JOIN ON
-- watch: sequences
-- as: select
SELECT 1 FROM canary a JOIN canary b ON nextval('counter') > a.id - b.id

-- vector: nextval, window function's argument
-- watch: sequences
-- as: select
SELECT sum(nextval('counter')) OVER () FROM canary

-- vector: nextval, window function's partition
-- watch: sequences
-- as: select
SELECT row_number() OVER (PARTITION BY nextval('counter')) FROM canary

-- vector: nextval, WINDOW clause
-- watch: sequences
-- as: select
SELECT rank() OVER w FROM canary WINDOW w AS (ORDER BY nextval('counter'))

-- vector: nextval, window frame
-- watch: sequences
-- as: select
SELECT sum(id) OVER (ORDER BY id ROWS nextval('counter') PRECEDING) FROM canary

-- vector: nextval, FILTER
-- watch: sequences
-- as: select
SELECT count(*) FILTER (WHERE nextval('counter') > 0) FROM canary

-- vector: nextval, aggregate's argument
-- watch: sequences
-- as: select
SELECT max(nextval('counter')) FROM canary

-- vector: nextval, aggregate's ORDER BY
-- watch: sequences
-- as: select
SELECT array_agg(id ORDER BY nextval('counter')) FROM canary

-- vector: nextval, WITHIN GROUP
-- watch: sequences
-- as: select
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY nextval('counter')::float8) FROM canary

-- vector: nextval, direct argument of an ordered set
-- watch: sequences
-- as: select
SELECT percentile_disc(1.0 / nextval('counter')) WITHIN GROUP (ORDER BY 1)

-- vector: nextval, CASE WHEN
-- watch: sequences
-- as: select
SELECT CASE WHEN nextval('counter') > 0 THEN 1 ELSE 2 END

-- vector: nextval, CASE argument
-- watch: sequences
-- as: select
SELECT CASE nextval('counter') WHEN 0 THEN 1 END

-- vector: nextval, CASE ELSE
-- watch: sequences
-- as: select
SELECT CASE WHEN false THEN 1 ELSE nextval('counter') END

-- vector: nextval, COALESCE
-- watch: sequences
-- as: select
SELECT COALESCE(NULL, nextval('counter'))

-- vector: nextval, NULLIF
-- watch: sequences
-- as: select
SELECT NULLIF(nextval('counter'), 0)

-- vector: nextval, GREATEST
-- watch: sequences
-- as: select
SELECT GREATEST(1, nextval('counter'))

-- vector: nextval, ARRAY
-- watch: sequences
-- as: select
SELECT ARRAY[1, nextval('counter')]

-- vector: nextval, array subscript
-- watch: sequences
-- as: select
SELECT (ARRAY[1, 2, 3])[1 + nextval('counter')::int % 3]

-- vector: nextval, array slice
-- watch: sequences
-- as: select
SELECT (ARRAY[1, 2, 3])[1 : nextval('counter')::int]

-- vector: nextval, ROW
-- watch: sequences
-- as: select
SELECT ROW(1, nextval('counter'))

-- vector: nextval, ROW in parentheses
-- watch: sequences
-- as: select
SELECT (nextval('counter'), 1) < (2, 3)

-- vector: nextval, CAST
-- watch: sequences
-- as: select
SELECT CAST(nextval('counter') AS text)

-- vector: nextval, type in front of a string, cast later
-- watch: sequences
-- as: select
SELECT nextval(regclass 'counter')

-- vector: nextval, BETWEEN
-- watch: sequences
-- as: select
SELECT 5 BETWEEN 1 AND nextval('counter')

-- vector: nextval, IN list
-- watch: sequences
-- as: select
SELECT 1 IN (2, nextval('counter'))

-- vector: nextval, LIKE
-- watch: sequences
-- as: select
SELECT 'a' LIKE nextval('counter')::text

-- vector: nextval, SIMILAR TO with ESCAPE
-- watch: sequences
-- as: select
SELECT 'a' SIMILAR TO nextval('counter')::text ESCAPE '~'

-- vector: nextval, IS NULL
-- watch: sequences
-- as: select
SELECT nextval('counter') IS NULL

-- vector: nextval, IS DISTINCT FROM
-- watch: sequences
-- as: select
SELECT 1 IS DISTINCT FROM nextval('counter')

-- vector: nextval, AND behind a condition that holds
-- watch: sequences
-- as: select
SELECT 1 WHERE 1 = 1 AND NOT nextval('counter') < 0

-- vector: nextval, AT TIME ZONE
-- watch: sequences
-- as: select
SELECT now() AT TIME ZONE (nextval('counter') % 10 * interval '1 minute')

-- vector: nextval, EXTRACT
-- watch: sequences
-- as: select
SELECT EXTRACT(year FROM to_timestamp(nextval('counter')))

-- vector: nextval, SUBSTRING
-- watch: sequences
-- as: select
SELECT SUBSTRING('abc' FROM nextval('counter')::int)

-- vector: nextval, OVERLAY
-- watch: sequences
-- as: select
SELECT OVERLAY('abc' PLACING 'x' FROM nextval('counter')::int)

-- vector: nextval, POSITION
-- watch: sequences
-- as: select
SELECT POSITION('a' IN nextval('counter')::text)

-- vector: nextval, TRIM
-- watch: sequences
-- as: select
SELECT TRIM(BOTH nextval('counter')::text FROM 'abc')

-- vector: nextval, COLLATE
-- watch: sequences
-- as: select
SELECT nextval('counter')::text COLLATE "C"

-- vector: nextval, TABLESAMPLE
-- watch: sequences
-- as: select
SELECT * FROM canary TABLESAMPLE BERNOULLI (least(nextval('counter'), 100))

-- vector: nextval, TABLESAMPLE REPEATABLE
-- watch: sequences
-- as: select
SELECT * FROM canary TABLESAMPLE SYSTEM (50) REPEATABLE (nextval('counter'))

-- vector: nextval, XMLTABLE's document
-- watch: sequences
-- as: select
SELECT * FROM XMLTABLE('/a' PASSING xmlelement(name a, nextval('counter')) COLUMNS x text PATH '.')

-- vector: nextval, XMLTABLE's default
-- watch: sequences
-- as: select
SELECT * FROM XMLTABLE('/a' PASSING xml '<a/>' COLUMNS x int PATH 'b' DEFAULT nextval('counter'))

-- vector: nextval, XMLTABLE's path
-- watch: sequences
-- as: select
SELECT * FROM XMLTABLE('/a' PASSING xml '<a/>' COLUMNS x text PATH concat('b', nextval('counter')))

-- vector: nextval, XMLELEMENT's attribute
-- watch: sequences
-- as: select
SELECT xmlelement(name a, xmlattributes(nextval('counter') AS b))

-- vector: nextval, XMLFOREST
-- watch: sequences
-- as: select
SELECT xmlforest(nextval('counter') AS n)

-- vector: nextval, XMLSERIALIZE
-- watch: sequences
-- as: select
SELECT xmlserialize(CONTENT xmlconcat(xmlelement(name a, nextval('counter'))) AS text)

-- vector: nextval, JSON_TABLE's document
-- watch: sequences
-- as: select
-- since: 17
SELECT * FROM JSON_TABLE(jsonb_build_array(nextval('counter')), '$[*]' COLUMNS (x int PATH '$')) AS j

-- vector: nextval, JSON_TABLE's PASSING
-- watch: sequences
-- as: select
-- since: 17
SELECT * FROM JSON_TABLE(jsonb '[1]', '$[*] ? (@ < $n)' PASSING nextval('counter') AS n COLUMNS (x int PATH '$')) AS j

-- vector: nextval, JSON_VALUE's default
-- watch: sequences
-- as: select
-- since: 17
SELECT JSON_VALUE(jsonb '{}', '$.a' RETURNING bigint DEFAULT nextval('counter') ON EMPTY)

-- vector: nextval, JSON_QUERY
-- watch: sequences
-- as: select
-- since: 17
SELECT JSON_QUERY(to_jsonb(nextval('counter')), '$')

-- vector: nextval, JSON_EXISTS
-- watch: sequences
-- as: select
-- since: 17
SELECT JSON_EXISTS(to_jsonb(nextval('counter')), '$')

-- vector: nextval, JSON_OBJECT
-- watch: sequences
-- as: select
-- since: 16
SELECT JSON_OBJECT('a' VALUE nextval('counter'))

-- vector: nextval, JSON_ARRAY
-- watch: sequences
-- as: select
-- since: 16
SELECT JSON_ARRAY(1, nextval('counter'))

-- vector: nextval, JSON_ARRAYAGG
-- watch: sequences
-- as: select
-- since: 16
SELECT JSON_ARRAYAGG(nextval('counter') ORDER BY id) FROM canary

-- vector: nextval, JSON_SCALAR
-- watch: sequences
-- as: select
-- since: 17
SELECT JSON_SCALAR(nextval('counter'))

-- vector: nextval, IS JSON
-- watch: sequences
-- as: select
-- since: 16
SELECT nextval('counter')::text IS JSON

-- vector: nextval, DISTINCT ON
-- watch: sequences
-- as: select
SELECT DISTINCT ON (nextval('counter')) id FROM canary

-- vector: nextval, scalar subquery
-- watch: sequences
-- as: select
SELECT (SELECT nextval('counter'))

-- vector: nextval, EXISTS
-- watch: sequences
-- as: select
SELECT 1 WHERE EXISTS (SELECT 1 FROM canary WHERE nextval('counter') > 0)

-- vector: nextval, NOT IN subquery
-- watch: sequences
-- as: select
SELECT 1 WHERE 1 NOT IN (SELECT nextval('counter') + 5)

-- vector: nextval, ANY subquery
-- watch: sequences
-- as: select
SELECT 0 < ANY (SELECT nextval('counter'))

-- vector: nextval, ANY array
-- watch: sequences
-- as: select
SELECT 0 < ANY (ARRAY[nextval('counter')])

-- vector: nextval, ARRAY subquery
-- watch: sequences
-- as: select
SELECT ARRAY(SELECT nextval('counter') FROM canary)

-- vector: nextval, subquery in FROM
-- watch: sequences
-- as: select
SELECT * FROM (SELECT nextval('counter') AS n OFFSET 0) s

-- vector: nextval, subquery in LIMIT
-- watch: sequences
-- as: select
SELECT id FROM canary LIMIT (SELECT nextval('counter'))

-- vector: nextval, subquery in ORDER BY
-- watch: sequences
-- as: select
SELECT id FROM canary ORDER BY (SELECT nextval('counter') + id)

-- vector: nextval, subquery four levels down
-- watch: sequences
-- as: select
SELECT (SELECT max(a) FROM (SELECT (SELECT nextval('counter') + id) AS a FROM canary OFFSET 0) s)

-- vector: nextval, arm of UNION ALL
-- watch: sequences
-- as: select
SELECT 1 UNION ALL SELECT nextval('counter')

-- vector: nextval, arm of EXCEPT
-- watch: sequences
-- as: select
SELECT 1 EXCEPT (SELECT 2 INTERSECT SELECT nextval('counter'))

-- vector: nextval, WITH
-- watch: sequences
-- as: select
WITH w AS MATERIALIZED (SELECT nextval('counter') AS n) SELECT n FROM w

-- vector: nextval, recursive WITH
-- watch: sequences
-- as: select
WITH RECURSIVE r AS (SELECT 1::bigint AS n UNION ALL SELECT n + nextval('counter') FROM r WHERE n < 2) SELECT n FROM r

-- vector: nextval, SEARCH in a recursive WITH
-- watch: sequences
-- as: select
WITH RECURSIVE r AS (SELECT 1::bigint AS n UNION ALL SELECT n + nextval('counter') FROM r WHERE n < 2) SEARCH DEPTH FIRST BY n SET o SELECT n FROM r

-- vector: nextval, TABLE of a WITH
-- watch: sequences
-- as: select
WITH w AS (SELECT nextval('counter')) TABLE w

-- vector: nextval, field selection
-- watch: sequences
-- as: select
SELECT ('counter'::regclass).nextval

-- vector: nextval, field selection in FROM
-- watch: sequences
-- as: select
SELECT x.nextval FROM cast('counter' AS regclass) x

-- vector: nextval, field selection of a subquery
-- watch: sequences
-- as: select
SELECT (s.x).nextval FROM (SELECT regclass 'counter' AS x) s

-- vector: nextval, field selection in WHERE
-- watch: sequences
-- as: select
SELECT 1 FROM (SELECT 'counter'::regclass AS x OFFSET 0) s WHERE (s.x).nextval > 0

-- vector: nextval, schema in front
-- watch: sequences
-- as: select
SELECT pg_catalog.nextval('counter')

-- vector: nextval, database and schema in front
-- watch: sequences
-- as: select
SELECT * FROM pg_catalog.nextval('public.counter')

-- vector: nextval, operator with its schema
-- watch: sequences
-- as: select
SELECT 1 OPERATOR(pg_catalog.+) nextval('counter')

-- vector: nextval, VARIADIC
-- watch: sequences
-- as: select
SELECT concat(VARIADIC ARRAY[nextval('counter')])

-- vector: nextval, default of a column's own
-- watch: sequences
-- as: select
SELECT nextval(pg_get_serial_sequence('ladder', 'id'))

-- vector: nextval, argument of EXECUTE
-- source: read-only-vectors "PREPARE body"
-- watch: sequences
-- as: script
PREPARE p (bigint) AS SELECT $1
-- then
EXECUTE p (nextval('counter'))

-- vector: nextval, argument of CALL
-- watch: sequences
-- as: utility
CALL evil.idle(nextval('counter')::int)

-- vector: nextval, a cursor fetched row by row
-- watch: sequences
-- as: script
BEGIN
-- then
DECLARE c NO SCROLL CURSOR FOR SELECT nextval('counter') FROM canary
-- then
FETCH NEXT FROM c
-- then
MOVE 1 IN c
-- then
CLOSE c
-- then
COMMIT

-- vector: nextval, a cursor that outlives its transaction
-- watch: sequences
-- as: script
DECLARE c CURSOR WITH HOLD FOR SELECT nextval('counter') FROM canary

-- vector: nextval, DO block
-- watch: sequences
-- as: utility
DO $$ BEGIN PERFORM nextval('counter'); END $$
