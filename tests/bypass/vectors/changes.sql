-- vector: INSERT
-- source: read-only-vectors "Anything at all"
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, 'plain')

-- vector: INSERT DEFAULT VALUES
-- watch: rows
-- as: change
INSERT INTO canary DEFAULT VALUES

-- vector: INSERT of a query
-- watch: rows
-- as: change
INSERT INTO canary SELECT * FROM canary LIMIT 1

-- vector: INSERT with RETURNING
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666) RETURNING *

-- vector: INSERT ON CONFLICT DO UPDATE
-- watch: rows
-- as: change
INSERT INTO flock VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = flock.name || 'u'

-- vector: INSERT ON CONFLICT DO NOTHING
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666) ON CONFLICT DO NOTHING

-- vector: INSERT OVERRIDING SYSTEM VALUE
-- watch: rows
-- as: change
INSERT INTO ladder (step) OVERRIDING SYSTEM VALUE VALUES (1)

-- vector: INSERT that inserts nothing and takes a number
-- watch: sequences
-- as: change
INSERT INTO canary (id) SELECT 1 WHERE nextval('counter') < 0

-- vector: INSERT whose RETURNING calls a function
-- watch: sequences
-- as: change
INSERT INTO canary VALUES (666) RETURNING nextval('counter')

-- vector: INSERT through a view
-- watch: rows
-- as: change
INSERT INTO canary_view VALUES (666)

-- vector: UPDATE
-- watch: rows
-- as: change
UPDATE flock SET name = name || 'a'

-- vector: UPDATE with a subquery on the right
-- watch: rows
-- as: change
UPDATE flock SET (name) = ROW((SELECT max(name) || 'b' FROM flock))

-- vector: UPDATE ONLY with FROM and RETURNING
-- watch: rows
-- as: change
UPDATE ONLY flock AS f SET name = f.name || c.id FROM canary c WHERE f.id = c.id RETURNING f.id

-- vector: UPDATE of a catalog
-- watch: roles
-- as: change
UPDATE pg_catalog.pg_authid SET rolconnlimit = rolconnlimit WHERE rolname = 'pawn'

-- vector: UPDATE of a setting through its view
-- watch: answer
-- as: script
-- answer: is 1234kB
-- not: extended
UPDATE pg_settings SET setting = '1234' WHERE name = 'work_mem'
-- then
SELECT 'is ' || current_setting('work_mem')

-- vector: DELETE
-- watch: rows
-- as: change
-- before: INSERT INTO canary VALUES (9, 'prey')
DELETE FROM canary WHERE id = 9

-- vector: DELETE USING with RETURNING
-- watch: rows
-- as: change
-- before: INSERT INTO canary VALUES (9, 'prey')
DELETE FROM canary USING flock WHERE canary.id = 9 RETURNING canary.id

-- vector: MERGE that inserts
-- watch: rows
-- as: change
-- since: 15
MERGE INTO canary c USING (VALUES (-1)) v(id) ON c.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (666)

-- vector: MERGE that deletes
-- watch: rows
-- as: change
-- since: 15
-- before: INSERT INTO canary VALUES (9, 'prey')
MERGE INTO canary c USING (VALUES (9)) v(id) ON c.id = v.id WHEN MATCHED THEN DELETE

-- vector: MERGE with RETURNING
-- watch: rows
-- as: change
-- since: 17
MERGE INTO canary c USING (VALUES (-1)) v(id) ON c.id = v.id WHEN NOT MATCHED BY TARGET THEN INSERT VALUES (666) RETURNING merge_action()

-- vector: MERGE with a write as its source
-- watch: rows
-- as: change
-- since: 15
WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) MERGE INTO flock f USING w ON f.id = w.id WHEN MATCHED THEN DO NOTHING

-- vector: TRUNCATE
-- watch: rows
-- as: utility
-- before: INSERT INTO brine VALUES (1)
TRUNCATE brine

-- vector: TRUNCATE that restarts sequences
-- watch: sequences
-- as: utility
-- before: SELECT nextval('ladder_id_seq'), nextval('ladder_id_seq')
TRUNCATE TABLE ONLY ladder RESTART IDENTITY CASCADE

-- vector: UPDATE WHERE CURRENT OF a cursor
-- watch: rows
-- as: script
BEGIN
-- then
DECLARE c CURSOR FOR SELECT * FROM flock
-- then
FETCH 1 FROM c
-- then
UPDATE flock SET name = name || 'c' WHERE CURRENT OF c
-- then
COMMIT

-- vector: DELETE WHERE CURRENT OF a cursor
-- watch: rows
-- as: script
-- not: extended
-- before: INSERT INTO canary VALUES (9, 'prey')
BEGIN; DECLARE c CURSOR FOR SELECT * FROM canary; FETCH 1 FROM c
-- then
DELETE FROM canary WHERE CURRENT OF c; COMMIT
