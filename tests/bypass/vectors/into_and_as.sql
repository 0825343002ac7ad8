-- vector: SELECT INTO
-- source: read-only-vectors "SELECT INTO"; laravel/boost#894
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
SELECT * INTO loot FROM canary

-- vector: SELECT INTO TABLE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
SELECT 1 AS a INTO TABLE loot

-- vector: SELECT INTO UNLOGGED
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
SELECT 1 AS a INTO UNLOGGED loot

-- vector: SELECT INTO TEMP
-- watch: schema
-- as: utility
SELECT 1 AS a INTO TEMP loot_of_session

-- vector: INTO in the first arm of a UNION
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
SELECT 1 AS a INTO loot UNION ALL SELECT 2

-- vector: INTO behind a WITH
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
WITH a AS (SELECT 1 AS x) SELECT x INTO loot FROM a

-- vector: INTO in parentheses
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
(SELECT 1 AS a INTO loot)

-- vector: CREATE TABLE AS
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot AS SELECT 1 AS a

-- vector: CREATE TABLE AS with a write below it
-- watch: rows
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot AS WITH w AS (INSERT INTO canary VALUES (666) RETURNING id) SELECT id FROM w

-- vector: CREATE TEMP TABLE AS
-- watch: schema
-- as: utility
CREATE TEMP TABLE loot_of_session AS SELECT 1 AS a

-- vector: CREATE TABLE IF NOT EXISTS AS
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE IF NOT EXISTS loot AS TABLE canary WITH NO DATA

-- vector: CREATE TABLE AS EXECUTE
-- watch: schema
-- as: script
-- before: DROP TABLE IF EXISTS loot
PREPARE p AS SELECT 1 AS a
-- then
CREATE TABLE loot AS EXECUTE p

-- vector: EXPLAIN ANALYZE CREATE TABLE AS EXECUTE
-- watch: schema
-- as: script
-- before: DROP TABLE IF EXISTS loot
PREPARE p AS SELECT 1 AS a
-- then
EXPLAIN ANALYZE CREATE TABLE loot AS EXECUTE p

-- vector: CREATE MATERIALIZED VIEW
-- watch: schema
-- as: utility
-- before: DROP MATERIALIZED VIEW IF EXISTS loot_view
CREATE MATERIALIZED VIEW loot_view AS SELECT 1 AS a

-- vector: CREATE VIEW
-- watch: schema
-- as: utility
-- before: DROP VIEW IF EXISTS loot_window
CREATE VIEW loot_window AS SELECT 1 AS a

-- vector: CREATE OR REPLACE TEMP VIEW over what a later read takes for its own
-- watch: schema
-- as: utility
CREATE OR REPLACE TEMP VIEW flock AS SELECT 1 AS id

-- vector: CREATE SCHEMA with a table inside
-- watch: schema
-- as: utility
-- before: DROP SCHEMA IF EXISTS loot_house CASCADE
CREATE SCHEMA loot_house CREATE TABLE chest (a int)
