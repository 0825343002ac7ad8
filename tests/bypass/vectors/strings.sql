-- vector: query_to_xml with a function
-- source: read-only-vectors "*_to_xml"; sqlsaber#184
-- watch: sequences
-- as: select
SELECT query_to_xml('SELECT nextval(''counter'')', true, true, '')

-- vector: query_to_xml with a write in a WITH
-- watch: rows
-- as: select
-- effect: error because query_to_xml runs its text read-only
SELECT query_to_xml('WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT * FROM w', true, true, '')

-- vector: query_to_xml that reads a file
-- watch: answer
-- answer: {secret}
-- as: select
SELECT query_to_xml($$SELECT pg_read_file('{folder}/secret.txt')$$, true, false, '')

-- vector: query_to_xml that undoes read only
-- watch: canary
-- as: select
SELECT query_to_xml($$SELECT set_config('default_transaction_read_only', 'off', false)$$, true, false, '')

-- vector: query_to_xmlschema
-- watch: rows
-- as: select
-- effect: none because the query is only described
SELECT query_to_xmlschema('SELECT evil.touch()', true, true, '')

-- vector: query_to_xml_and_xmlschema
-- watch: sequences
-- as: select
SELECT query_to_xml_and_xmlschema('SELECT nextval(''counter'')', true, true, '')

-- vector: table_to_xml of a view that writes
-- watch: rows
-- as: select
SELECT table_to_xml('evil.trap', true, true, '')

-- vector: schema_to_xml of a schema with such a view
-- watch: rows
-- as: select
SELECT schema_to_xml('evil', true, true, '')

-- vector: database_to_xml
-- watch: rows
-- as: select
SELECT database_to_xml(true, true, '')

-- vector: cursor_to_xml
-- watch: sequences
-- as: script
BEGIN
-- then
DECLARE c CURSOR FOR SELECT nextval('counter') FROM canary
-- then
SELECT cursor_to_xml('c', 10, true, true, '')
-- then
COMMIT

-- vector: ts_stat
-- source: sqlsaber#184
-- watch: sequences
-- as: select
SELECT * FROM ts_stat($$SELECT to_tsvector('simple', nextval('counter')::text)$$)

-- vector: ts_rewrite
-- watch: sequences
-- as: select
SELECT ts_rewrite('a & b'::tsquery, $$SELECT 'a'::tsquery, ('x' || nextval('counter'))::tsquery$$)

-- vector: crosstab
-- watch: sequences
-- as: select
SELECT * FROM crosstab($$SELECT 'a'::text, 'b'::text, nextval('counter')::text$$) AS t (a text, b text)

-- vector: connectby with a query for a table
-- watch: rows
-- as: select
SELECT * FROM connectby('(SELECT evil.touch()::text AS k, ''1'' AS p) x', 'k', 'p', '1', 2) AS t (k text, p text, level int)

-- vector: xpath_table with a condition that writes
-- watch: rows
-- as: select
SELECT * FROM xpath_table('id', '''<a>1</a>''', 'flock', '/a', 'evil.touch() = 1') AS t (id int, a text)

-- vector: has the text in a bind parameter
-- watch: sequences
-- as: script
-- not: extended
PREPARE p (text) AS SELECT query_to_xml($1, true, true, '')
-- then
EXECUTE p ('SELECT nextval(''counter'')')

-- vector: the text is put together from pieces
-- watch: sequences
-- as: select
SELECT query_to_xml('SEL' || 'ECT next' || chr(118) || 'al(''counter'')', true, true, '')

-- vector: DO with EXECUTE of pieces
-- source: superset#40421
-- watch: rows
-- as: utility
DO $do$ BEGIN EXECUTE 'INS' || 'ERT INTO canary VALUES (666)'; END $do$

-- vector: DO in a language of its own
-- watch: rows
-- as: utility
DO LANGUAGE plpgsql 'BEGIN INSERT INTO canary VALUES (666); END'

-- vector: DO that breaks out of its transaction
-- watch: rows
-- as: alone
DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO canary VALUES (666); END $$
