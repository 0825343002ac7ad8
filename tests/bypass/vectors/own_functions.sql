-- vector: a volatile function, with its schema
-- source: read-only-vectors "volatile UDFs"; pg_readonly#1
-- watch: rows
-- as: select
SELECT evil.touch()

-- vector: a volatile function, without a schema
-- watch: rows
-- as: select
SELECT borrow()

-- vector: a function that only claims to be stable
-- source: read-only-vectors "wrongly marked STABLE functions"
-- watch: rows
-- as: select
SELECT evil.sly()

-- vector: a function that only claims to be immutable
-- watch: rows
-- as: select
SELECT evil.frozen(1)

-- vector: a function of SQL that is inlined
-- watch: rows
-- as: select
SELECT evil.inlined()

-- vector: a function of SQL that writes, in FROM
-- watch: rows
-- as: select
SELECT * FROM evil.changing()

-- vector: a function whose default argument writes
-- watch: rows
-- as: select
SELECT evil.defaulted()

-- vector: a function with VARIADIC arguments
-- watch: rows
-- as: select
SELECT evil.many(1, 2, 3)

-- vector: a function with named arguments
-- watch: rows
-- as: select
SELECT evil.touch(amount => 5)

-- vector: a function with named arguments, the old arrow
-- watch: rows
-- as: select
SELECT evil.touch(amount := 5)

-- vector: the same name as a built-in, in a schema that is named
-- source: read-only-vectors "schema-shadowed names"
-- watch: rows
-- as: select
SELECT evil.lower('X')

-- vector: the same name as a built-in, other arguments
-- source: read-only-vectors "schema-shadowed names"
-- watch: rows
-- as: select
SELECT length(1)

-- vector: the same name as a built-in, by search_path
-- source: read-only-vectors "schema-shadowed names"; awslabs/mcp#4092
-- watch: rows
-- as: script
SET search_path TO evil, pg_catalog
-- then
SELECT lower('X')

-- vector: the same name as a built-in, by search_path in the same message
-- source: awslabs/mcp#4092
-- watch: notifications
-- as: script
-- not: extended
SET search_path = evil, pg_catalog; SELECT upper('X')

-- vector: the same name as a built-in, by SET SCHEMA
-- source: awslabs/mcp#4092
-- watch: notifications
-- as: script
-- effect: none because the built-in schema comes first where search_path does not name it
SET SCHEMA 'evil'
-- then
SELECT upper('X')

-- vector: the same name as a built-in, by search_path, no write
-- watch: notifications
-- as: script
SET search_path TO evil, pg_catalog
-- then
SELECT upper('x')

-- vector: the same, for one transaction
-- watch: notifications
-- as: script
BEGIN
-- then
SET LOCAL search_path TO evil, pg_catalog
-- then
SELECT upper('x')
-- then
COMMIT

-- vector: the same, by options at the start
-- watch: notifications
-- as: script
-- startup: options=-c search_path=evil,pg_catalog
SELECT upper('x')

-- vector: the same, by a parameter at the start
-- watch: notifications
-- as: script
-- startup: search_path=evil, pg_catalog
SELECT upper('x')

-- vector: the same, back by RESET of what the start said
-- watch: notifications
-- as: script
-- startup: search_path=evil, pg_catalog
SET search_path TO pg_catalog
-- then
RESET search_path
-- then
SELECT upper('x')

-- vector: the same, undone by ROLLBACK TO
-- watch: notifications
-- as: script
SET search_path TO evil, pg_catalog
-- then
BEGIN
-- then
SAVEPOINT s
-- then
SET LOCAL search_path TO pg_catalog
-- then
ROLLBACK TO s
-- then
SELECT upper('x')
-- then
COMMIT

-- vector: prepared under one search_path, executed under another
-- source: read-only-vectors "Extended"
-- watch: notifications
-- as: script
PREPARE p AS SELECT upper('x')
-- then
SET search_path TO evil, pg_catalog
-- then
EXECUTE p

-- vector: a function of a temporary schema
-- watch: rows
-- as: script
CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'INSERT INTO public.canary VALUES (666); SELECT 1'
-- then
SELECT pg_temp.mine()

-- vector: an operator with its schema
-- source: read-only-vectors "operators"
-- watch: rows
-- as: select
SELECT 1 OPERATOR(evil.+) 2

-- vector: an operator of its own name
-- watch: rows
-- as: select
SELECT 1 <+> 2

-- vector: a prefix operator
-- watch: rows
-- as: select
SELECT !!> 1

-- vector: an operator with ANY
-- watch: rows
-- as: select
-- effect: error because op ANY needs an operator that yields boolean
SELECT 1 <+> ANY (ARRAY[1, 2])

-- vector: a built-in operator's name, by search_path
-- watch: rows
-- as: script
SET search_path TO evil, pg_catalog
-- then
SELECT 1 + 2

-- vector: a built-in operator's name, other arguments
-- watch: rows
-- as: select
SELECT '(1,2)'::evil.pair = '(1,2)'::evil.pair

-- vector: an aggregate
-- watch: rows
-- as: select
SELECT evil.gather(id) FROM flock

-- vector: an aggregate as a window function
-- watch: rows
-- as: select
SELECT evil.gather(id) OVER (ORDER BY id) FROM flock

-- vector: a function for a window
-- watch: rows
-- as: select
SELECT sum(evil.touch(id)) OVER () FROM flock

-- vector: in an argument's default position of JOIN
-- watch: rows
-- as: select
SELECT * FROM flock a JOIN flock b ON a.id = b.id AND evil.touch(a.id) = 1

-- vector: a procedure
-- source: superset#40421
-- watch: rows
-- as: utility
CALL evil.strike()

-- vector: a procedure that breaks out of its transaction
-- watch: rows
-- as: alone
CALL evil.break_out()

-- vector: a function that undoes read only
-- watch: canary
-- as: select
SELECT evil.unlock()

-- vector: a function that writes a file
-- watch: files
-- as: select
-- before: COPY (SELECT clock_timestamp()) TO '{folder}/function.txt'
SELECT evil.export('{folder}/function.txt')

-- vector: a function that notifies
-- watch: notifications
-- as: select
SELECT evil.shout()

-- vector: a function that looks like a column
-- watch: rows
-- as: select
SELECT c.swallow FROM canary c LIMIT 1

-- vector: a function of a row
-- watch: rows
-- as: select
SELECT swallow(c) FROM canary c LIMIT 1

-- vector: a view that writes
-- source: read-only-vectors "Views, operators, casts, RLS"
-- watch: rows
-- as: select
SELECT * FROM evil.trap

-- vector: a domain whose check writes
-- watch: rows
-- as: select
SELECT 1::evil.checked

-- vector: a domain as the type of a string
-- watch: rows
-- as: select
SELECT evil.checked '1'

-- vector: a domain as the type of a parameter
-- watch: rows
-- as: script
PREPARE p (evil.checked) AS SELECT $1
-- then
EXECUTE p (1)

-- vector: a cast
-- source: read-only-vectors "casts"
-- watch: rows
-- as: select
SELECT 1::evil.pair

-- vector: a cast in the other notation
-- watch: rows
-- as: select
SELECT CAST(1 AS evil.pair)

-- vector: a cast in the notation of a function
-- watch: rows
-- as: select
-- effect: error because a type of several columns is no function
SELECT evil.pair(1)

-- vector: a built-in's name by search_path, the built-in schema's name in quotes
-- watch: notifications
-- as: script
SET search_path TO evil, "pg_catalog"
-- then
SELECT upper('x')

-- vector: a built-in's name by search_path, the built-in schema's name in capitals
-- watch: notifications
-- as: script
SET search_path TO evil, PG_CATALOG
-- then
SELECT upper('x')

-- vector: a built-in's name by search_path, the built-in schema's name in Unicode escapes
-- watch: notifications
-- as: script
SET search_path TO evil, U&"pg\005fcatalog"
-- then
SELECT upper('x')

-- vector: a built-in's name by search_path, the built-in schema's name as a string
-- watch: notifications
-- as: script
SET search_path TO evil, 'pg_catalog'
-- then
SELECT upper('x')

-- vector: a built-in's name by search_path, the setting's name in capitals and quotes
-- watch: notifications
-- as: script
SET "SEARCH_Path" TO evil, pg_catalog
-- then
SELECT upper('x')

-- vector: a built-in's name by search_path, by set_config with quotes and spaces
-- watch: notifications
-- as: script
SELECT set_config('search_path', E' evil ,\t"pg_catalog"', false)
-- then
SELECT upper('x')

-- vector: a built-in's name by search_path, by set_config for the transaction only
-- watch: notifications
-- as: script
-- not: extended
BEGIN; SELECT set_config('search_path', 'evil,pg_catalog', true)
-- then
SELECT upper('x')
-- then
COMMIT

-- vector: a built-in's name by search_path at the start, options, long form
-- watch: notifications
-- as: script
-- startup: options=--search_path=evil,pg_catalog
SELECT upper('x')

-- vector: a built-in's name by search_path at the start, options, dashes
-- watch: notifications
-- as: script
-- startup: options=-c search-path=evil,pg_catalog
SELECT upper('x')

-- vector: a built-in's name by search_path at the start, options, no space
-- watch: notifications
-- as: script
-- startup: options=-csearch_path=evil,pg_catalog
SELECT upper('x')

-- vector: a built-in's name by search_path at the start, options, escaped letters
-- watch: notifications
-- as: script
-- startup: options=-c se\arch\_path=evil,pg\_catalog
SELECT upper('x')

-- vector: a built-in's name by search_path at the start, options, escaped spaces
-- watch: notifications
-- as: script
-- startup: options=-c search_path=evil,\ pg_catalog
SELECT upper('x')

-- vector: a built-in's name by search_path at the start, options, tabs and line ends
-- watch: notifications
-- as: script
-- startup: options={tab}-c{vt}search_path=evil,pg_catalog{tab}
SELECT upper('x')

-- vector: a built-in's name by search_path at the start, a parameter in capitals
-- watch: notifications
-- as: script
-- startup: Search_PATH=evil, pg_catalog
SELECT upper('x')

-- vector: a name that a later grammar keeps for itself
-- source: read by the grammar of 18, json_scalar(1) is no call; before 17 it is one
-- watch: locks
-- as: select
-- until: 16
-- before: CREATE OR REPLACE FUNCTION public.json_scalar(int) RETURNS int LANGUAGE sql AS 'SELECT 1 FROM (SELECT pg_advisory_lock(4711)) held'
SELECT json_scalar(1)

-- vector: a name without arguments that a later grammar keeps for itself
-- watch: locks
-- as: select
-- until: 16
-- before: CREATE OR REPLACE FUNCTION public.merge_action() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM (SELECT pg_advisory_lock(4711)) held'
SELECT merge_action()
