-- vector: CREATE TABLE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE TABLE loot (a int)

-- vector: CREATE TEMP TABLE
-- source: TablePro#2101
-- watch: schema
-- as: utility
CREATE TEMP TABLE loot_of_session (a int) ON COMMIT PRESERVE ROWS

-- vector: CREATE UNLOGGED TABLE
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot
CREATE UNLOGGED TABLE IF NOT EXISTS loot (LIKE canary INCLUDING ALL)

-- vector: CREATE TABLE PARTITION OF
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot; CREATE TABLE loot (a int) PARTITION BY LIST (a)
CREATE TABLE loot_part PARTITION OF loot DEFAULT

-- vector: DROP TABLE
-- watch: schema
-- as: utility
-- before: CREATE TABLE IF NOT EXISTS loot (a int)
DROP TABLE IF EXISTS loot CASCADE

-- vector: ALTER TABLE ADD COLUMN
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot; CREATE TABLE loot (a int)
ALTER TABLE loot ADD COLUMN b int DEFAULT 1

-- vector: ALTER TABLE RENAME
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, treasure; CREATE TABLE loot (a int)
ALTER TABLE loot RENAME TO treasure

-- vector: ALTER TABLE OWNER
-- watch: schema
-- as: utility
-- before: ALTER TABLE flock OWNER TO trusted
-- after: ALTER TABLE flock OWNER TO trusted
ALTER TABLE flock OWNER TO pawn

-- vector: ALTER TABLE SET SCHEMA
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot, evil.loot; CREATE TABLE loot (a int)
ALTER TABLE loot SET SCHEMA evil

-- vector: ALTER TABLE ALL IN TABLESPACE
-- watch: schema
-- as: utility
-- effect: none because there is nothing to move
ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE pg_default

-- vector: CREATE INDEX
-- watch: schema
-- as: utility
-- before: DROP INDEX IF EXISTS loot_index
CREATE INDEX loot_index ON canary (id)

-- vector: CREATE INDEX CONCURRENTLY
-- watch: schema
-- as: alone
-- before: DROP INDEX IF EXISTS loot_index
CREATE INDEX CONCURRENTLY loot_index ON canary (id)

-- vector: CREATE SEQUENCE
-- watch: schema
-- as: utility
-- before: DROP SEQUENCE IF EXISTS loot_counter
CREATE SEQUENCE loot_counter

-- vector: ALTER SEQUENCE RESTART
-- watch: sequences
-- as: utility
-- before: SELECT nextval('counter'), nextval('counter')
ALTER SEQUENCE counter RESTART

-- vector: CREATE FUNCTION
-- source: read-only-vectors "CREATE FUNCTION"
-- watch: schema
-- as: utility
-- before: DROP FUNCTION IF EXISTS loot_function()
CREATE FUNCTION loot_function() RETURNS int LANGUAGE sql AS 'SELECT 1'

-- vector: CREATE FUNCTION in the standard's body
-- watch: schema
-- as: utility
-- before: DROP FUNCTION IF EXISTS loot_function()
CREATE FUNCTION loot_function() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END

-- vector: CREATE OR REPLACE PROCEDURE
-- watch: schema
-- as: utility
CREATE OR REPLACE PROCEDURE loot_procedure() LANGUAGE sql AS 'SELECT 1'

-- vector: CREATE TRIGGER
-- watch: schema
-- as: utility
-- before: DROP TRIGGER IF EXISTS loot_trigger ON flock
CREATE TRIGGER loot_trigger BEFORE DELETE ON flock FOR EACH ROW EXECUTE FUNCTION evil.no_write()

-- vector: CREATE EVENT TRIGGER
-- watch: schema
-- as: utility
-- before: DROP EVENT TRIGGER IF EXISTS loot_event
-- after: DROP EVENT TRIGGER IF EXISTS loot_event
CREATE EVENT TRIGGER loot_event ON sql_drop EXECUTE FUNCTION evil.no_event()

-- vector: CREATE RULE
-- watch: schema
-- as: utility
-- before: DROP RULE IF EXISTS loot_rule ON flock
-- after: DROP RULE IF EXISTS loot_rule ON flock
CREATE RULE loot_rule AS ON DELETE TO flock DO ALSO INSERT INTO canary VALUES (666)

-- vector: CREATE POLICY
-- watch: schema
-- as: utility
-- before: DROP POLICY IF EXISTS loot_policy ON flock
CREATE POLICY loot_policy ON flock USING (true)

-- vector: CREATE TYPE
-- watch: schema
-- as: utility
-- before: DROP TYPE IF EXISTS loot_type
CREATE TYPE loot_type AS ENUM ('a')

-- vector: ALTER TYPE ADD VALUE
-- watch: schema
-- as: utility
-- before: DROP TYPE IF EXISTS loot_type; CREATE TYPE loot_type AS ENUM ('a')
ALTER TYPE loot_type ADD VALUE 'b'

-- vector: CREATE DOMAIN
-- watch: schema
-- as: utility
-- before: DROP DOMAIN IF EXISTS loot_domain
CREATE DOMAIN loot_domain AS int

-- vector: CREATE CAST
-- watch: schema
-- as: utility
-- before: DROP CAST IF EXISTS (text AS point)
CREATE CAST (text AS point) WITH INOUT

-- vector: CREATE OPERATOR
-- watch: schema
-- as: utility
-- before: DROP OPERATOR IF EXISTS public.<++> (int, int)
CREATE OPERATOR <++> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)

-- vector: CREATE AGGREGATE
-- watch: schema
-- as: utility
-- before: DROP AGGREGATE IF EXISTS loot_aggregate(int)
CREATE AGGREGATE loot_aggregate(int) (SFUNC = int4pl, STYPE = int)

-- vector: CREATE COLLATION
-- watch: schema
-- as: utility
-- before: DROP COLLATION IF EXISTS loot_collation
CREATE COLLATION loot_collation FROM "C"

-- vector: CREATE TEXT SEARCH CONFIGURATION
-- watch: schema
-- as: utility
-- before: DROP TEXT SEARCH CONFIGURATION IF EXISTS loot_search
CREATE TEXT SEARCH CONFIGURATION loot_search (COPY = pg_catalog.simple)

-- vector: CREATE STATISTICS
-- watch: schema
-- as: utility
-- before: DROP STATISTICS IF EXISTS loot_statistics
CREATE STATISTICS loot_statistics ON id, note FROM canary

-- vector: CREATE PUBLICATION
-- watch: schema
-- as: utility
-- before: DROP PUBLICATION IF EXISTS loot_publication
-- after: DROP PUBLICATION IF EXISTS loot_publication
CREATE PUBLICATION loot_publication FOR TABLE canary

-- vector: CREATE SUBSCRIPTION
-- watch: schema
-- as: utility
-- before: DO $$ BEGIN IF EXISTS (SELECT FROM pg_subscription) THEN ALTER SUBSCRIPTION loot_subscription SET (slot_name = NONE); DROP SUBSCRIPTION loot_subscription; END IF; END $$
CREATE SUBSCRIPTION loot_subscription CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)

-- vector: CREATE EXTENSION
-- source: read-only-vectors "LOAD"
-- watch: schema
-- as: utility
-- before: DROP EXTENSION IF EXISTS citext
CREATE EXTENSION citext

-- vector: CREATE SERVER and foreign table that runs a program
-- watch: schema
-- as: script
-- not: extended
-- before: CREATE EXTENSION IF NOT EXISTS file_fdw; DROP SERVER IF EXISTS loot_server CASCADE
CREATE SERVER loot_server FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE loot_foreign (a text) SERVER loot_server OPTIONS (program 'date')

-- vector: IMPORT FOREIGN SCHEMA
-- watch: schema
-- as: utility
-- effect: error because that wrapper cannot import
-- before: CREATE EXTENSION IF NOT EXISTS file_fdw; DROP SERVER IF EXISTS loot_server CASCADE; CREATE SERVER loot_server FOREIGN DATA WRAPPER file_fdw
IMPORT FOREIGN SCHEMA public FROM SERVER loot_server INTO evil

-- vector: CREATE USER MAPPING
-- watch: schema
-- as: utility
-- before: CREATE EXTENSION IF NOT EXISTS file_fdw; DROP SERVER IF EXISTS loot_server CASCADE; CREATE SERVER loot_server FOREIGN DATA WRAPPER file_fdw
CREATE USER MAPPING FOR pawn SERVER loot_server

-- vector: CREATE LANGUAGE
-- watch: schema
-- as: utility
-- before: DROP LANGUAGE IF EXISTS loot_language
CREATE LANGUAGE loot_language HANDLER plpgsql_call_handler

-- vector: CREATE ACCESS METHOD
-- watch: schema
-- as: utility
-- before: DROP ACCESS METHOD IF EXISTS loot_method
CREATE ACCESS METHOD loot_method TYPE INDEX HANDLER bthandler

-- vector: CREATE CONVERSION
-- watch: schema
-- as: utility
-- before: DROP CONVERSION IF EXISTS loot_conversion
CREATE CONVERSION loot_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8

-- vector: CREATE TRANSFORM, which fails
-- watch: schema
-- as: utility
-- effect: error because the functions do not fit
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION evil.touch(int))

-- vector: CREATE DATABASE
-- watch: schema
-- as: alone
-- before: DROP DATABASE IF EXISTS loot_database
-- after: DROP DATABASE IF EXISTS loot_database
CREATE DATABASE loot_database TEMPLATE template0

-- vector: DROP DATABASE
-- watch: schema
-- as: alone
-- before: DROP DATABASE IF EXISTS loot_database; CREATE DATABASE loot_database TEMPLATE template0
-- after: DROP DATABASE IF EXISTS loot_database
DROP DATABASE loot_database

-- vector: ALTER DATABASE
-- watch: schema
-- as: utility
-- before: ALTER DATABASE shop CONNECTION LIMIT -1
ALTER DATABASE shop CONNECTION LIMIT 77

-- vector: CREATE TABLESPACE
-- watch: schema
-- as: alone
-- before: DROP TABLESPACE IF EXISTS loot_space; COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; mkdir -p {folder}/own'
-- after: DROP TABLESPACE IF EXISTS loot_space
CREATE TABLESPACE loot_space LOCATION '{folder}/own'

-- vector: COMMENT
-- watch: schema
-- as: utility
-- before: COMMENT ON TABLE flock IS NULL
COMMENT ON TABLE flock IS 'loot'

-- vector: COMMENT on a database
-- watch: schema
-- as: utility
-- before: COMMENT ON DATABASE vault IS NULL
COMMENT ON DATABASE vault IS 'loot'

-- vector: SECURITY LABEL
-- watch: schema
-- as: utility
-- effect: error because no provider of labels is loaded
SECURITY LABEL ON TABLE flock IS 'loot'

-- vector: DROP SCHEMA
-- watch: schema
-- as: utility
-- before: CREATE SCHEMA IF NOT EXISTS loot_house
DROP SCHEMA loot_house CASCADE

-- vector: DROP OWNED
-- watch: schema
-- as: utility
-- before: GRANT SELECT ON flock TO pawn
DROP OWNED BY pawn

-- vector: REASSIGN OWNED
-- watch: schema
-- as: utility
-- before: DROP TABLE IF EXISTS loot; CREATE TABLE loot (a int); ALTER TABLE loot OWNER TO pawn
REASSIGN OWNED BY pawn TO clear

-- vector: ALTER DEFAULT PRIVILEGES
-- watch: schema
-- as: utility
-- before: ALTER DEFAULT PRIVILEGES FOR ROLE clear REVOKE SELECT ON TABLES FROM pawn
-- after: ALTER DEFAULT PRIVILEGES FOR ROLE clear REVOKE SELECT ON TABLES FROM pawn
ALTER DEFAULT PRIVILEGES FOR ROLE clear GRANT SELECT ON TABLES TO pawn

-- vector: ALTER LARGE OBJECT
-- watch: large objects
-- as: utility
-- before: ALTER LARGE OBJECT 4711 OWNER TO trusted
-- after: ALTER LARGE OBJECT 4711 OWNER TO trusted
ALTER LARGE OBJECT 4711 OWNER TO pawn

-- vector: ALTER EXTENSION
-- watch: schema
-- as: utility
-- before: DROP EXTENSION IF EXISTS citext; DROP TABLE IF EXISTS loot; CREATE EXTENSION citext; CREATE TABLE loot (a int)
-- after: DROP EXTENSION IF EXISTS citext
ALTER EXTENSION citext ADD TABLE loot
