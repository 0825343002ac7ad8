-- vector: VACUUM
-- watch: wal
-- as: alone
-- before: INSERT INTO brine VALUES (1); DELETE FROM brine
VACUUM brine

-- vector: VACUUM FULL
-- watch: schema
-- as: alone
VACUUM (FULL, ANALYZE) flock

-- vector: VACUUM of everything
-- watch: wal
-- as: alone
-- before: INSERT INTO brine VALUES (1); DELETE FROM brine
-- not: extended named, extended later
VACUUM

-- vector: ANALYZE
-- source: read-only-vectors "allowlist"
-- watch: schema
-- as: utility
ANALYZE flock

-- vector: ANALYSE, the British spelling
-- watch: schema
-- as: utility
ANALYSE VERBOSE flock (id)

-- vector: REINDEX
-- watch: schema
-- as: utility
REINDEX TABLE flock

-- vector: REINDEX INDEX CONCURRENTLY
-- watch: schema
-- as: alone
REINDEX INDEX CONCURRENTLY flock_pkey

-- vector: CLUSTER
-- watch: schema
-- as: utility
CLUSTER flock USING flock_pkey

-- vector: CHECKPOINT
-- watch: wal
-- as: utility
-- before: SELECT pg_logical_emit_message(false, 'before', 'x')
CHECKPOINT

-- vector: REFRESH MATERIALIZED VIEW
-- watch: schema
-- as: utility
REFRESH MATERIALIZED VIEW pond

-- vector: REFRESH MATERIALIZED VIEW WITH NO DATA
-- watch: schema
-- as: utility
-- before: REFRESH MATERIALIZED VIEW pond
REFRESH MATERIALIZED VIEW pond WITH NO DATA

-- vector: LOAD
-- source: read-only-vectors "LOAD"
-- watch: answer
-- answer: is loaded off
-- as: script
LOAD 'auto_explain'
-- then
SELECT 'is loaded ' || current_setting('auto_explain.log_analyze')

-- vector: DISCARD TEMP
-- watch: schema
-- as: script
-- effect: none because there are no temporary tables, which cannot be made
DISCARD TEMP

-- vector: ALTER SYSTEM RESET ALL
-- watch: settings
-- as: alone
-- before: ALTER SYSTEM SET work_mem = '3MB'
-- after: ALTER SYSTEM RESET ALL
ALTER SYSTEM RESET ALL

-- vector: a library loaded at the start, by options
-- source: read-only-vectors "LOAD"
-- watch: answer
-- answer: is loaded off
-- as: script
-- startup: options=-c session_preload_libraries=auto_explain
SELECT 'is loaded ' || current_setting('auto_explain.log_analyze')

-- vector: a library loaded at the start, by a parameter
-- watch: answer
-- answer: is loaded off
-- as: script
-- startup: session_preload_libraries=auto_explain
SELECT 'is loaded ' || current_setting('auto_explain.log_analyze')
