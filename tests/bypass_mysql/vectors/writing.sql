-- vector: a statement in large letters
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, 'X')

-- vector: a statement in small letters
-- watch: rows
-- as: change
insert into canary values (666, 'x')

-- vector: no space that is not needed
-- watch: rows
-- as: change
INSERT INTO`canary`VALUES(666,'x')

-- vector: no space behind the verb
-- watch: rows
-- as: change
INSERT`canary`VALUES(666,'x')

-- vector: no space behind a number
-- watch: rows
-- as: change
-- effect: error because letters behind a number make a name
UPDATE accounts SET balance=balance+1WHERE 1

-- vector: tabs
-- watch: rows
-- as: change
INSERT{tab}INTO{tab}canary{tab}VALUES{tab}(666,{tab}'x')

-- vector: vertical tabs and form feeds
-- watch: rows
-- as: change
INSERT{vt}INTO{ff}canary{vt}VALUES{ff}(666, 'x')

-- vector: carriage returns
-- watch: rows
-- as: change
INSERT{cr}INTO{cr}canary{cr}VALUES (666, 'x')

-- vector: a comment for each space
-- watch: rows
-- as: change
INSERT/**/INTO/**/canary/**/VALUES/**/(666,'x')

-- vector: a comment with a quote
-- watch: rows
-- as: change
INSERT /* ' */ INTO canary VALUES (666, 'x')

-- vector: a comment with two quotes
-- watch: rows
-- as: change
INSERT /* " ' ` */ INTO canary /* " ' ` */ VALUES (666, 'x')

-- vector: a comment that is not nested
-- watch: rows
-- as: change
/* /* */ INSERT INTO canary VALUES (666, 'x')

-- vector: a comment that looks nested
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, batch, block, condition, binary: block
/* a /* b */ INSERT INTO canary VALUES (666, 'x') -- */

-- vector: a comment that ends at once
-- watch: rows
-- as: change
/**/INSERT INTO canary VALUES (666, 'x')

-- vector: a comment of stars
-- watch: rows
-- as: change
/***/ INSERT INTO canary VALUES (666, 'x') /****/

-- vector: a slash and a star that are none
-- watch: rows
-- as: change
-- effect: error because a star is no number
INSERT INTO canary VALUES (6/ *&666, 'x')

-- vector: a comment that does not end behind
-- watch: rows
-- as: change
-- not: binary, prepared, executed, block, condition, batch, for one, in , with, analyzed, behind
-- effect: error because it has to end
INSERT INTO canary VALUES (666, 'x') /* and so on

-- vector: a line comment with a tab
-- watch: rows
-- as: change
--{tab}SELECT
INSERT INTO canary VALUES (666, 'x')

-- vector: a line comment at the line's end
-- watch: rows
-- as: change
--
INSERT INTO canary VALUES (666, 'x')

-- vector: two signs that are no comment
-- watch: rows
-- as: change
INSERT INTO canary VALUES (5--661, 'x')

-- vector: two signs before a number
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666 --1
, 'x')

-- vector: a line comment that ends with a carriage return only
-- watch: rows
-- as: change
-- effect: none because the line goes on to its end
-- a{cr}INSERT INTO canary VALUES (666, 'x')

-- vector: a number sign that ends with a carriage return only
-- watch: rows
-- as: change
-- effect: none because the line goes on to its end
# a{cr}INSERT INTO canary VALUES (666, 'x')

-- vector: a number sign glued
-- watch: rows
-- as: change
-- not: binary, prepared, executed, block, condition, batch, for one, in , with, analyzed, behind
#a
INSERT INTO canary VALUES (666, 'x')#b

-- vector: a comment behind a backslash
-- watch: rows
-- as: change
-- not: in an, in a , in Maria, binary: in an, binary: in a , binary: in Maria, mode NO_BACK
INSERT INTO canary VALUES (666, '\\') -- '

-- vector: an escaped quote
-- watch: rows
-- as: change
-- not: mode NO_BACK
INSERT INTO canary VALUES (666, '\' -- ')

-- vector: a doubled quote
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, ''' -- ')

-- vector: double quotes
-- watch: rows
-- as: change
-- not: mode ANSI, mode ORACLE
INSERT INTO canary VALUES (666, "it's")

-- vector: neighbouring strings
-- watch: rows
-- as: change
-- not: mode ANSI, mode ORACLE
INSERT INTO canary VALUES (666, 'a' 'b' "c")

-- vector: a string over lines
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, 'a
-- b
/* c')

-- vector: an introducer
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, _latin1'x' COLLATE latin1_bin)

-- vector: an introducer of digits
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, _utf8mb4 0x78)

-- vector: a national string
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, N'x')

-- vector: digits for strings
-- watch: rows
-- as: change
INSERT INTO canary VALUES (0x29a, x'78')

-- vector: bits
-- watch: rows
-- as: change
INSERT INTO canary VALUES (b'1010011010', 0b1111000)

-- vector: a number with an exponent
-- watch: rows
-- as: change
INSERT INTO canary VALUES (6.66e2, 'x')

-- vector: a number that begins with a point
-- watch: rows
-- as: change
INSERT INTO canary VALUES (.666e3, 'x')

-- vector: a name of digits and letters
-- watch: rows
-- as: change
INSERT INTO canary SELECT 1e.id, 'x' FROM accounts 1e

-- vector: a name with a dollar sign
-- watch: rows
-- as: change
INSERT INTO canary SELECT a$.id, 'x' FROM accounts a$

-- vector: a name of letters beyond ASCII
-- watch: rows
-- as: change
INSERT INTO canary SELECT é.id, 'x' FROM accounts é

-- vector: a name with a quote in it
-- watch: rows
-- as: change
INSERT INTO `odd ``name; --` (`a b`) VALUES (666)

-- vector: a name that is a keyword
-- watch: rows
-- as: change
INSERT INTO canary SELECT `select`.id, 'x' FROM accounts `select`

-- vector: a name behind a point that is a keyword
-- watch: rows
-- as: change
INSERT INTO vault.canary SELECT a.id, 'x' FROM vault.accounts a

-- vector: a point with spaces
-- watch: rows
-- as: change
INSERT INTO vault . canary VALUES (666, 'x')

-- vector: a point with comments
-- watch: rows
-- as: change
INSERT INTO vault/**/./**/canary VALUES (666, 'x')

-- vector: a name in another database
-- watch: rows
-- as: change
INSERT INTO .canary VALUES (666, 'x')

-- vector: an alias that looks like a comment
-- watch: rows
-- as: change
INSERT INTO canary SELECT id AS `-- `, 'x' FROM accounts

-- vector: parentheses around a query
-- watch: rows
-- as: change
INSERT INTO canary (((SELECT 666, 'x')))

-- vector: a hundred parentheses
-- watch: rows
-- as: change
INSERT INTO canary VALUES (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((666)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))), 'x')

-- vector: a semicolon behind
-- watch: rows
-- as: change
-- not: binary, prepared, executed, block, condition, batch, for one, in , with, analyzed, behind
INSERT INTO canary VALUES (666, 'x');

-- vector: semicolons behind
-- watch: rows
-- as: change
-- not: binary, prepared, executed, block, condition, batch, for one, in , with, analyzed, behind
INSERT INTO canary VALUES (666, 'x') ;  ; 

-- vector: a semicolon and a comment behind
-- watch: rows
-- as: change
-- not: binary, prepared, executed, block, condition, batch, for one, in , with, analyzed, behind
INSERT INTO canary VALUES (666, 'x'); -- SELECT

-- vector: an operator in words
-- watch: rows
-- as: change
INSERT INTO canary SELECT 666 DIV 1, 'x' FROM accounts WHERE 1 && 1 || 0

-- vector: a user variable with a quoted name
-- watch: rows
-- as: change
INSERT INTO canary VALUES (COALESCE(@`a b`, 666), COALESCE(@'c d', 'x'))

-- vector: a system variable in the middle
-- watch: rows
-- as: change
INSERT INTO canary VALUES (@@session.auto_increment_increment, @@version)

-- vector: a placeholder that is a name
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, '?')

-- vector: a brace of ODBC
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, {d '2024-01-01'})

-- vector: a backslash and N
-- watch: rows
-- as: change
-- not: mode NO_BACK
INSERT INTO canary VALUES (\N, 'x')

-- vector: a byte order mark in front
-- watch: rows
-- as: change
-- effect: error because to the server it is a letter
{bom}INSERT INTO canary VALUES (666, 'x')

-- vector: a space that does not break
-- watch: rows
-- as: change
-- effect: error because to the server it is a letter
INSERT{nbsp}INTO canary VALUES (666, 'x')

-- vector: a zero in a string
-- watch: rows
-- as: change
INSERT INTO canary VALUES (666, 'a\0b')

-- vector: ANSI_QUOTES makes a name of a string
-- watch: rows
-- as: script
-- not: binary
SET sql_mode = 'ANSI_QUOTES'
-- then
SELECT 1 AS "a\"; INSERT INTO canary VALUES (666, 'x'); -- "

-- vector: ANSI_QUOTES by concatenation
-- watch: rows
-- as: script
-- not: binary
SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')
-- then
SELECT 1 AS "a\"; INSERT INTO canary VALUES (666, 'x'); -- "

-- vector: ANSI by its other name
-- watch: rows
-- as: script
-- not: binary
SET @@SESSION.sql_mode = 'ANSI'
-- then
SELECT 1 AS "a\"; INSERT INTO canary VALUES (666, 'x'); -- "

-- vector: NO_BACKSLASH_ESCAPES by a name
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = 'NO_BACKSLASH_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by a name of the session
-- watch: rows
-- as: script
-- not: binary, several
SET SESSION sql_mode = NO_BACKSLASH_ESCAPES
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by LOCAL
-- watch: rows
-- as: script
-- not: binary, several
SET LOCAL sql_mode = 'NO_BACKSLASH_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by @@
-- watch: rows
-- as: script
-- not: binary, several
SET @@sql_mode = 'NO_BACKSLASH_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by @@session
-- watch: rows
-- as: script
-- not: binary, several
SET @@session.sql_mode := 'NO_BACKSLASH_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by @@local
-- watch: rows
-- as: script
-- not: binary, several
SET @@local.`sql_mode` = 'NO_BACKSLASH_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by concatenation
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by a number
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = 1048576
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by a query
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = (SELECT 'NO_BACKSLASH_ESCAPES')
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by REPLACE
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = REPLACE('NO_X', 'X', 'BACKSLASH_ESCAPES')
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in small letters
-- watch: rows
-- as: script
-- not: binary, several
SET SQL_MODE = 'no_backslash_escapes'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES behind others
-- watch: rows
-- as: script
-- not: binary, several
SET @a = 1, NAMES utf8mb4, sql_mode = 'NO_BACKSLASH_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in an executable comment
-- watch: rows
-- as: script
-- not: binary, several
/*!40101 SET SQL_MODE='NO_BACKSLASH_ESCAPES' */
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in double quotes
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = "NO_BACKSLASH_ESCAPES"
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in digits
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = 0x4e4f5f4241434b534c4153485f45534341504553
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in a text
-- watch: rows
-- as: script
-- not: binary, several
EXECUTE IMMEDIATE 'SET sql_mode = ''NO_BACKSLASH_ESCAPES'''
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in a block
-- watch: rows
-- as: script
-- not: binary, several
-- effect: error because the mode is put back at the end of a block
BEGIN NOT ATOMIC SET sql_mode = 'NO_BACKSLASH_ESCAPES'; END
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES as the default
-- watch: rows
-- as: script
-- not: binary, several
-- before: SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'
-- after: ?SET GLOBAL sql_mode = DEFAULT
SET sql_mode = DEFAULT
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES with others
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by a string with an escape
-- watch: rows
-- as: script
-- not: binary, several
-- effect: error because there is no such mode
SET sql_mode = 'NO_BACKSLASH\_ESCAPES'
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES in one batch
-- watch: rows
-- as: script
-- not: binary
SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES by a variable
-- watch: rows
-- as: script
-- not: binary, several
SET @m = 'NO_BACKSLASH_ESCAPES'
-- then
SET sql_mode = @m
-- then
SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES taken back
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = 'NO_BACKSLASH_ESCAPES'
-- then
SET sql_mode = ''
-- then
SELECT '\\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES for one statement
-- watch: rows
-- as: script
-- not: binary
-- effect: error because a text is read before it is set
SET STATEMENT sql_mode = 'NO_BACKSLASH_ESCAPES' FOR SELECT '\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: NO_BACKSLASH_ESCAPES that a failure leaves out
-- watch: rows
-- as: script
-- not: binary, several
SET sql_mode = 'NO_BACKSLASH_ESCAPES', no_such_setting = 1
-- then
SELECT '\\'; INSERT INTO canary VALUES (666, 'x'); -- '

-- vector: PIPES_AS_CONCAT
-- watch: rows
-- as: script
SET sql_mode = 'PIPES_AS_CONCAT'
-- then
INSERT INTO canary VALUES (666, 'a' || 'b')

-- vector: HIGH_NOT_PRECEDENCE
-- watch: rows
-- as: script
SET sql_mode = 'HIGH_NOT_PRECEDENCE'
-- then
INSERT INTO canary SELECT 666, 'x' WHERE NOT 1 BETWEEN -5 AND 6

-- vector: MSSQL's names in brackets
-- watch: rows
-- as: script
SET sql_mode = 'MSSQL'
-- then
INSERT INTO canary VALUES (666, 'x')

-- vector: many statements
-- watch: rows
-- as: script
-- not: binary
SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; SELECT 1; INSERT INTO canary VALUES (666, 'x')

-- vector: a change between reads
-- watch: rows
-- as: script
-- not: binary
SELECT 1; INSERT INTO canary VALUES (666, 'x'); SELECT 2; SELECT 3

-- vector: an empty statement in front
-- watch: rows
-- as: script
-- not: binary
-- effect: error because an empty statement is none
;INSERT INTO canary VALUES (666, 'x')

-- vector: a comment and a semicolon in front
-- watch: rows
-- as: script
-- not: binary
-- effect: error because an empty statement is none
/* */;INSERT INTO canary VALUES (666, 'x')

-- vector: USE, then a name
-- watch: rows
-- as: script
USE shop
-- then
INSERT INTO vault.canary VALUES (666, 'x')

-- vector: USE of the database of users
-- watch: rows
-- as: script
USE mysql
-- then
INSERT INTO vault.canary SELECT 666, User FROM user
