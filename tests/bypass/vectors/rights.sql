-- vector: GRANT on a table
-- watch: schema
-- as: utility
-- before: REVOKE ALL ON flock FROM pawn
GRANT SELECT ON flock TO pawn

-- vector: GRANT on a column
-- watch: schema
-- as: utility
-- before: REVOKE ALL (name) ON flock FROM pawn
GRANT UPDATE (name) ON flock TO pawn

-- vector: GRANT on all tables of a schema
-- watch: schema
-- as: utility
-- before: REVOKE ALL ON ALL TABLES IN SCHEMA public FROM pawn
GRANT ALL ON ALL TABLES IN SCHEMA public TO pawn WITH GRANT OPTION

-- vector: REVOKE
-- watch: schema
-- as: utility
-- before: GRANT SELECT ON flock TO pawn
REVOKE SELECT ON TABLE flock FROM pawn

-- vector: GRANT of a role
-- watch: roles
-- as: utility
-- before: REVOKE pg_monitor FROM pawn
GRANT pg_monitor TO pawn

-- vector: REVOKE of a role
-- watch: roles
-- as: utility
-- before: GRANT pg_monitor TO pawn
REVOKE pg_monitor FROM pawn

-- vector: GRANT SET ON PARAMETER
-- watch: roles
-- as: utility
-- since: 15
-- before: REVOKE ALL ON PARAMETER log_statement FROM pawn
-- after: REVOKE ALL ON PARAMETER log_statement FROM pawn
GRANT SET ON PARAMETER log_statement TO pawn

-- vector: CREATE ROLE
-- watch: roles
-- as: utility
-- before: DROP ROLE IF EXISTS loot_role
-- after: DROP ROLE IF EXISTS loot_role
CREATE ROLE loot_role LOGIN SUPERUSER PASSWORD 'x'

-- vector: CREATE USER, the other word
-- watch: roles
-- as: utility
-- before: DROP ROLE IF EXISTS loot_role
-- after: DROP ROLE IF EXISTS loot_role
CREATE USER loot_role

-- vector: CREATE GROUP, the oldest word
-- watch: roles
-- as: utility
-- before: DROP ROLE IF EXISTS loot_role
-- after: DROP ROLE IF EXISTS loot_role
CREATE GROUP loot_role

-- vector: ALTER ROLE
-- watch: roles
-- as: utility
-- before: ALTER ROLE pawn NOLOGIN
ALTER ROLE pawn LOGIN

-- vector: ALTER GROUP ADD USER
-- watch: roles
-- as: utility
-- before: REVOKE crew FROM pawn
ALTER GROUP crew ADD USER pawn

-- vector: ALTER ROLE PASSWORD
-- watch: roles
-- as: utility
ALTER ROLE pawn PASSWORD 'known'

-- vector: DROP ROLE
-- watch: roles
-- as: utility
-- before: DROP ROLE IF EXISTS loot_role; CREATE ROLE loot_role
DROP ROLE loot_role

-- vector: SET ROLE
-- source: milady#567; awslabs/mcp#4092
-- watch: answer
-- answer: is pawn
-- as: script
SET ROLE pawn
-- then
SELECT 'is ' || current_user

-- vector: SET LOCAL ROLE
-- watch: answer
-- answer: is pawn
-- as: script
BEGIN
-- then
SET LOCAL ROLE 'pawn'
-- then
SELECT 'is ' || current_user

-- vector: SET role as a setting
-- watch: answer
-- answer: is pawn
-- as: script
SET "role" TO pawn
-- then
SELECT 'is ' || current_user

-- vector: SET SESSION AUTHORIZATION
-- source: read-only-vectors "SET ROLE/SESSION AUTHORIZATION"
-- watch: answer
-- answer: is pawn
-- as: script
SET SESSION AUTHORIZATION pawn
-- then
SELECT 'is ' || session_user

-- vector: set_config of role
-- source: milady#567
-- watch: answer
-- answer: is pawn
-- as: script
SELECT set_config('role', 'pawn', false)
-- then
SELECT 'is ' || current_user

-- vector: set_config of session_authorization
-- watch: answer
-- answer: is pawn
-- as: script
SELECT set_config('session_authorization', 'pawn', false)
-- then
SELECT 'is ' || session_user

-- vector: role at the start
-- watch: answer
-- answer: is pawn
-- as: script
-- startup: options=-c role=pawn
SELECT 'is ' || current_user

-- vector: role as a parameter at the start
-- watch: answer
-- answer: is pawn
-- as: script
-- startup: role=pawn
SELECT 'is ' || current_user

-- vector: role at the start, escaped
-- watch: answer
-- answer: is pawn
-- as: script
-- startup: options=-c ro\le=pawn
SELECT 'is ' || current_user

-- vector: role at the start, long form
-- watch: answer
-- answer: is pawn
-- as: script
-- startup: options=--role=pawn
SELECT 'is ' || current_user
