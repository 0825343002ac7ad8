-- vector: setval
-- source: elizaOS#14286
-- watch: sequences
-- as: select
SELECT setval('counter', currval_or_one + 7) FROM (SELECT last_value AS currval_or_one FROM counter) s

-- vector: setval that only forgets
-- watch: sequences
-- as: select
-- before: SELECT nextval('counter')
SELECT setval('counter', 1, false)

-- vector: lo_create
-- source: superset#40421
-- watch: large objects
-- as: select
SELECT lo_create(0)

-- vector: lo_creat
-- watch: large objects
-- as: select
SELECT lo_creat(-1)

-- vector: lo_from_bytea
-- watch: large objects
-- as: select
SELECT lo_from_bytea(0, 'loot')

-- vector: lo_put
-- watch: large objects
-- as: select
SELECT lo_put(4711, 0, convert_to(clock_timestamp()::text, 'UTF8'))

-- vector: lo_unlink
-- watch: large objects
-- as: select
-- before: SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = 4712; SELECT lo_create(4712)
SELECT lo_unlink(4712)

-- vector: lo_import
-- source: milady#567
-- watch: large objects
-- as: select
SELECT lo_import('{folder}/rows.txt')

-- vector: lo_export
-- source: milady#567
-- watch: files
-- as: select
-- before: SELECT lo_put(4711, 0, convert_to(clock_timestamp()::text, 'UTF8'))
SELECT lo_export(4711, '{folder}/lo.txt')

-- vector: lo_open for writing, lowrite
-- watch: large objects
-- as: select
-- not: copied
SELECT lowrite(lo_open(4711, 131072), convert_to(clock_timestamp()::text, 'UTF8'))

-- vector: lo_truncate
-- watch: large objects
-- as: select
-- not: copied
SELECT lo_truncate(lo_open(4711, 131072), 3)

-- vector: pg_notify
-- source: agami-core#395
-- watch: notifications
-- as: select
SELECT pg_notify('watch', 'x' || clock_timestamp())

-- vector: pg_logical_emit_message
-- source: awslabs/mcp#4575
-- watch: wal
-- as: select
SELECT pg_logical_emit_message(false, 'loot', 'message')

-- vector: pg_logical_emit_message in the transaction
-- watch: wal
-- as: select
SELECT pg_logical_emit_message(true, 'loot', 'message'::bytea)

-- vector: pg_switch_wal
-- source: agami-core#85
-- watch: wal
-- as: select
-- before: SELECT pg_logical_emit_message(false, 'before', 'x')
SELECT pg_switch_wal()

-- vector: pg_create_restore_point
-- source: agami-core#85
-- watch: wal
-- as: select
SELECT pg_create_restore_point('loot')

-- vector: a backup begun
-- watch: wal
-- as: select
-- since: 15
-- session: own
-- not: batch, block, pipelined
SELECT pg_backup_start('loot', true)

-- vector: a backup begun, as it was called
-- watch: wal
-- as: select
-- until: 14
-- session: own
-- not: batch, block, pipelined
SELECT pg_start_backup('loot', true, false)

-- vector: pg_create_physical_replication_slot
-- source: awslabs/mcp#4575
-- watch: slots
-- as: select
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
SELECT pg_create_physical_replication_slot('loot')

-- vector: pg_create_logical_replication_slot by named arguments
-- watch: slots
-- as: select
-- not: block
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
SELECT pg_create_logical_replication_slot(plugin => 'test_decoding', slot_name => 'loot')

-- vector: pg_copy_physical_replication_slot
-- watch: slots
-- as: select
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots; SELECT pg_create_physical_replication_slot('kept', true)
SELECT pg_copy_physical_replication_slot('kept', 'loot')

-- vector: pg_drop_replication_slot
-- source: agami-core#85
-- watch: slots
-- as: select
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots; SELECT pg_create_physical_replication_slot('kept', true)
SELECT pg_drop_replication_slot('kept')

-- vector: pg_replication_slot_advance
-- watch: slots
-- as: select
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots; SELECT pg_create_physical_replication_slot('kept', true); SELECT pg_switch_wal()
SELECT pg_replication_slot_advance('kept', pg_current_wal_lsn())

-- vector: pg_logical_slot_get_changes consumes
-- watch: slots
-- as: select
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots; SELECT pg_create_logical_replication_slot('kept', 'test_decoding'); INSERT INTO canary VALUES (5); SELECT pg_switch_wal()
SELECT * FROM pg_logical_slot_get_changes('kept', NULL, NULL)

-- vector: pg_replication_origin_create
-- source: awslabs/mcp#4575
-- watch: slots
-- as: select
-- before: SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin
SELECT pg_replication_origin_create('loot')

-- vector: pg_replication_origin_drop
-- watch: slots
-- as: select
-- before: SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin; SELECT pg_replication_origin_create('kept')
SELECT pg_replication_origin_drop('kept')

-- vector: pg_advisory_lock
-- source: milady#567
-- watch: locks
-- as: select
SELECT pg_advisory_lock(pg_backend_pid())

-- vector: pg_try_advisory_lock_shared
-- watch: locks
-- as: select
SELECT pg_try_advisory_lock_shared(1, pg_backend_pid())

-- vector: pg_advisory_xact_lock
-- watch: locks
-- as: script
BEGIN
-- then
SELECT pg_advisory_xact_lock(pg_backend_pid())

-- vector: pg_terminate_backend
-- source: milady#567; agami-core#395
-- watch: sessions
-- as: select
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'

-- vector: pg_cancel_backend
-- watch: sessions
-- as: select
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'

-- vector: pg_reload_conf
-- source: agami-core#85
-- watch: settings
-- as: select
SELECT pg_reload_conf()

-- vector: pg_rotate_logfile
-- watch: files
-- as: select
-- effect: none because the server of the tests has no logging collector
SELECT pg_rotate_logfile()

-- vector: pg_promote
-- watch: files
-- as: select
-- effect: error because the server of the tests is no standby
SELECT pg_promote()

-- vector: pg_wal_replay_pause
-- watch: files
-- as: select
-- effect: error because the server of the tests is no standby
SELECT pg_wal_replay_pause()

-- vector: pg_stat_reset
-- source: awslabs/mcp#4575
-- watch: statistics
-- as: select
SELECT pg_stat_reset()

-- vector: pg_stat_reset_shared
-- watch: statistics
-- as: select
SELECT pg_stat_reset_shared('bgwriter')

-- vector: pg_stat_reset_slru
-- watch: statistics
-- as: select
SELECT pg_stat_reset_slru('xact')

-- vector: pg_read_file
-- source: pgedge-postgres-mcp#220; dbhub#379
-- watch: answer
-- answer: {secret}
-- as: select
SELECT pg_read_file('{folder}/secret.txt')

-- vector: pg_read_file of the server's own configuration
-- watch: answer
-- answer: default_text_search_config
-- as: select
SELECT pg_read_file('postgresql.conf')

-- vector: pg_read_binary_file
-- source: dbhub#379
-- watch: answer
-- answer: {secret}
-- as: select
SELECT convert_from(pg_read_binary_file('{folder}/secret.txt'), 'UTF8')

-- vector: pg_ls_dir
-- source: dbhub#379
-- watch: answer
-- answer: {secret}
-- as: select
SELECT pg_ls_dir('{folder}')

-- vector: pg_ls_waldir
-- watch: answer
-- answer: 0000000
-- as: select
SELECT name FROM pg_ls_waldir()

-- vector: pg_stat_file
-- watch: answer
-- answer: is there
-- as: select
SELECT 'is there' FROM pg_stat_file('{folder}/secret.txt') f WHERE f.size > 0

-- vector: pg_export_snapshot
-- watch: files
-- as: script
-- effect: none because its file goes with the transaction, and a dump in parallel needs it
BEGIN ISOLATION LEVEL REPEATABLE READ
-- then
SELECT pg_export_snapshot()

-- vector: pg_import_system_collations
-- watch: schema
-- as: select
-- before: DROP SCHEMA IF EXISTS loot_letters CASCADE; CREATE SCHEMA loot_letters
SELECT pg_import_system_collations('loot_letters')

-- vector: brin_summarize_new_values
-- source: awslabs/mcp#4575
-- watch: wal
-- as: select
-- before: DROP INDEX brine_summary; TRUNCATE brine; CREATE INDEX brine_summary ON brine USING brin (id) WITH (pages_per_range = 1); INSERT INTO brine SELECT generate_series(1, 500)
SELECT brin_summarize_new_values('brine_summary')

-- vector: brin_desummarize_range
-- watch: wal
-- as: select
-- before: DROP INDEX brine_summary; TRUNCATE brine; INSERT INTO brine SELECT generate_series(1, 500); CREATE INDEX brine_summary ON brine USING brin (id) WITH (pages_per_range = 1)
SELECT brin_desummarize_range('brine_summary', 0)

-- vector: pg_restore_relation_stats
-- watch: schema
-- as: select
-- since: 18
-- before: SELECT pg_clear_relation_stats('public', 'flock')
SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', 'flock', 'reltuples', 12345::real)

-- vector: pg_clear_relation_stats
-- watch: schema
-- as: select
-- since: 18
-- before: ANALYZE flock
SELECT pg_clear_relation_stats('public', 'flock')

-- vector: pg_clear_attribute_stats
-- watch: schema
-- as: select
-- since: 18
-- before: ANALYZE flock
SELECT pg_clear_attribute_stats('public', 'flock', 'name', false)

-- vector: pg_log_backend_memory_contexts
-- watch: files
-- as: select
-- effect: none because it writes into the server's log only, which is not watched
SELECT pg_log_backend_memory_contexts(pg_backend_pid())

-- vector: dblink_exec
-- source: read-only-vectors "dblink*"
-- watch: rows
-- as: select
SELECT dblink_exec('host=127.0.0.1 port={port} user=trusted dbname=vault', 'INSERT INTO canary VALUES (666)')

-- vector: dblink
-- watch: rows
-- as: select
SELECT * FROM dblink('host=127.0.0.1 port={port} user=trusted dbname=vault', 'INSERT INTO canary VALUES (666) RETURNING id') AS t (id int)

-- vector: dblink_connect, dblink_send_query
-- watch: rows
-- as: select
-- session: own
SELECT a.c, dblink_send_query(a.n, 'INSERT INTO canary VALUES (666) RETURNING id'), (SELECT id FROM dblink_get_result(a.n) AS t (id int)) FROM (SELECT dblink_connect('d' || clock_timestamp(), 'host=127.0.0.1 port={port} user=trusted dbname=vault') AS c, (dblink_get_connections())[1] AS n OFFSET 0) a

-- vector: an adminpack file
-- watch: files
-- as: select
-- until: 16
-- before: CREATE EXTENSION IF NOT EXISTS adminpack; SELECT pg_file_unlink('loot.txt')
SELECT pg_file_write('loot.txt', 'loot', false)

-- vector: pg_truncate_visibility_map
-- watch: wal
-- as: select
-- before: CREATE EXTENSION IF NOT EXISTS pg_visibility; TRUNCATE brine; INSERT INTO brine VALUES (1); VACUUM brine
SELECT pg_truncate_visibility_map('brine')

-- vector: heap_force_kill
-- watch: rows
-- as: select
-- before: CREATE EXTENSION IF NOT EXISTS pg_surgery; TRUNCATE brine; INSERT INTO brine VALUES (1)
SELECT heap_force_kill('brine', ARRAY['(0,1)'::tid])

-- vector: set_config of the default
-- source: read-only-vectors "set_config()"; milady#567
-- watch: canary
-- as: select
SELECT set_config('default_transaction_read_only', 'off', false)

-- vector: set_config of search_path puts another function in a built-in's place
-- source: awslabs/mcp#4092
-- watch: notifications
-- as: script
SELECT set_config('search_path', 'evil, pg_catalog', false)
-- then
SELECT upper('x')

-- vector: a temporary replication slot
-- watch: slots
-- as: select
-- session: own
-- before: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT temporary
SELECT pg_create_physical_replication_slot('brief' || pg_backend_pid(), false, true)
