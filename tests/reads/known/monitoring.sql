-- group: queries of monitoring
---
SELECT 1 AS up
---
SELECT current_setting('server_version_num')::int / 10000 >= 14 AS modern, pg_is_in_recovery()::int AS replica
--- values vary
SELECT pg_postmaster_start_time() AS start_time_seconds, extract(epoch from now() - pg_postmaster_start_time())::bigint AS uptime
--- values vary
SELECT datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched, tup_inserted, tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, blk_read_time, blk_write_time, stats_reset, session_time, active_time, sessions, sessions_abandoned, sessions_fatal, sessions_killed FROM pg_stat_database ORDER BY datname NULLS FIRST
---
SELECT datname, confl_tablespace, confl_lock, confl_snapshot, confl_bufferpin, confl_deadlock FROM pg_stat_database_conflicts ORDER BY 1
--- values vary
SELECT datname, pg_database_size(datname) AS size_bytes FROM pg_database WHERE NOT datistemplate ORDER BY datname
--- values vary
SELECT pg_database.datname, tmp.mode, COALESCE(count, 0) AS count FROM (VALUES ('accesssharelock'), ('rowsharelock'), ('exclusivelock')) AS tmp (mode) CROSS JOIN pg_database LEFT JOIN (SELECT database, lower(mode) AS mode, count(*) AS count FROM pg_locks WHERE database IS NOT NULL GROUP BY database, lower(mode)) AS tmp2 ON tmp.mode = tmp2.mode AND pg_database.oid = tmp2.database ORDER BY 1, 2
--- rows vary
SELECT state, usename, application_name, count(*) AS connections, max(extract(epoch from now() - xact_start)) AS longest FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1, 2, 3 ORDER BY 1
--- rows vary
SELECT pid, now() - query_start AS age, wait_event_type, wait_event, left(query, 100) AS query FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() AND now() - query_start > interval '5 minutes'
--- rows vary
SELECT blocked.pid AS blocked, blocking.pid AS blocking, blocked.query FROM pg_stat_activity AS blocked JOIN pg_stat_activity AS blocking ON blocking.pid = ANY (pg_blocking_pids(blocked.pid))
--- values vary, until 16
SELECT checkpoints_timed, checkpoints_req, checkpoint_write_time, buffers_checkpoint, buffers_clean, maxwritten_clean, buffers_backend, buffers_alloc, stats_reset FROM pg_stat_bgwriter
--- values vary, since 17
SELECT b.buffers_clean, b.maxwritten_clean, b.buffers_alloc, c.num_timed, c.num_requested, c.write_time, c.sync_time, c.buffers_written FROM pg_stat_bgwriter AS b, pg_stat_checkpointer AS c
--- values vary, since 16
SELECT backend_type, object, context, reads, writes, hits, evictions FROM pg_stat_io ORDER BY 1, 2, 3
--- values vary
SELECT archived_count, last_archived_wal, failed_count, extract(epoch from now() - last_archived_time) AS age FROM pg_stat_archiver
--- values vary
SELECT wal_records, wal_fpi, wal_bytes, wal_buffers_full, stats_reset FROM pg_stat_wal
---
SELECT pid, usename, application_name, client_addr, state, sync_state, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, replay_lsn) AS lag_bytes, write_lag, flush_lag, replay_lag FROM pg_stat_replication
---
SELECT slot_name, slot_type, active, restart_lsn, confirmed_flush_lsn, wal_status, safe_wal_size, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS retained FROM pg_replication_slots
---
SELECT status, receive_start_lsn, flushed_lsn, latest_end_lsn, slot_name, sender_host FROM pg_stat_wal_receiver
---
SELECT subname, pid, received_lsn, latest_end_lsn FROM pg_stat_subscription
--- values vary
SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0 ELSE GREATEST(0, EXTRACT(EPOCH FROM (now() - pg_last_xact_replay_timestamp()))) END AS lag, pg_is_in_recovery()
--- values vary
SELECT pg_current_wal_lsn(), pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn(), pg_walfile_name_offset(pg_current_wal_lsn())
--- values vary
SELECT relname, heap_blks_read, heap_blks_hit, idx_blks_read, idx_blks_hit, toast_blks_read FROM pg_statio_user_tables ORDER BY 1
--- values vary
SELECT schemaname, relname, n_live_tup, n_dead_tup, n_mod_since_analyze, vacuum_count, autovacuum_count, greatest(last_vacuum, last_autovacuum) FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, relname
--- values vary
SELECT funcid::regproc, calls, total_time, self_time FROM pg_stat_user_functions ORDER BY 1
--- values vary
SELECT datname, age(datfrozenxid) AS xid_age, mxid_age(datminmxid), round(100 * age(datfrozenxid) / 2000000000.0, 2) AS percent FROM pg_database ORDER BY 1
--- values vary
SELECT c.oid::regclass, age(c.relfrozenxid), pg_size_pretty(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relkind IN ('r', 't', 'm') AND relnamespace = 'public'::regnamespace ORDER BY 1
---
SELECT relid::regclass, phase, heap_blks_total, heap_blks_scanned FROM pg_stat_progress_vacuum
---
SELECT pid, datname, command, phase, blocks_done, blocks_total FROM pg_stat_progress_create_index
---
SELECT * FROM pg_stat_progress_analyze
---
SELECT * FROM pg_stat_progress_basebackup
---
SELECT * FROM pg_stat_progress_copy
---
SELECT * FROM pg_stat_progress_cluster
--- values vary
SELECT name, setting, unit, vartype, pending_restart FROM pg_settings WHERE vartype IN ('bool', 'integer', 'real') AND name <> 'sync_commit_cancel_wait' ORDER BY name
--- rows vary
SELECT queryid, calls, total_exec_time, mean_exec_time, rows, shared_blks_hit, shared_blks_read, left(query, 60) FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 20
--- rows vary
SELECT pg_get_userbyid(userid) AS user, datname, pg_stat_statements.queryid, pg_stat_statements.calls AS calls_total, pg_stat_statements.total_exec_time / 1000.0 AS seconds_total, pg_stat_statements.rows FROM pg_stat_statements JOIN pg_database ON pg_database.oid = pg_stat_statements.dbid WHERE calls > (SELECT percentile_cont(0.1) WITHIN GROUP (ORDER BY calls) FROM pg_stat_statements) ORDER BY seconds_total DESC LIMIT 100
--- values vary
SELECT dealloc, stats_reset FROM pg_stat_statements_info
--- rows vary
SELECT count(*) FROM pg_stat_statements(false)
--- values vary
SELECT name, blks_zeroed, blks_hit, blks_read, blks_written, flushes FROM pg_stat_slru ORDER BY name
--- values vary
SELECT count(*) FILTER (WHERE state = 'idle in transaction') AS idle_in_transaction, count(*) * 100.0 / current_setting('max_connections')::int AS used FROM pg_stat_activity
--- values vary
SELECT ssl, version, cipher, bits FROM pg_stat_ssl WHERE pid = pg_backend_pid()
--- values vary
SELECT sum(heap_blks_hit) / nullif(sum(heap_blks_hit) + sum(heap_blks_read), 0) AS ratio FROM pg_statio_user_tables
--- values vary
SELECT s.relname, s.indexrelname, pg_relation_size(s.indexrelid) FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid) WHERE s.idx_scan = 0 AND 0 <> ALL (i.indkey) AND NOT i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = s.indexrelid) ORDER BY 3 DESC, 2
--- values vary
SELECT relname, pg_stat_get_live_tuples(oid), pg_stat_get_dead_tuples(oid), pg_stat_get_last_analyze_time(oid) IS NOT NULL FROM pg_class WHERE relname IN ('orders', 'lines') ORDER BY 1
--- values vary
SELECT pg_stat_get_backend_idset() IS NOT NULL, pg_stat_get_db_numbackends(oid) >= 0 FROM pg_database WHERE datname = 'store' LIMIT 1
--- values vary
SELECT txid_current_snapshot(), txid_snapshot_xmin(txid_current_snapshot()), pg_snapshot_xmax(pg_current_snapshot())
--- values vary
SELECT checkpoint_lsn, redo_lsn, timeline_id, full_page_writes FROM pg_control_checkpoint()
---
SELECT pg_control_version, catalog_version_no FROM pg_control_system()
---
SELECT max_data_alignment, database_block_size, wal_block_size FROM pg_control_init()
--- values vary
SELECT end_of_backup_record_required FROM pg_control_recovery()
--- values vary
SELECT type, count(*) FROM (SELECT backend_type AS type FROM pg_stat_activity WHERE backend_type = 'checkpointer') AS t GROUP BY 1
--- rows vary
SELECT a.pid, w.wait_event FROM pg_stat_activity a LEFT JOIN LATERAL (SELECT a.wait_event) AS w ON true WHERE a.backend_type LIKE '%writer' ORDER BY 1
--- since 15, values vary
SELECT name, free_bytes, total_bytes FROM pg_backend_memory_contexts ORDER BY total_bytes DESC, name LIMIT 1
