-- vector: KILL
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL {victim}

-- vector: KILL CONNECTION
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL CONNECTION {victim}

-- vector: KILL QUERY
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL QUERY {victim}

-- vector: KILL HARD
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL HARD CONNECTION {victim}

-- vector: KILL SOFT
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL SOFT QUERY {victim}

-- vector: KILL USER
-- watch: sessions
-- as: utility
KILL USER victim

-- vector: KILL QUERY USER
-- watch: sessions
-- as: utility
KILL QUERY USER victim

-- vector: KILL USER with a host
-- watch: sessions
-- as: utility
KILL CONNECTION USER victim@'127.0.0.1'

-- vector: KILL of a sum
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL {victim} + 0

-- vector: KILL in an executable comment
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL /*!50000 QUERY */ {victim}

-- vector: KILL of a string
-- watch: sessions
-- as: utility
-- not: prepared from hexa
KILL '{victim}'

-- vector: KILL of a variable
-- watch: sessions
-- as: script
-- not: prepared from hexa
SET @id = {victim}
-- then
KILL @id

-- vector: KILL of what a query finds
-- watch: sessions
-- as: script
SELECT ID INTO @id FROM information_schema.PROCESSLIST WHERE USER = 'victim'
-- then
KILL QUERY @id

-- vector: INSTALL PLUGIN
-- watch: schema
-- as: utility
-- effect: error because the library is not there
INSTALL PLUGIN server_audit SONAME 'server_audit.so'

-- vector: INSTALL SONAME
-- watch: schema
-- as: utility
-- effect: error because the library is not there
INSTALL SONAME 'ha_connect'

-- vector: UNINSTALL PLUGIN
-- watch: schema
-- as: utility
-- effect: none because there is none
UNINSTALL PLUGIN IF EXISTS no_such_plugin

-- vector: UNINSTALL SONAME
-- watch: schema
-- as: utility
-- effect: error because the library is not there
UNINSTALL SONAME 'ha_connect'

-- vector: INSTALL COMPONENT
-- watch: schema
-- as: utility
-- effect: error because only MySQL knows it
INSTALL COMPONENT 'file://component_query_attributes'

-- vector: CLONE LOCAL
-- watch: files
-- as: utility
-- effect: error because only MySQL knows it
CLONE LOCAL DATA DIRECTORY = '{folder}/clone'

-- vector: IMPORT TABLE
-- watch: schema
-- as: utility
-- effect: error because only MySQL knows it
IMPORT TABLE FROM '{folder}/x.sdi'

-- vector: CHANGE MASTER
-- watch: statistics
-- as: utility
-- before: ?STOP SLAVE;RESET SLAVE ALL
-- after: ?STOP SLAVE;?RESET SLAVE ALL
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'

-- vector: CHANGE MASTER by a name
-- watch: statistics
-- as: utility
-- before: ?RESET SLAVE 'far' ALL
-- after: ?RESET SLAVE 'far' ALL
CHANGE MASTER 'far' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1

-- vector: START SLAVE
-- watch: statistics
-- as: utility
-- before: ?STOP SLAVE;RESET SLAVE ALL;CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'
-- after: ?STOP SLAVE;?RESET SLAVE ALL
START SLAVE

-- vector: START REPLICA
-- watch: statistics
-- as: utility
-- before: ?STOP SLAVE;RESET SLAVE ALL;CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'
-- after: ?STOP SLAVE;?RESET SLAVE ALL
START REPLICA SQL_THREAD

-- vector: RESET SLAVE ALL
-- watch: statistics
-- as: utility
-- before: ?STOP SLAVE;RESET SLAVE ALL;CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'
-- after: ?RESET SLAVE ALL
RESET SLAVE ALL

-- vector: CHANGE REPLICATION SOURCE
-- watch: statistics
-- as: utility
-- effect: error because only MySQL spells it so
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1'

-- vector: BINLOG
-- watch: rows
-- as: utility
-- effect: none because only the form of what would follow is told
BINLOG 'SOgWTg8BAAAAbgAAAHIAAAAAAAQANS42LjMtbTUtZGVidWctbG9nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEzgNAAgAEgAEBAQEEgAAVgAEGggAAAAICAgCAAAAAAVAYI8='

-- vector: SHOW … INTO
-- watch: files
-- as: utility
-- effect: error because it takes none
SHOW MASTER STATUS INTO OUTFILE '{folder}/x'

-- vector: LOCK INSTANCE
-- watch: locks
-- as: utility
-- effect: error because only MySQL spells it so
LOCK INSTANCE FOR BACKUP

-- vector: CREATE RESOURCE GROUP
-- watch: variables
-- as: utility
-- effect: error because only MySQL knows it
CREATE RESOURCE GROUP g TYPE = USER

-- vector: ALTER INSTANCE
-- watch: variables
-- as: utility
-- effect: error because only MySQL knows it
ALTER INSTANCE ROTATE INNODB MASTER KEY

-- vector: RESTART
-- watch: variables
-- as: utility
-- effect: error because only MySQL knows it
RESTART

-- vector: SET GLOBAL of what the log is
-- watch: variables
-- as: utility
-- before: SET GLOBAL general_log_file = DEFAULT
-- after: ?SET GLOBAL general_log_file = DEFAULT
SET GLOBAL general_log_file = '{folder}/log.php'

-- vector: a log that writes what one likes
-- watch: variables
-- as: script
-- after: ?SET GLOBAL general_log = 0;?SET GLOBAL general_log_file = DEFAULT
SET GLOBAL general_log_file = '{folder}/log.php'
-- then
SET GLOBAL general_log = 1
-- then
SELECT '<?php'
-- then
SET GLOBAL general_log = 0

-- vector: SHOW PROFILE
-- watch: rows
-- as: utility
-- effect: none because it reads
SHOW PROFILES
