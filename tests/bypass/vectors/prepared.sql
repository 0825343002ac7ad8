-- vector: PREPARE and EXECUTE of an INSERT
-- source: read-only-vectors "PREPARE body"
-- watch: rows
-- as: script
PREPARE p AS INSERT INTO canary VALUES (666)
-- then
EXECUTE p

-- vector: PREPARE and EXECUTE in one message
-- watch: rows
-- as: script
-- not: extended
PREPARE p AS DELETE FROM canary WHERE id = 1; EXECUTE p; DEALLOCATE ALL; INSERT INTO canary VALUES (1, 'one')

-- vector: PREPARE with parameters
-- watch: rows
-- as: script
PREPARE "p q" (int, text) AS INSERT INTO canary VALUES ($1, $2)
-- then
EXECUTE "p q" (666, 'x')

-- vector: PREPARE of a write in a WITH
-- watch: rows
-- as: script
PREPARE p AS WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT * FROM w
-- then
EXECUTE p

-- vector: PREPARE of a function
-- watch: sequences
-- as: script
PREPARE p AS SELECT nextval('counter')
-- then
SELECT 1
-- then
EXECUTE p

-- vector: EXECUTE whose argument is a write's function
-- watch: rows
-- as: script
PREPARE p (int) AS SELECT $1
-- then
EXECUTE p (evil.touch())

-- vector: a name prepared twice, the second time harmless
-- watch: rows
-- as: script
-- not: extended
PREPARE p AS INSERT INTO canary VALUES (666); SELECT 1
-- then
PREPARE p AS SELECT 1
-- then
EXECUTE p

-- vector: a name freed and prepared again
-- watch: rows
-- as: script
PREPARE p AS SELECT 1
-- then
DEALLOCATE PREPARE p
-- then
PREPARE p AS INSERT INTO canary VALUES (666)
-- then
EXECUTE p

-- vector: a name freed by DISCARD
-- watch: rows
-- as: script
PREPARE p AS SELECT 1
-- then
DISCARD ALL
-- then
PREPARE p AS INSERT INTO canary VALUES (666)
-- then
EXECUTE p

-- vector: DECLARE and FETCH
-- source: read-only-vectors "DECLARE"
-- watch: rows
-- as: script
BEGIN
-- then
DECLARE c CURSOR FOR SELECT evil.touch()
-- then
FETCH 1 FROM c
-- then
COMMIT

-- vector: DECLARE BINARY INSENSITIVE SCROLL WITH HOLD
-- watch: rows
-- as: script
DECLARE "c d" BINARY INSENSITIVE SCROLL CURSOR WITH HOLD FOR SELECT evil.touch()

-- vector: a cursor opened in a transaction that may write
-- source: read-only-vectors "cursor opened RW"
-- watch: rows
-- as: script
BEGIN READ WRITE
-- then
DECLARE c CURSOR FOR SELECT length(1)
-- then
FETCH ALL c
-- then
COMMIT

-- vector: a cursor over what moves a sequence, moved only
-- watch: sequences
-- as: script
-- not: extended
BEGIN; DECLARE c SCROLL CURSOR FOR SELECT nextval('counter'); MOVE FORWARD ALL IN c; COMMIT

-- vector: DECLARE over a write in a WITH
-- watch: rows
-- as: script
-- effect: error because a cursor's query must not write in a WITH
BEGIN
-- then
DECLARE c CURSOR FOR WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT * FROM w
-- then
FETCH ALL c
