-- vector: a comment in front
-- source: pg-mcp-server#3; TablePro#2101; pgedge-postgres-mcp#196
-- watch: rows
-- as: change
/* SELECT 1 */ INSERT INTO canary VALUES (666)

-- vector: a line comment in front
-- source: pg-mcp-server#3
-- watch: rows
-- as: script
--SELECT 1
INSERT INTO canary VALUES (666)

-- vector: a comment for another program in front
-- source: read-only-vectors "pgdog_role comment"
-- watch: rows
-- as: change
/* pgdog_role: replica */ /*NO LOAD BALANCE*/ INSERT INTO canary VALUES (666)

-- vector: a comment that MySQL would run, and PostgreSQL skips
-- source: read-only-vectors "/*! */"; awslabs/mcp#4044; dbx#3156; dbhub#284
-- watch: rows
-- as: change
/*!50000 SELECT 1 */ INSERT INTO canary VALUES (666)

-- vector: comments inside comments
-- source: read-only-vectors "nested PG comments"
-- watch: rows
-- as: change
/* /* */ SELECT 1; -- */ INSERT INTO canary VALUES (666)

-- vector: what looks like the end of a nested comment
-- watch: rows
-- as: change
/* /* */ SELECT 1 /* */ */ INSERT INTO canary VALUES (666) /* ' */

-- vector: comments between all words
-- source: awslabs/mcp#4044
-- watch: rows
-- as: change
INSERT/**/INTO/**/canary/**/VALUES/**/(666)--

-- vector: a comment that begins inside an operator
-- watch: sequences
-- as: select
SELECT 1 +/* - */nextval('counter')

-- vector: a line comment that ends with a carriage return
-- source: read-only-vectors "Comments"
-- watch: rows
-- as: script
--SELECT 1{cr}INSERT INTO canary VALUES (666)

-- vector: a hash is no comment
-- watch: sequences
-- as: select
SELECT 1 # nextval('counter')::int

-- vector: two strings on two lines are one
-- watch: sequences
-- as: select
SELECT nextval('coun'
'ter')

-- vector: a name in quotes
-- watch: sequences
-- as: select
SELECT "pg_catalog"."nextval"('counter')

-- vector: a name in Unicode escapes
-- source: elizaOS#14286; read-only-vectors "U&''"
-- watch: sequences
-- as: select
SELECT U&"nex\0074val"('counter')

-- vector: a name in Unicode escapes of six digits
-- source: elizaOS#14286
-- watch: sequences
-- as: select
SELECT U&"\+00006eextval"('counter')

-- vector: a name in Unicode escapes by a sign of its own
-- watch: sequences
-- as: select
SELECT U&"n*0065xtval" UESCAPE '*' ('counter')

-- vector: a schema in Unicode escapes
-- watch: sequences
-- as: select
SELECT U&"pg\005fcatalog".U&"nextval"('counter')

-- vector: a table's name that ends the statement for a naive reader
-- watch: rows
-- as: script
-- not: extended
-- before: DROP TABLE IF EXISTS "a; SELECT 1 --"; CREATE TABLE "a; SELECT 1 --" (a int)
INSERT INTO "a; SELECT 1 --" VALUES (1)

-- vector: a dollar quote with a quote inside, then a write
-- source: agami-core#85
-- watch: rows
-- as: script
-- not: extended
SELECT $$'$$; INSERT INTO canary VALUES (666) -- '

-- vector: a dollar quote with a tag
-- source: read-only-vectors "dollar quotes"
-- watch: rows
-- as: script
-- not: extended
SELECT $a$ $b$ $a$; INSERT INTO canary VALUES (666); SELECT $a$ $b$ $a$

-- vector: a dollar in a name opens no quote
-- watch: rows
-- as: script
-- not: extended
SELECT 1 AS a$b$; INSERT INTO canary VALUES (666); SELECT 2 AS a$b$

-- vector: a parameter is no dollar quote
-- watch: rows
-- as: script
-- not: extended
PREPARE p (int) AS SELECT $1; INSERT INTO canary VALUES (666); PREPARE q (int) AS SELECT $1

-- vector: an escaped quote in an escape string, then a write
-- source: read-only-vectors "E''"; awslabs/mcp#4092
-- watch: rows
-- as: script
-- not: extended
SELECT E'\''; INSERT INTO canary VALUES (666); SELECT E'\''

-- vector: a backslash at the end of a standard string, then a write
-- source: pgadmin4#10192
-- watch: rows
-- as: script
-- not: extended
SELECT '\'; INSERT INTO canary VALUES (666); SELECT '\'

-- vector: standard_conforming_strings off turns a string into a write
-- source: read-only-vectors "standard_conforming_strings=off"
-- watch: rows
-- as: script
-- not: extended
SET standard_conforming_strings = off
-- then
SELECT 'a\'; SELECT 2; --'; INSERT INTO canary VALUES (666); --'

-- vector: the same in one message
-- watch: rows
-- as: script
-- not: extended
-- effect: none because a message is read as a whole before its first statement runs
SET standard_conforming_strings = off; SELECT 'a\'; SELECT 2; --'; INSERT INTO canary VALUES (666); --'

-- vector: standard_conforming_strings off at the start
-- watch: rows
-- as: script
-- not: extended
-- startup: standard_conforming_strings=off
SELECT 'a\'; SELECT 2; --'; INSERT INTO canary VALUES (666); --'

-- vector: standard_conforming_strings off by set_config
-- watch: rows
-- as: script
-- not: extended
SELECT set_config('standard_conforming_strings', 'off', false)
-- then
SELECT 'a\'; SELECT 2; --'; INSERT INTO canary VALUES (666); --'

-- vector: standard_conforming_strings off, on again by ROLLBACK
-- watch: rows
-- as: script
-- not: extended
BEGIN
-- then
SET standard_conforming_strings = off
-- then
ROLLBACK
-- then
SELECT 'a\'; INSERT INTO canary VALUES (666); --'

-- vector: standard_conforming_strings off changes a function's name
-- watch: sequences
-- as: script
SET standard_conforming_strings = off
-- then
SELECT nextval('c\157unter')

-- vector: backslash_quote
-- watch: rows
-- as: script
-- not: extended
SET backslash_quote = on
-- then
SELECT E'\'; SELECT 1; --'; INSERT INTO canary VALUES (666); --'

-- vector: empty statements around
-- source: read-only-vectors "Multi-statement Q"
-- watch: rows
-- as: script
;;; ; INSERT INTO canary VALUES (666);; ;

-- vector: a semicolon in a string
-- watch: rows
-- as: script
-- not: extended
SELECT ';'; INSERT INTO canary VALUES (666); SELECT ';'

-- vector: a batch of two, nothing between
-- watch: rows
-- as: script
-- not: extended
SELECT 1;INSERT INTO canary VALUES(666);

-- vector: words without a space between
-- watch: rows
-- as: change
INSERT INTO"canary"VALUES(666)RETURNING"id"

-- vector: numbers that run into words
-- watch: sequences
-- as: select
-- until: 14
SELECT 1FROM nextval('counter')

-- vector: numbers of the newer kind
-- watch: sequences
-- as: select
-- since: 16
SELECT 0x1F + 1_000 + nextval('counter')

-- vector: a form feed and a tab for spaces
-- source: read-only-vectors "Unicode spaces"
-- watch: rows
-- as: script
{ff}INSERT{tab}INTO{ff}canary{cr}VALUES{lf}(666)

-- vector: a vertical tab for a space
-- watch: rows
-- as: script
-- since: 17
INSERT{vt}INTO canary VALUES (666)

-- vector: a space of Unicode is a letter
-- watch: rows
-- as: script
-- effect: error because it is a letter of a name
INSERT{nbsp}INTO canary VALUES (666)

-- vector: a byte order mark in front
-- watch: rows
-- as: script
-- effect: error because it is a letter of a name
{bom}INSERT INTO canary VALUES (666)

-- vector: a name that is folded
-- watch: sequences
-- as: select
SELECT PG_CATALOG.NEXTVAL('counter')

-- vector: a name longer than names may be is cut
-- watch: sequences
-- as: script
-- before: DROP FUNCTION IF EXISTS harmless_name_that_is_exactly_sixty_three_bytes_long_as_names_ar(); CREATE FUNCTION harmless_name_that_is_exactly_sixty_three_bytes_long_as_names_ar() RETURNS bigint LANGUAGE sql AS $$SELECT nextval('public.counter')$$
SELECT harmless_name_that_is_exactly_sixty_three_bytes_long_as_names_are_cut()

-- vector: the old syntax of a function without parentheses
-- watch: rows
-- as: script
-- effect: none because only listed words are functions without parentheses
SELECT session_user

-- vector: a field's name that another escape sign of the same text would not read, a file
-- source: texts that differ in literals share one judgement; the sign behind UESCAPE is such a literal
-- watch: answer
-- answer: {secret}
-- as: script
SELECT f.U&"!0070g_read_file" UESCAPE '#' FROM unnest(ARRAY['{folder}/secret.txt']) f
-- then
SELECT f.U&"!0070g_read_file" UESCAPE '!' FROM unnest(ARRAY['{folder}/secret.txt']) f

-- vector: a field's name that another escape sign of the same text would not read, a lock
-- watch: locks
-- as: script
SELECT n.U&"!0070g_advisory_lock" UESCAPE '#' FROM unnest(ARRAY[4711]) n
-- then
SELECT n.U&"!0070g_advisory_lock" UESCAPE '!' FROM unnest(ARRAY[4711]) n
