-- vector: COPY FROM STDIN
-- source: read-only-vectors "COPY"
-- watch: rows
-- as: alone
-- not: apart, extended named
COPY canary (id) FROM STDIN

-- vector: COPY FROM STDIN BINARY spelled the old way
-- watch: rows
-- as: alone
-- not: apart, extended named
-- effect: error because the data are text
COPY BINARY canary (id) FROM STDIN

-- vector: COPY FROM STDIN with options and WHERE
-- watch: rows
-- as: alone
-- not: apart, extended named
COPY canary (id) FROM STDIN WITH (FORMAT csv, FREEZE off) WHERE id > 0

-- vector: COPY FROM STDIN between other statements
-- watch: rows
-- as: script
-- not: extended
SELECT 1; COPY canary (id) FROM STDIN; SELECT 2

-- vector: COPY FROM a file
-- watch: rows
-- as: utility
COPY canary (id, note) FROM '{folder}/rows.txt'

-- vector: COPY FROM PROGRAM
-- source: pgadmin4#10022
-- watch: rows
-- as: utility
COPY canary (id) FROM PROGRAM 'echo 666'

-- vector: COPY FROM PROGRAM into a table for its effect only
-- watch: files
-- as: utility
COPY canary (id) FROM PROGRAM 'date +%N > {folder}/program.txt'

-- vector: COPY TO a file
-- watch: files
-- as: utility
-- before: COPY (SELECT clock_timestamp()) TO '{folder}/out.txt'
COPY canary TO '{folder}/out.txt'

-- vector: COPY of a query to a file
-- watch: files
-- as: utility
COPY (SELECT clock_timestamp()) TO '{folder}/out.txt'

-- vector: COPY TO PROGRAM
-- source: pgadmin4#10022
-- watch: files
-- as: utility
COPY (SELECT clock_timestamp()) TO PROGRAM 'cat > {folder}/out.txt'

-- vector: COPY TO PROGRAM with the file's name escaped
-- source: pgadmin4#10213
-- watch: files
-- as: utility
COPY (SELECT clock_timestamp()) TO PROGRAM E'c\141t > {folder}/out.txt'

-- vector: COPY of an INSERT with RETURNING
-- source: read-only-vectors "COPY (query)"
-- watch: rows
-- as: utility
COPY (INSERT INTO canary VALUES (666) RETURNING id) TO STDOUT

-- vector: COPY of an UPDATE with RETURNING
-- watch: rows
-- as: utility
COPY (UPDATE flock SET name = name || ',' WHERE id = 1 RETURNING id) TO STDOUT

-- vector: COPY of a DELETE with RETURNING
-- watch: rows
-- as: utility
-- before: INSERT INTO flock VALUES (9, 'prey') ON CONFLICT DO NOTHING
COPY (DELETE FROM flock WHERE id = 9 RETURNING id) TO STDOUT WITH CSV

-- vector: COPY of a MERGE with RETURNING
-- watch: rows
-- as: utility
-- since: 17
COPY (MERGE INTO flock f USING (VALUES (1)) v(id) ON f.id = v.id WHEN MATCHED THEN UPDATE SET name = name || ';' RETURNING f.id) TO STDOUT

-- vector: COPY of a write in a WITH
-- watch: rows
-- as: utility
COPY (WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM w) TO STDOUT

-- vector: COPY of a query with a function in it
-- watch: sequences
-- as: utility
COPY (SELECT nextval('counter')) TO STDOUT

-- vector: COPY of a SELECT INTO
-- watch: schema
-- as: utility
-- effect: error because COPY (SELECT INTO) is not supported
COPY (SELECT 1 AS a INTO loot) TO STDOUT

-- vector: COPY FROM a program into a table with a key
-- watch: rows
-- as: utility
COPY flock (id, name) FROM PROGRAM 'echo "$(date +%N | sed s/^0*//)	x"'

-- vector: COPY FROM a file whose name is in dollar quotes
-- watch: rows
-- as: utility
COPY canary (id, note) FROM $q${folder}/rows.txt$q$
