-- vector: ANALYZE TABLE
-- watch: binlog
-- as: utility
ANALYZE TABLE accounts

-- vector: ANALYZE TABLE PERSISTENT
-- watch: binlog
-- as: utility
ANALYZE TABLE accounts PERSISTENT FOR ALL

-- vector: OPTIMIZE TABLE
-- watch: binlog
-- as: utility
OPTIMIZE TABLE counters

-- vector: OPTIMIZE TABLES of several
-- watch: binlog
-- as: utility
OPTIMIZE TABLES counters, sums

-- vector: REPAIR TABLE
-- watch: binlog
-- as: utility
REPAIR TABLE counters QUICK

-- vector: REPAIR TABLE USE_FRM
-- watch: binlog
-- as: utility
REPAIR TABLE counters EXTENDED

-- vector: ALTER TABLE FORCE
-- watch: binlog
-- as: utility
ALTER TABLE accounts FORCE

-- vector: ALTER TABLE ANALYZE PARTITION
-- watch: binlog
-- as: utility
ALTER TABLE parts ANALYZE PARTITION ALL

-- vector: ALTER TABLE REBUILD PARTITION
-- watch: binlog
-- as: utility
ALTER TABLE parts REBUILD PARTITION p0

-- vector: FLUSH PRIVILEGES
-- watch: binlog
-- as: utility
FLUSH PRIVILEGES

-- vector: FLUSH TABLES
-- watch: binlog
-- as: utility
FLUSH TABLES

-- vector: FLUSH TABLE of one
-- watch: binlog
-- as: utility
FLUSH TABLE accounts

-- vector: FLUSH STATUS
-- watch: binlog
-- as: utility
FLUSH STATUS

-- vector: FLUSH HOSTS
-- watch: binlog
-- as: utility
FLUSH HOSTS

-- vector: FLUSH USER_RESOURCES
-- watch: binlog
-- as: utility
FLUSH USER_RESOURCES

-- vector: FLUSH QUERY CACHE
-- watch: binlog
-- as: utility
FLUSH QUERY CACHE

-- vector: FLUSH several
-- watch: binlog
-- as: utility
FLUSH HOSTS, STATUS

-- vector: FLUSH USER_STATISTICS
-- watch: binlog
-- as: utility
FLUSH USER_STATISTICS

-- vector: FLUSH LOGS
-- watch: binlog
-- as: utility
FLUSH LOGS

-- vector: FLUSH BINARY LOGS
-- watch: binlog
-- as: utility
FLUSH BINARY LOGS

-- vector: FLUSH ENGINE LOGS
-- watch: binlog
-- as: utility
FLUSH ENGINE LOGS

-- vector: FLUSH ERROR LOGS
-- watch: binlog
-- as: utility
FLUSH ERROR LOGS

-- vector: FLUSH SSL
-- watch: binlog
-- as: utility
FLUSH SSL

-- vector: ANALYZE LOCAL TABLE
-- watch: rows
-- as: utility
-- effect: none because nothing is left that the watch sees
ANALYZE LOCAL TABLE accounts

-- vector: CHECK TABLE
-- watch: rows
-- as: utility
-- effect: none because nothing is left that the watch sees
CHECK TABLE counters

-- vector: FLUSH LOCAL TABLES
-- watch: statistics
-- as: utility
-- before: SELECT 1 FROM shop.scratch LIMIT 1;SELECT * FROM counters FORCE INDEX (PRIMARY) WHERE id = 1
FLUSH LOCAL TABLES

-- vector: FLUSH NO_WRITE_TO_BINLOG STATUS
-- watch: statistics
-- as: utility
-- before: SELECT 1 FROM shop.scratch LIMIT 1;SELECT * FROM counters FORCE INDEX (PRIMARY) WHERE id = 1
FLUSH NO_WRITE_TO_BINLOG STATUS

-- vector: CHECKSUM TABLE
-- watch: rows
-- as: utility
-- effect: none because it reads
CHECKSUM TABLE accounts

-- vector: PURGE BINARY LOGS
-- watch: binlog
-- as: utility
-- not: in , binary: , with, behind, batch, transaction, after, bytewise, several, prepared, executed, for one, block, condition, mode, names, binary after
-- before: FLUSH BINARY LOGS;FLUSH BINARY LOGS;DO SLEEP(1.1)
PURGE BINARY LOGS BEFORE '2037-01-01'

-- vector: PURGE MASTER LOGS TO
-- watch: binlog
-- as: utility
-- effect: error because there is no such log
PURGE MASTER LOGS TO 'binlog.999999'

-- vector: RESET MASTER
-- watch: binlog
-- as: utility
-- before: FLUSH BINARY LOGS
RESET MASTER

-- vector: RESET QUERY CACHE
-- watch: binlog
-- as: utility
-- effect: none because there is none
RESET QUERY CACHE

-- vector: RESET SLAVE
-- watch: binlog
-- as: utility
-- effect: none because there is none
RESET SLAVE

-- vector: CACHE INDEX
-- watch: binlog
-- as: utility
-- effect: none because there is no such cache
CACHE INDEX counters IN hot

-- vector: LOAD INDEX INTO CACHE
-- watch: rows
-- as: utility
-- effect: none because only memory is filled
LOAD INDEX INTO CACHE counters

-- vector: CREATE STATISTICS by a write
-- watch: binlog
-- as: utility
UPDATE mysql.innodb_table_stats SET n_rows = n_rows + 1 WHERE table_name = 'accounts'

-- vector: a write into the tables of statistics
-- watch: binlog
-- as: utility
-- before: ANALYZE TABLE accounts PERSISTENT FOR ALL
DELETE FROM mysql.column_stats WHERE db_name = 'vault'

-- vector: a write into the tables of zones
-- watch: schema
-- as: utility
-- before: DELETE FROM mysql.time_zone_name
-- after: ?DELETE FROM mysql.time_zone_name
INSERT INTO mysql.time_zone_name VALUES ('Nowhere', 1)

-- vector: a write into the help
-- watch: schema
-- as: utility
-- before: REPLACE INTO mysql.help_topic VALUES (4242, 'x', 1, '', '', '')
DELETE FROM mysql.help_topic WHERE help_topic_id = 4242

-- vector: what is measured: consumers
-- watch: statistics
-- as: utility
-- before: UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME LIKE 'events%'
-- after: ?UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME LIKE 'events%'
UPDATE performance_schema.setup_consumers SET ENABLED = 'YES'

-- vector: what is measured: actors
-- watch: statistics
-- as: utility
-- before: DELETE FROM performance_schema.setup_actors WHERE USER = 'u'
-- after: ?DELETE FROM performance_schema.setup_actors WHERE USER = 'u'
INSERT INTO performance_schema.setup_actors VALUES ('h', 'u', 'r', 'YES', 'YES')

-- vector: what is measured: objects
-- watch: statistics
-- as: utility
-- before: INSERT IGNORE INTO performance_schema.setup_objects VALUES ('TABLE', 'loot', 'x', 'YES', 'YES')
DELETE FROM performance_schema.setup_objects WHERE OBJECT_SCHEMA = 'loot'

-- vector: what is measured: instruments
-- watch: statistics
-- as: utility
-- before: UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' WHERE NAME = 'statement/sql/select'
-- after: ?UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' WHERE NAME = 'statement/sql/select'
UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'statement/sql/select'

-- vector: what was measured
-- watch: statistics
-- as: utility
-- before: ?INSERT INTO performance_schema.setup_actors VALUES ('h', 'v', 'r', 'YES', 'YES')
-- after: ?INSERT INTO performance_schema.setup_actors VALUES ('%', '%', '%', 'YES', 'YES')
TRUNCATE TABLE performance_schema.setup_actors
