-- vector: CREATE TABLE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot (a INT)

-- vector: CREATE TABLE IF NOT EXISTS
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE IF NOT EXISTS vault.loot (a INT)

-- vector: CREATE OR REPLACE TABLE
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE TABLE loot (a INT)
-- after: ?DROP TABLE loot
CREATE OR REPLACE TABLE loot (a INT, b INT)

-- vector: CREATE TABLE LIKE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot LIKE canary

-- vector: CREATE TABLE AS
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot AS SELECT * FROM accounts

-- vector: CREATE TABLE SELECT
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot SELECT 1 AS a

-- vector: CREATE TABLE IGNORE SELECT
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot (a INT PRIMARY KEY) IGNORE SELECT 1 AS a

-- vector: CREATE TABLE WITH
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot AS WITH w AS (SELECT 1 AS a) SELECT * FROM w

-- vector: DROP TABLE
-- watch: schema
-- as: utility
-- before: CREATE TABLE IF NOT EXISTS loot (a INT)
DROP TABLE loot

-- vector: DROP TABLE IF EXISTS
-- watch: schema
-- as: utility
-- before: CREATE TABLE IF NOT EXISTS loot (a INT)
DROP TABLE IF EXISTS loot, no_such

-- vector: ALTER TABLE ADD COLUMN
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot ADD COLUMN b INT

-- vector: ALTER TABLE ADD without COLUMN
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot ADD (c INT)

-- vector: ALTER TABLE DROP COLUMN
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot DROP COLUMN z

-- vector: ALTER TABLE MODIFY
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot MODIFY a BIGINT

-- vector: ALTER TABLE CHANGE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot CHANGE a y INT

-- vector: ALTER TABLE RENAME TO
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot RENAME TO booty

-- vector: ALTER TABLE ENGINE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot ENGINE=MyISAM

-- vector: ALTER TABLE COMMENT
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot COMMENT='x'

-- vector: ALTER TABLE CONVERT TO
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot CONVERT TO CHARACTER SET latin1

-- vector: ALTER TABLE ADD INDEX
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot ADD INDEX i (a)

-- vector: ALTER TABLE ADD CONSTRAINT
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot ADD CONSTRAINT k CHECK (a > 0)

-- vector: ALTER TABLE RENAME COLUMN
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot RENAME COLUMN a TO x

-- vector: ALTER TABLE ADD SYSTEM VERSIONING
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot ADD SYSTEM VERSIONING

-- vector: ALTER TABLE with ONLINE and WAIT
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT, z INT) CHARACTER SET utf8mb4
-- after: ?DROP TABLE IF EXISTS loot, booty
ALTER TABLE loot WAIT 1 ADD COLUMN d INT, ALGORITHM=INSTANT

-- vector: ALTER ONLINE TABLE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot;CREATE TABLE loot (a INT)
-- after: ?DROP TABLE loot
ALTER ONLINE IGNORE TABLE loot ADD COLUMN b INT

-- vector: ALTER TABLE partitions
-- watch: schema
-- as: utility
-- after: ?ALTER TABLE parts DROP PARTITION p2
ALTER TABLE parts ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))

-- vector: ALTER TABLE EXCHANGE PARTITION
-- watch: schema
-- as: utility
-- effect: none because the definition stays; see the rows in the next vector
ALTER TABLE parts TRUNCATE PARTITION p1

-- vector: ALTER TABLE TRUNCATE PARTITION
-- watch: rows
-- as: utility
-- before: INSERT INTO parts VALUES (13, 1)
ALTER TABLE parts TRUNCATE PARTITION p1

-- vector: RENAME TABLE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, booty;CREATE TABLE loot (a INT)
-- after: ?DROP TABLE IF EXISTS loot, booty
RENAME TABLE loot TO booty

-- vector: CREATE INDEX
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot;CREATE TABLE loot (a INT)
-- after: ?DROP TABLE loot
CREATE INDEX i ON loot (a)

-- vector: CREATE UNIQUE INDEX IF NOT EXISTS
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot;CREATE TABLE loot (a INT)
-- after: ?DROP TABLE loot
CREATE UNIQUE INDEX IF NOT EXISTS i ON loot (a)

-- vector: DROP INDEX
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot;CREATE TABLE loot (a INT, KEY i (a))
-- after: ?DROP TABLE loot
DROP INDEX i ON loot

-- vector: CREATE VIEW
-- watch: schema
-- as: utility
-- before: DROP VIEW IF EXISTS peep
-- after: ?DROP VIEW IF EXISTS peep
CREATE VIEW peep AS SELECT 1

-- vector: CREATE OR REPLACE VIEW
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE VIEW peep AS SELECT 1
-- after: ?DROP VIEW IF EXISTS peep
CREATE OR REPLACE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW peep AS SELECT 2

-- vector: ALTER VIEW
-- watch: schema
-- as: utility
-- not: block, condition, binary: block
-- before: CREATE OR REPLACE VIEW peep AS SELECT 1
-- after: ?DROP VIEW IF EXISTS peep
ALTER VIEW peep AS SELECT 3

-- vector: DROP VIEW
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE VIEW peep AS SELECT 1
DROP VIEW peep

-- vector: CREATE DATABASE
-- watch: schema
-- as: utility
-- before: DROP DATABASE IF EXISTS den
-- after: ?DROP DATABASE den
CREATE DATABASE den

-- vector: CREATE SCHEMA IF NOT EXISTS
-- watch: schema
-- as: utility
-- before: DROP DATABASE IF EXISTS den
-- after: ?DROP DATABASE den
CREATE SCHEMA IF NOT EXISTS den CHARACTER SET latin1

-- vector: ALTER DATABASE
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE DATABASE den CHARACTER SET utf8mb4
-- after: ?DROP DATABASE den
ALTER DATABASE den CHARACTER SET latin1

-- vector: ALTER SCHEMA COMMENT
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE DATABASE den
-- after: ?DROP DATABASE den
ALTER SCHEMA den COMMENT 'x'

-- vector: DROP DATABASE
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE DATABASE den
DROP DATABASE den

-- vector: CREATE PROCEDURE
-- watch: schema
-- as: utility
-- before: DROP PROCEDURE IF EXISTS trick
CREATE PROCEDURE trick() SELECT 1

-- vector: CREATE OR REPLACE PROCEDURE
-- watch: schema
-- as: utility
-- not: block, condition, binary: block
-- before: CREATE OR REPLACE PROCEDURE trick() SELECT 1
CREATE OR REPLACE DEFINER=root@localhost PROCEDURE trick() DELETE FROM canary

-- vector: ALTER PROCEDURE
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE PROCEDURE trick() SELECT 1
ALTER PROCEDURE trick COMMENT 'x'

-- vector: DROP PROCEDURE
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE PROCEDURE trick() SELECT 1
DROP PROCEDURE trick

-- vector: CREATE FUNCTION
-- watch: schema
-- as: utility
-- not: mode ORACLE
-- before: DROP FUNCTION IF EXISTS trick_of
CREATE FUNCTION trick_of() RETURNS INT RETURN 1

-- vector: DROP FUNCTION
-- watch: schema
-- as: utility
-- not: block, condition, binary: block
-- before: CREATE OR REPLACE FUNCTION trick_of() RETURNS INT RETURN 1
DROP FUNCTION trick_of

-- vector: CREATE TRIGGER
-- watch: schema
-- as: utility
-- not: block, condition, binary: block
-- before: DROP TRIGGER IF EXISTS trap
-- after: ?DROP TRIGGER IF EXISTS trap
CREATE TRIGGER trap BEFORE DELETE ON accounts FOR EACH ROW SET @a = 1

-- vector: DROP TRIGGER
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE TRIGGER trap BEFORE DELETE ON accounts FOR EACH ROW SET @a = 1
DROP TRIGGER trap

-- vector: CREATE EVENT
-- watch: schema
-- as: utility
-- not: block, condition, binary: block
-- before: DROP EVENT IF EXISTS soon
-- after: ?DROP EVENT IF EXISTS soon
CREATE EVENT soon ON SCHEDULE EVERY 1 DAY DO SELECT 1

-- vector: ALTER EVENT
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE EVENT soon ON SCHEDULE EVERY 1 DAY DO SELECT 1
-- after: ?DROP EVENT IF EXISTS soon
ALTER EVENT soon COMMENT 'x'

-- vector: ALTER EVENT ENABLE
-- watch: schema
-- as: utility
-- before: ALTER EVENT later DISABLE
-- after: ?ALTER EVENT later DISABLE
ALTER EVENT later ENABLE

-- vector: DROP EVENT
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE EVENT soon ON SCHEDULE EVERY 1 DAY DO SELECT 1
DROP EVENT soon

-- vector: CREATE SEQUENCE
-- watch: schema
-- as: utility
-- before: DROP SEQUENCE IF EXISTS run_away
-- after: ?DROP SEQUENCE IF EXISTS run_away
CREATE SEQUENCE run_away

-- vector: ALTER SEQUENCE
-- watch: rows
-- as: utility
-- before: ALTER SEQUENCE other_counter RESTART 100
ALTER SEQUENCE other_counter RESTART 5000

-- vector: DROP SEQUENCE
-- watch: schema
-- as: utility
-- before: CREATE SEQUENCE IF NOT EXISTS run_away
DROP SEQUENCE run_away

-- vector: CREATE SERVER
-- watch: schema
-- as: utility
-- before: DROP SERVER IF EXISTS far
CREATE SERVER far FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x', DATABASE 'y')

-- vector: ALTER SERVER
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE SERVER far FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x', DATABASE 'y')
ALTER SERVER far OPTIONS (HOST 'z')

-- vector: DROP SERVER
-- watch: schema
-- as: utility
-- before: CREATE OR REPLACE SERVER far FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x', DATABASE 'y')
DROP SERVER far

-- vector: CREATE PACKAGE
-- watch: schema
-- as: utility
-- not: batch, prepared, executed, block, condition, binary: block, for one, transaction
-- before: SET SESSION sql_mode = ORACLE;DROP PACKAGE IF EXISTS bundle;SET SESSION sql_mode = DEFAULT
-- modes: ORACLE
CREATE PACKAGE bundle AS FUNCTION f RETURN INT; END

-- vector: CREATE TABLESPACE
-- watch: schema
-- as: utility
-- effect: error because this server knows none
CREATE TABLESPACE room ADD DATAFILE 'room.ibd'

-- vector: CREATE UNDO TABLESPACE
-- watch: schema
-- as: utility
-- effect: error because only MySQL knows it
CREATE UNDO TABLESPACE u ADD DATAFILE 'u.ibu'

-- vector: a temporary table
-- watch: answer
-- as: script
-- not: binary
-- answer: 66642
CREATE TEMPORARY TABLE mine (a INT)
-- then
INSERT INTO mine VALUES (66642)
-- then
SELECT a FROM mine

-- vector: a temporary table of a query
-- watch: answer
-- as: script
-- not: binary
-- answer: 66642
CREATE TEMPORARY TABLE mine AS SELECT 66642 AS a
-- then
SELECT a FROM mine

-- vector: a temporary table in the place of another
-- watch: answer
-- as: script
-- not: binary
-- answer: 66642
CREATE TEMPORARY TABLE canary (a INT)
-- then
INSERT INTO canary VALUES (66642)
-- then
SELECT a FROM canary

-- vector: a temporary table in an executable comment
-- watch: answer
-- as: script
-- not: binary
-- after: ?DROP TABLE IF EXISTS mine
-- answer: 66642
CREATE /*! TEMPORARY */ TABLE mine (a TEXT)
-- then
INSERT INTO mine VALUES ('66642')
-- then
SELECT a FROM mine
