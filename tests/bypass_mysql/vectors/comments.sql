-- vector: the whole
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!INSERT INTO canary VALUES (666, 'x')*/

-- vector: the whole, version 5 digits
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!40000 INSERT INTO canary VALUES (666, 'x') */

-- vector: the whole, version 6 digits
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!100000 INSERT INTO canary VALUES (666, 'x') */

-- vector: the whole, this server's version
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!101100 INSERT INTO canary VALUES (666, 'x') */

-- vector: the whole, glued to the version
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!50000INSERT INTO canary VALUES (666, 'x')*/

-- vector: the whole, MariaDB's
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*M!INSERT INTO canary VALUES (666, 'x') */

-- vector: the whole, MariaDB's with a version
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*M!101100INSERT INTO canary VALUES (666, 'x')*/

-- vector: the whole, MariaDB's in small letters
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: none because the letter has to be large: it is a comment
/*m!INSERT INTO canary VALUES (666, 'x') */

-- vector: a verb
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!INSERT*/ INTO canary VALUES (666, 'x')

-- vector: a verb, glued to the next
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!INSERT*/INTO canary VALUES (666, 'x')

-- vector: the first half
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!50000 INSERT INTO*/ canary VALUES (666, 'x')

-- vector: the second half
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
INSERT INTO /*! canary VALUES (666, 'x')*/

-- vector: each word
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!INSERT*//*!INTO*//*!canary*//*!VALUES*/(/*!666*/,/*!'x'*/)

-- vector: parts with versions
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!50000 INSERT*/ /*M!100000 INTO*/ /*!100100 canary*/ VALUES (666, 'x')

-- vector: a table
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
UPDATE /*! accounts */ SET balance = balance + 1

-- vector: a verb behind a read that a later server would see
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!999999 SELECT 1 -- */ INSERT INTO canary VALUES (666, 'x')

-- vector: a read that MySQL sees and this server does not
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!50701 SELECT 1 AS */ INSERT INTO canary VALUES (666, 'x')

-- vector: a read that MySQL 8 sees and this server does not
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!80000 SELECT */ INSERT INTO canary VALUES (666, 'x')

-- vector: a range of versions that this server leaves out
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!99999 SELECT 1 */ INSERT INTO canary VALUES (666, 'x')

-- vector: MariaDB's own of a later server
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*M!999999 SELECT */ INSERT INTO canary VALUES (666, 'x')

-- vector: a comment inside
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*! INSERT /* inside */ INTO canary VALUES (666, 'x') */

-- vector: a comment inside one that is left out
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!999999 /* inside */ ' */ INSERT INTO canary VALUES (666, 'x')

-- vector: a string with an end inside
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*! INSERT INTO canary VALUES (666, '*/') */

-- vector: a line comment inside
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*! INSERT INTO canary -- it's
 VALUES (666, 'x') */

-- vector: a number sign inside
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*! INSERT INTO canary # it's
 VALUES (666, 'x') */

-- vector: in each other
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because one of them ends at the first end
/*! INSERT /*! INTO */ canary VALUES (666, 'x') */

-- vector: that does not end
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because it has to end
/*! INSERT INTO canary VALUES (666, 'x')

-- vector: that does not end, with a version
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because it has to end
/*!50000 INSERT INTO canary VALUES (666, 'x')

-- vector: an end that has no beginning
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because it is a star and a slash
INSERT INTO canary VALUES (666, 'x') */

-- vector: behind a plain comment
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/* */ /*! INSERT INTO canary VALUES (666, 'x') */ /* */

-- vector: behind a comment that looks like one
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/* ! */ /*! INSERT INTO canary VALUES (666, 'x') */

-- vector: that is none: a space before the sign
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/* !INSERT INTO nowhere */ INSERT INTO canary VALUES (666, 'x')

-- vector: that is a hint
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*+ SELECT 1 */ INSERT INTO canary VALUES (666, 'x')

-- vector: a star behind the sign
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because the star is read
/*!* */ INSERT INTO canary VALUES (666, 'x')

-- vector: a slash behind
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because a plain comment begins in it and ends both
/*!/* */ INSERT INTO canary VALUES (666, 'x')

-- vector: four digits
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because a version has five or six, so these are read
/*!5000 INSERT INTO canary VALUES (666, 'x') */

-- vector: seven digits
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because the seventh is read
/*!1000001 INSERT INTO canary VALUES (666, 'x') */

-- vector: digits and a letter
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because the letter is read
/*!50000x */ INSERT INTO canary VALUES (666, 'x')

-- vector: an empty one
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!*/ INSERT INTO canary VALUES (666, 'x')

-- vector: an empty one with a version
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!50000*/ INSERT INTO canary VALUES (666, 'x')

-- vector: MariaDB's empty one with a version
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*M!100100*/ INSERT INTO canary VALUES (666, 'x')

-- vector: INTO in a read
-- watch: files
-- as: select
-- not: binary: with a cursor, analyzed, binary: analyzed, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT 1 /*! INTO OUTFILE '{folder}/out.txt' */

-- vector: INTO in a read, with a version
-- watch: files
-- as: select
-- not: binary: with a cursor, analyzed, binary: analyzed, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT id /*!50000 INTO OUTFILE '{folder}/out.txt' */ FROM accounts

-- vector: INTO in a read, MariaDB's
-- watch: files
-- as: select
-- not: binary: with a cursor, analyzed, binary: analyzed, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT id /*M! INTO DUMPFILE '{folder}/out.txt' */ FROM accounts LIMIT 1

-- vector: a function in a read
-- watch: rows
-- as: select
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT /*! swallow() */

-- vector: a function's name in a read
-- watch: rows
-- as: select
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT /*!50000 swallow*/()

-- vector: a function in the place of a number
-- watch: rows
-- as: select
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT 1 /*!50000 , swallow() */

-- vector: a lock in a read
-- watch: locks
-- as: select
-- not: after, transaction, analyzed, binary: analyzed, block, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT /*!40001 SQL_NO_CACHE */ GET_LOCK('loot', 0)

-- vector: a second statement behind
-- watch: rows
-- as: utility
-- not: binary, prepared, executed, analyzed, block, condition, for one, batch, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT 1 /*! */; INSERT INTO canary VALUES (666, 'x')

-- vector: a second statement inside
-- watch: rows
-- as: utility
-- not: binary, prepared, executed, block, condition, for one, batch, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because a statement does not end in a comment
SELECT 1 /*! ; INSERT INTO canary VALUES (666, 'x') */

-- vector: a second statement inside, with a version
-- watch: rows
-- as: utility
-- not: binary, prepared, executed, block, condition, for one, batch, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because a statement does not end in a comment
/*!50000 SELECT 1; INSERT INTO canary VALUES (666, 'x') */

-- vector: a semicolon in a comment that is left out
-- watch: rows
-- as: utility
-- not: binary, prepared, executed, block, condition, for one, batch, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
SELECT 1 /*!999999 ; */; INSERT INTO canary VALUES (666, 'x')

-- vector: FOR UPDATE behind
-- watch: rows
-- as: select
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: none because a lock ends with its statement; see the locks
SELECT * FROM accounts /*! LOCK IN SHARE MODE */

-- vector: a delimiter that only clients know
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- effect: error because the server knows none
DELIMITER //
INSERT INTO canary VALUES (666, 'x')//

-- vector: TRUNCATE
-- watch: rows
-- as: utility
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- before: INSERT INTO canary VALUES (1, 'kept')
/*!50000 TRUNCATE */ canary

-- vector: SET GLOBAL
-- watch: variables
-- as: utility
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET /*!50000 GLOBAL */ max_prepared_stmt_count = 4000

-- vector: DROP TABLE
-- watch: schema
-- as: utility
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- before: CREATE TABLE IF NOT EXISTS loot (a INT)
/*!40000 DROP TABLE IF EXISTS loot */

-- vector: mysqldump's own before data
-- watch: binlog
-- as: utility
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
/*!40000 ALTER TABLE canary DISABLE KEYS */

-- vector: mysqldump's own that brings a trigger
-- watch: schema
-- as: utility
-- not: block, condition, binary: block, in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, with comments, with exec, with other, binary: with comments, binary: with exec, binary: with other, prepared, executed
-- before: DROP TRIGGER IF EXISTS trap
-- after: ?DROP TRIGGER IF EXISTS trap
/*!50003 CREATE*/ /*!50017 DEFINER=root@localhost*/ /*!50003 TRIGGER trap BEFORE DELETE ON accounts FOR EACH ROW SET @a = 1 */
