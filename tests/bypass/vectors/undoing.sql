-- vector: SET of the default
-- source: read-only-vectors "PG session default"; pgedge-postgres-mcp#196
-- watch: canary
-- as: script
SET default_transaction_read_only = off

-- vector: SET SESSION of the default
-- watch: canary
-- as: script
SET SESSION default_transaction_read_only TO false

-- vector: SET of the default, a prefix of the value
-- watch: canary
-- as: script
SET default_transaction_read_only = 'of'

-- vector: SET of the default, a number
-- watch: canary
-- as: script
SET default_transaction_read_only = 0

-- vector: SET of the default to DEFAULT
-- watch: canary
-- as: script
-- effect: none because the default is what the session began with
SET default_transaction_read_only TO DEFAULT

-- vector: SET of the default, name in quotes
-- watch: canary
-- as: script
SET "default_transaction_read_only" = off

-- vector: SET of the default, name in quotes and capitals
-- watch: canary
-- as: script
SET "Default_Transaction_READ_ONLY" = off

-- vector: SET of the default, name escaped
-- source: elizaOS#14286
-- watch: canary
-- as: script
SET U&"default\005ftransaction_read_only" = off

-- vector: SET of the default, name escaped by a sign of its own
-- watch: canary
-- as: script
SET U&"d!0065fault_transaction_read_only" UESCAPE '!' = off

-- vector: SET LOCAL in a transaction that has not read yet
-- watch: canary
-- as: script
BEGIN
-- then
SET LOCAL transaction_read_only = off

-- vector: SET transaction_read_only
-- source: read-only-vectors "SET transaction_read_only=off works"
-- watch: canary
-- as: script
BEGIN
-- then
SET transaction_read_only = off

-- vector: SET transaction_read_only in one message with the write
-- watch: canary
-- as: script
-- not: extended
BEGIN; SET transaction_read_only = off; SELECT length(1); COMMIT

-- vector: SET of both in one message
-- watch: canary
-- as: script
-- not: extended
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; SET default_transaction_read_only = off

-- vector: BEGIN READ WRITE
-- source: pgedge-postgres-mcp#196
-- watch: canary
-- as: script
BEGIN READ WRITE

-- vector: BEGIN with an isolation level and READ WRITE
-- watch: canary
-- as: script
BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE, NOT DEFERRABLE

-- vector: BEGIN READ ONLY, READ WRITE
-- watch: canary
-- as: script
BEGIN WORK READ ONLY READ WRITE

-- vector: START TRANSACTION READ WRITE
-- watch: canary
-- as: script
START TRANSACTION READ WRITE

-- vector: SET TRANSACTION READ WRITE
-- watch: canary
-- as: script
BEGIN
-- then
SET TRANSACTION READ WRITE

-- vector: SET LOCAL TRANSACTION READ WRITE
-- watch: canary
-- as: script
BEGIN
-- then
SET LOCAL TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE

-- vector: SET SESSION CHARACTERISTICS
-- source: pgedge-postgres-mcp#196
-- watch: canary
-- as: script
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE

-- vector: RESET of the default
-- source: read-only-vectors "RESET ALL, DISCARD ALL"
-- watch: canary
-- as: script
-- effect: none because it goes back to what the session began with
RESET default_transaction_read_only

-- vector: RESET transaction_read_only
-- watch: canary
-- as: script
-- until: 15
BEGIN
-- then
RESET transaction_read_only

-- vector: SET transaction_read_only TO DEFAULT
-- watch: canary
-- as: script
-- until: 15
BEGIN
-- then
SET transaction_read_only TO DEFAULT

-- vector: RESET transaction_read_only, where it is an error
-- watch: canary
-- as: script
-- since: 16
-- effect: error because this setting cannot be reset
BEGIN
-- then
RESET transaction_read_only

-- vector: RESET ALL
-- watch: canary
-- as: script
-- effect: none because it goes back to what the session began with
RESET ALL

-- vector: DISCARD ALL
-- watch: canary
-- as: script
-- effect: none because it goes back to what the session began with
DISCARD ALL

-- vector: COMMIT, write, BEGIN
-- source: pgadmin4#10022; modelcontextprotocol/servers#1889
-- watch: rows
-- as: script
-- not: extended
COMMIT; INSERT INTO canary VALUES (666); BEGIN
-- then
COMMIT

-- vector: COMMIT, write, SELECT
-- source: pgadmin4#10022
-- watch: rows
-- as: script
-- not: extended
COMMIT; INSERT INTO canary VALUES (666); SELECT 1

-- vector: out of BEGIN READ ONLY by COMMIT
-- source: pgadmin4#10022; modelcontextprotocol/servers#1889
-- watch: rows
-- as: script
BEGIN TRANSACTION READ ONLY
-- then
COMMIT
-- then
INSERT INTO canary VALUES (666)

-- vector: out of BEGIN READ ONLY by COMMIT AND CHAIN
-- watch: canary
-- as: script
BEGIN READ WRITE
-- then
COMMIT AND CHAIN

-- vector: out of BEGIN READ ONLY by END
-- source: modelcontextprotocol/servers#1889
-- watch: rows
-- as: script
-- not: extended
BEGIN READ ONLY; END; INSERT INTO canary VALUES (666); SELECT 1

-- vector: out of BEGIN READ ONLY by ABORT
-- watch: rows
-- as: script
-- not: extended
BEGIN READ ONLY; ABORT; UPDATE flock SET name = name || 'd'

-- vector: out of BEGIN READ ONLY by ROLLBACK AND CHAIN
-- watch: canary
-- as: script
START TRANSACTION READ WRITE
-- then
ROLLBACK AND CHAIN

-- vector: a backslash before a quote hides COMMIT from other lexers
-- source: pgadmin4#10192
-- watch: rows
-- as: script
-- not: extended
SELECT '\'; COMMIT; INSERT INTO canary VALUES (666); SELECT 1 --'

-- vector: set_config, name in capitals
-- watch: canary
-- as: select
SELECT set_config('DEFAULT_Transaction_Read_Only', 'off', false)

-- vector: set_config, name put together
-- source: read-only-vectors "deny dynamic name in set_config"
-- watch: canary
-- as: select
SELECT set_config('default_' || 'transaction_read_only', 'off', false)

-- vector: set_config, name from a table
-- watch: canary
-- as: select
SELECT set_config(name, 'off', false) FROM pg_settings WHERE name LIKE 'default%only'

-- vector: set_config, name in an escaped string
-- watch: canary
-- as: select
SELECT set_config(E'default\x5ftransaction_read_only', 'off', false)

-- vector: set_config, name in a Unicode string
-- watch: canary
-- as: select
SELECT set_config(U&'default\005ftransaction_read_only', 'off', false)

-- vector: set_config, name of the function in quotes
-- source: awslabs/mcp#4092
-- watch: canary
-- as: select
SELECT "set_config"('default_transaction_read_only', 'off', false)

-- vector: set_config, behind a string with an escaped quote
-- source: awslabs/mcp#4092
-- watch: canary
-- as: select
SELECT E'\'', set_config('default_transaction_read_only', 'off', false), E'\''

-- vector: set_config in WHERE
-- watch: canary
-- as: select
SELECT 1 WHERE set_config('default_transaction_read_only', 'off', false) = 'off'

-- vector: set_config by a parameter
-- watch: canary
-- as: script
PREPARE p (text) AS SELECT set_config($1, 'off', false)
-- then
EXECUTE p ('default_transaction_read_only')

-- vector: set_config of the transaction
-- watch: canary
-- as: script
-- effect: error because a query sets the snapshot, after which it cannot be set
BEGIN
-- then
SELECT set_config('transaction_read_only', 'off', true)

-- vector: DO with SET
-- watch: canary
-- as: utility
DO $$ BEGIN SET default_transaction_read_only = off; END $$

-- vector: pg_settings updated
-- watch: canary
-- as: script
-- effect: error because an UPDATE does not run where only reads do
UPDATE pg_settings SET setting = 'off' WHERE name = 'default_transaction_read_only'

-- vector: ALTER ROLE of oneself
-- source: read-only-vectors "ALTER ROLE/DATABASE SET"
-- watch: roles
-- as: utility
-- before: ALTER ROLE clear RESET ALL
-- after: ALTER ROLE clear RESET ALL
ALTER ROLE CURRENT_USER SET default_transaction_read_only = off

-- vector: ALTER ROLE IN DATABASE
-- watch: roles
-- as: utility
-- before: ALTER ROLE clear IN DATABASE vault RESET ALL
-- after: ALTER ROLE clear IN DATABASE vault RESET ALL
ALTER ROLE clear IN DATABASE vault SET default_transaction_read_only TO off

-- vector: ALTER ROLE ALL
-- watch: roles
-- as: utility
-- before: ALTER ROLE ALL RESET ALL
-- after: ALTER ROLE ALL RESET ALL
ALTER ROLE ALL SET default_transaction_read_only = off

-- vector: ALTER USER, the other word
-- watch: roles
-- as: utility
-- before: ALTER ROLE clear RESET ALL
-- after: ALTER ROLE clear RESET ALL
ALTER USER clear SET "default_transaction_read_only" = off

-- vector: ALTER DATABASE SET
-- watch: roles
-- as: utility
-- before: ALTER DATABASE vault RESET ALL
-- after: ALTER DATABASE vault RESET ALL
ALTER DATABASE vault SET default_transaction_read_only = off

-- vector: ALTER SYSTEM SET
-- source: read-only-vectors "ALTER SYSTEM"
-- watch: settings
-- as: alone
-- before: ALTER SYSTEM RESET ALL
-- after: ALTER SYSTEM RESET ALL
ALTER SYSTEM SET default_transaction_read_only = off

-- vector: ALTER SYSTEM SET of a command
-- watch: settings
-- as: alone
-- before: ALTER SYSTEM RESET ALL
-- after: ALTER SYSTEM RESET ALL
ALTER SYSTEM SET archive_command = 'date > {folder}/archived.txt'

-- vector: ALTER FUNCTION SET
-- watch: schema
-- as: utility
-- before: ALTER FUNCTION evil.touch() RESET ALL
ALTER FUNCTION evil.touch() SET default_transaction_read_only = off

-- vector: options at the start
-- source: read-only-vectors "incl. options"
-- watch: canary
-- as: script
-- startup: options=-c default_transaction_read_only=off
SELECT 1

-- vector: options at the start, long form
-- watch: canary
-- as: script
-- startup: options=--default-transaction-read-only=off
SELECT 1

-- vector: options at the start, escaped and after others
-- watch: canary
-- as: script
-- startup: options=-c work_mem=1MB -c default_transaction_read_only=of\f
SELECT 1

-- vector: options at the start, capitals
-- watch: canary
-- as: script
-- startup: options=-cDEFAULT_TRANSACTION_READ_ONLY=off
SELECT 1

-- vector: a parameter at the start
-- watch: canary
-- as: script
-- startup: default_transaction_read_only=off
SELECT 1

-- vector: a parameter at the start, capitals
-- watch: canary
-- as: script
-- startup: Default_Transaction_Read_Only=off
SELECT 1

-- vector: a parameter at the start that comes twice
-- watch: canary
-- as: script
-- startup: default_transaction_read_only=on
-- startup: default_transaction_read_only=off
SELECT 1

-- vector: transaction_read_only at the start
-- watch: canary
-- as: script
-- startup: transaction_read_only=off
-- effect: none because each transaction begins with the default
SELECT 1

-- vector: options and a parameter, both
-- watch: canary
-- as: script
-- startup: options=-c default_transaction_read_only=off
-- startup: default_transaction_read_only=off
SELECT 1

-- vector: SET TRANSACTION in a batch without BEGIN
-- watch: canary
-- as: script
-- not: extended
SET TRANSACTION READ WRITE; SELECT length(1)

-- vector: SET LOCAL in a batch without BEGIN
-- watch: canary
-- as: script
-- not: extended
SET LOCAL transaction_read_only = off; SELECT length(1)

-- vector: SET TRANSACTION behind a query
-- watch: canary
-- as: script
-- effect: error because the mode has to be set before any query
BEGIN
-- then
SELECT 1
-- then
SET TRANSACTION READ WRITE

-- vector: SET TRANSACTION behind a savepoint
-- watch: canary
-- as: script
-- effect: error because a part of a read-only transaction cannot write
BEGIN
-- then
SAVEPOINT s
-- then
SET TRANSACTION READ WRITE

-- vector: set_config to nothing
-- watch: canary
-- as: script
-- effect: none because it goes back to what the session began with
SELECT set_config('default_transaction_read_only', NULL, false)

-- vector: set_config with a schema in quotes
-- watch: canary
-- as: select
SELECT "pg_catalog"."set_config"('default_transaction_read_only', 'off', false)

-- vector: set_config in the FROM of a subquery
-- watch: canary
-- as: select
SELECT count(*) FROM (SELECT * FROM set_config('default_transaction_read_only', 'off', false) OFFSET 0) s

-- vector: ALTER ROLE RESET
-- watch: roles
-- as: utility
-- before: ALTER ROLE pawn SET default_transaction_read_only = on
ALTER ROLE pawn RESET default_transaction_read_only

-- vector: ALTER ROLE RESET ALL
-- watch: roles
-- as: utility
-- before: ALTER ROLE clear SET work_mem = '5MB'
-- after: ALTER ROLE clear RESET ALL
ALTER ROLE SESSION_USER RESET ALL

-- vector: ALTER DATABASE RESET
-- watch: roles
-- as: utility
-- before: ALTER DATABASE shop SET default_transaction_read_only = on
-- after: ALTER DATABASE shop RESET ALL
ALTER DATABASE shop RESET default_transaction_read_only

-- vector: options at the start, dashes for underscores
-- watch: canary
-- as: script
-- startup: options=-c default-transaction-read-only=off
SELECT 1

-- vector: options at the start, a letter escaped in the name
-- watch: canary
-- as: script
-- startup: options=-c d\efault_transaction_read_only=off
SELECT 1

-- vector: options at the start, tabs and line ends for spaces
-- watch: canary
-- as: script
-- startup: options={vt}-c{tab}default_transaction_read_only=off{cr}
SELECT 1

-- vector: options at the start, no space behind -c
-- watch: canary
-- as: script
-- startup: options=-cdefault_transaction_read_only=no
SELECT 1

-- vector: options at the start, the second of two
-- watch: canary
-- as: script
-- startup: options=-c default_transaction_read_only=on -c default_transaction_read_only=0
SELECT 1
