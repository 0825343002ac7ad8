-- vector: PREPARE and EXECUTE
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT INTO canary VALUES (666, 0)'
-- then
EXECUTE p

-- vector: PREPARE from a variable
-- watch: rows
-- as: script
-- not: binary
SET @p = 'INSERT INTO canary VALUES (666, 0)'
-- then
PREPARE p FROM @p
-- then
EXECUTE p

-- vector: PREPARE from a variable that a query filled
-- watch: rows
-- as: script
-- not: binary
SELECT 'INSERT INTO canary VALUES (666, 0)' INTO @p
-- then
PREPARE p FROM @p
-- then
EXECUTE p

-- vector: PREPARE from a variable assigned in a query
-- watch: rows
-- as: script
-- not: binary
SELECT @p := 'INSERT INTO canary VALUES (666, 0)'
-- then
PREPARE p FROM @p
-- then
EXECUTE p

-- vector: PREPARE from a sum of strings
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM CONCAT('INSERT INTO ', 'canary VALUES (666, 0)')
-- then
EXECUTE p

-- vector: PREPARE from hexadecimal digits
-- watch: rows
-- as: script
-- not: binary
SET @p = 0x494e5345525420494e544f2063616e6172792056414c55455320283636362c203029
-- then
PREPARE p FROM @p
-- then
EXECUTE p

-- vector: PREPARE with values
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT INTO canary VALUES (?, ?)'
-- then
SET @a = 666
-- then
EXECUTE p USING @a, @a

-- vector: PREPARE with values given at once
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT INTO canary VALUES (?, ?)'
-- then
EXECUTE p USING 666, 'x'

-- vector: PREPARE a read, then a change by the same name
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'SELECT 1'
-- then
EXECUTE p
-- then
PREPARE p FROM 'INSERT INTO canary VALUES (666, 0)'
-- then
EXECUTE p

-- vector: PREPARE by a quoted name
-- watch: rows
-- as: script
-- not: binary
PREPARE `p q` FROM 'INSERT INTO canary VALUES (666, 0)'
-- then
EXECUTE `p q`

-- vector: PREPARE by a name in other letters
-- watch: rows
-- as: script
-- not: binary
PREPARE P FROM 'INSERT INTO canary VALUES (666, 0)'
-- then
EXECUTE p

-- vector: PREPARE in a batch
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT INTO canary VALUES (666, 0)'; EXECUTE p

-- vector: PREPARE from neighbouring strings
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT INTO ' 'canary VALUES (666, 0)'
-- then
EXECUTE p

-- vector: PREPARE a CALL
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'CALL deposit()'
-- then
EXECUTE p

-- vector: PREPARE a function
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'SELECT swallow()'
-- then
EXECUTE p

-- vector: PREPARE what undoes
-- watch: canary
-- as: script
-- not: binary
PREPARE p FROM 'SET SESSION TRANSACTION READ WRITE'
-- then
EXECUTE p

-- vector: PREPARE what locks
-- watch: locks
-- as: script
-- not: binary
PREPARE p FROM 'SELECT GET_LOCK(\'loot\', 0)'
-- then
EXECUTE p

-- vector: PREPARE with a name in the place of a value
-- watch: rows
-- as: script
-- not: binary
-- effect: error because EXECUTE is not prepared
PREPARE p FROM 'EXECUTE IMMEDIATE ?'
-- then
SET @a = 'INSERT INTO canary VALUES (666, 0)'
-- then
EXECUTE p USING @a

-- vector: EXECUTE IMMEDIATE
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
EXECUTE IMMEDIATE 'INSERT INTO canary VALUES (666, 0)'

-- vector: EXECUTE IMMEDIATE of a sum of strings
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
EXECUTE IMMEDIATE CONCAT('INS', 'ERT INTO canary VALUES (666, 0)')

-- vector: EXECUTE IMMEDIATE with values
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
EXECUTE IMMEDIATE 'INSERT INTO canary VALUES (?, ?)' USING 666, 'x'

-- vector: EXECUTE IMMEDIATE in double quotes
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, mode ANSI, mode ORACLE, binary
EXECUTE IMMEDIATE "INSERT INTO canary VALUES (666, 0)"

-- vector: EXECUTE IMMEDIATE of another character set
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
EXECUTE IMMEDIATE _utf8mb4'INSERT INTO canary VALUES (666, 0)'

-- vector: EXECUTE IMMEDIATE of a national string
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
EXECUTE IMMEDIATE N'INSERT INTO canary VALUES (666, 0)'

-- vector: EXECUTE IMMEDIATE of hexadecimal digits
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
EXECUTE IMMEDIATE CONVERT(x'494e5345525420494e544f2063616e6172792056414c55455320283636362c203029' USING utf8mb4)

-- vector: EXECUTE IMMEDIATE of a subquery
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
-- effect: error because it takes no subquery
EXECUTE IMMEDIATE (SELECT 'INSERT INTO canary VALUES (666, 0)')

-- vector: EXECUTE IMMEDIATE of EXECUTE IMMEDIATE
-- watch: rows
-- as: alone
-- not: prepared, executed, for one, binary
-- effect: error because it is not prepared
EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE \'SELECT 1\''

-- vector: EXECUTE IMMEDIATE of what lies in a table
-- watch: rows
-- as: script
-- not: binary
-- before: DELETE FROM canary WHERE id = 4242;INSERT INTO canary VALUES (4242, 'INSERT INTO canary VALUES (666, 0)')
SET @p = (SELECT note FROM canary WHERE id = 4242)
-- then
EXECUTE IMMEDIATE @p

-- vector: a text in a procedure
-- watch: rows
-- as: utility
CALL run_text('INSERT INTO canary VALUES (666, 0)')

-- vector: a text in a procedure, by a variable
-- watch: rows
-- as: script
SET @p = 'INSERT INTO canary VALUES (666, 0)'
-- then
CALL run_text(@p)

-- vector: an escape in the text
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT INTO canary VALUES (666, \'a\\\'b\')'
-- then
EXECUTE p

-- vector: a line end in the text
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM 'INSERT\nINTO\tcanary VALUES (666, 0)'
-- then
EXECUTE p

-- vector: an escape that is none in the text
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM '\INSE\RT INTO canary VALUES (666, 0)'
-- then
EXECUTE p

-- vector: a comment in the text
-- watch: rows
-- as: script
-- not: binary
PREPARE p FROM '/*! INSERT INTO canary VALUES (666, 0) */'
-- then
EXECUTE p

-- vector: a text that reads otherwise without backslashes
-- watch: rows
-- as: script
-- not: binary
SET sql_mode = 'NO_BACKSLASH_ESCAPES'
-- then
PREPARE p FROM 'SELECT ''\'' INTO @a'
-- then
EXECUTE IMMEDIATE 'INSERT INTO canary VALUES (666, ''\'')'

-- vector: a cursor over a text
-- watch: rows
-- as: utility
-- not: prepared, executed, block, condition, batch, binary: block, for one
BEGIN NOT ATOMIC DECLARE c CURSOR FOR SELECT swallow(); OPEN c; CLOSE c; END

-- vector: XML that is asked
-- watch: rows
-- as: select
SELECT EXTRACTVALUE('<a>1</a>', 'count(/a)'), UPDATEXML('<a>1</a>', '/a', swallow())

-- vector: a backslash that the connection's character set lacks
-- watch: variables
-- as: script
-- not: binary
-- session: own
SET character_set_connection = swe7
-- then
PREPARE p FROM 'SELECT ''\\'' , setter() -- '' '
-- then
EXECUTE p

-- vector: a backtick that the connection's character set lacks
-- watch: variables
-- as: script
-- not: binary
-- session: own
SET NAMES swe7
-- then
SET character_set_client = utf8mb4
-- then
PREPARE p FROM 'SELECT `+ setter() +`'
-- then
EXECUTE p USING 1, 2
