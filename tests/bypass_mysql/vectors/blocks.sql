-- vector: BEGIN NOT ATOMIC
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC INSERT INTO canary VALUES (666, 0); END

-- vector: BEGIN NOT ATOMIC, two inside each other
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC BEGIN SELECT 1; BEGIN INSERT INTO canary VALUES (666, 0); END; END; END

-- vector: BEGIN NOT ATOMIC with a label
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
-- effect: error because a label is for blocks within
outermost: BEGIN NOT ATOMIC INSERT INTO canary VALUES (666, 0); END outermost

-- vector: IF
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
IF 1 THEN INSERT INTO canary VALUES (666, 0); END IF

-- vector: IF ELSE
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
IF 0 THEN SELECT 1; ELSEIF 0 THEN SELECT 2; ELSE INSERT INTO canary VALUES (666, 0); END IF

-- vector: IF with a function
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
IF swallow() THEN SELECT 1; END IF

-- vector: CASE as a statement
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
CASE 1 WHEN 1 THEN INSERT INTO canary VALUES (666, 0); END CASE

-- vector: CASE as a statement with a function
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
CASE swallow() WHEN 1 THEN SELECT 1; END CASE

-- vector: WHILE
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
BEGIN NOT ATOMIC DECLARE a INT DEFAULT 0; WHILE a < 1 DO SET a = a + 1; INSERT INTO canary VALUES (666, 0); END WHILE; END

-- vector: WHILE alone
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
WHILE swallow() = 0 DO SELECT 1; END WHILE

-- vector: LOOP
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
BEGIN NOT ATOMIC l: LOOP INSERT INTO canary VALUES (666, 0); LEAVE l; END LOOP; END

-- vector: REPEAT
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
REPEAT INSERT INTO canary VALUES (666, 0); UNTIL 1 END REPEAT

-- vector: FOR over numbers
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
FOR i IN 1 .. 2 DO INSERT INTO canary VALUES (i, 'x'); END FOR

-- vector: FOR over a query
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
FOR r IN (SELECT swallow() AS a) DO SELECT 1; END FOR

-- vector: a handler
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR SQLEXCEPTION INSERT INTO canary VALUES (666, 0); SELECT no_such_column FROM canary; END

-- vector: a default
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
BEGIN NOT ATOMIC DECLARE a INT DEFAULT swallow(); SELECT a; END

-- vector: a cursor
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
BEGIN NOT ATOMIC DECLARE a INT; DECLARE c CURSOR FOR SELECT swallow(); OPEN c; FETCH c INTO a; CLOSE c; END

-- vector: a block in Oracle's spelling
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, batch, transaction, mode
-- modes: ORACLE
BEGIN INSERT INTO canary VALUES (666, 0); END

-- vector: a block in Oracle's spelling with variables
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, batch, transaction, mode
-- modes: ORACLE
DECLARE a INT := swallow(); BEGIN SELECT a; END

-- vector: a procedure in a block
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC CALL deposit(); END

-- vector: a text in a block
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC EXECUTE IMMEDIATE 'INSERT INTO canary VALUES (666, 0)'; END

-- vector: a prepared text in a block
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC PREPARE p FROM 'INSERT INTO canary VALUES (666, 0)'; EXECUTE p; DEALLOCATE PREPARE p; END

-- vector: a setting of the server in a block
-- watch: variables
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC SET GLOBAL max_prepared_stmt_count = CAST(4000 + RAND() * 10000 AS INT); END

-- vector: a file in a block
-- watch: files
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC SELECT 1 INTO OUTFILE '{folder}/out.txt'; END

-- vector: a lock in a block
-- watch: locks
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, after, transaction
BEGIN NOT ATOMIC DO GET_LOCK('loot', 0); END

-- vector: RETURN of nothing
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block, mode ORACLE
BEGIN NOT ATOMIC DECLARE a INT; SET a = (SELECT swallow()); END

-- vector: SIGNAL behind a change
-- watch: rows
-- as: utility
-- not: prepared, executed, for one, block, condition, binary: block
BEGIN NOT ATOMIC INSERT INTO counters (hits) VALUES (666); SIGNAL SQLSTATE '45000'; END

-- vector: CALL that undoes, then writes
-- watch: rows
-- as: utility
CALL deposit()

-- vector: CALL of a procedure that locks
-- watch: locks
-- as: utility
-- not: after, transaction
CALL lock_all()

-- vector: CALL of a procedure that reads
-- watch: rows
-- as: utility
-- effect: none because it reads; that it does is not to be seen in the text
CALL reader()
