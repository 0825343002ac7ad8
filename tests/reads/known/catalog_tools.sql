-- group: queries of consoles: pgAdmin, DBeaver, DataGrip and others
---
SET DateStyle=ISO; 
---
SET client_min_messages=notice;
---
SELECT set_config('bytea_output','hex',false) FROM pg_settings WHERE name = 'bytea_output';
---
SET client_encoding='utf-8';
--- simple
SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM pg_settings WHERE name = 'bytea_output'; SET client_encoding='UTF8';
--- values vary
SELECT db.oid as did, db.datname, db.datallowconn, pg_encoding_to_char(db.encoding) AS serverencoding, has_database_privilege(db.oid, 'CREATE') as cancreate, datistemplate, current_setting('default_table_access_method') AS am FROM pg_catalog.pg_database db WHERE db.datname = current_database()
---
SELECT gss_authenticated, encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid()
--- values vary
SELECT roles.oid as id, roles.rolname as name, roles.rolsuper as is_superuser, CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreaterole END as can_create_role, CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreatedb END as can_create_db, CASE WHEN 'pg_signal_backend'=ANY(ARRAY(WITH RECURSIVE cte AS (SELECT pg_roles.oid, pg_roles.rolname FROM pg_roles WHERE pg_roles.oid = roles.oid UNION ALL SELECT m.roleid, pgr.rolname FROM cte cte_1 JOIN pg_auth_members m ON m.member = cte_1.oid JOIN pg_roles pgr ON pgr.oid = m.roleid) SELECT rolname FROM cte)) THEN True ELSE False END as can_signal_backend FROM pg_catalog.pg_roles as roles WHERE rolname = current_user
---
SELECT CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS isreplaypaused, pg_is_in_recovery() AS inrecovery
--- rows vary
/*pga4dash*/
SELECT pid, datname, usename, application_name, client_addr, pg_catalog.to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS backend_start, state, wait_event_type || ': ' || wait_event AS wait_event, array_to_string(pg_catalog.pg_blocking_pids(pid), ', ') AS blocking_pids, query, pg_catalog.to_char(state_change, 'YYYY-MM-DD HH24:MI:SS TZ') AS state_change, pg_catalog.to_char(query_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS query_start, backend_type, CASE WHEN state = 'active' THEN ROUND((extract(epoch from now() - query_start) / 60)::numeric, 2) ELSE 0 END AS active_since FROM pg_catalog.pg_stat_activity WHERE datname = (SELECT datname FROM pg_catalog.pg_database WHERE oid = 1) ORDER BY pid
--- values vary
/*pga4dash*/
SELECT 'session_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data
FROM (SELECT
   (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()) AS "Total",
   (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active' AND datname = current_database()) AS "Active",
   (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'idle' AND datname = current_database()) AS "Idle"
) t
UNION ALL
SELECT 'tps_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data
FROM (SELECT
   (SELECT sum(xact_commit) + sum(xact_rollback) FROM pg_catalog.pg_stat_database) AS "Transactions",
   (SELECT sum(xact_commit) FROM pg_catalog.pg_stat_database) AS "Commits",
   (SELECT sum(xact_rollback) FROM pg_catalog.pg_stat_database) AS "Rollbacks"
) t
UNION ALL
SELECT 'bio_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data
FROM (SELECT (SELECT sum(blks_read) FROM pg_catalog.pg_stat_database) AS "Reads", (SELECT sum(blks_hit) FROM pg_catalog.pg_stat_database) AS "Hits") t
--- rows vary
SELECT pid, locktype, datname, relation::regclass, page, tuple, virtualxid transactionid, classid::regclass, objid, virtualtransaction, mode, granted, fastpath FROM pg_catalog.pg_locks l LEFT OUTER JOIN pg_catalog.pg_database d ON (l.database = d.oid) ORDER BY pid, locktype
---
SELECT gid, database, owner, transaction FROM pg_catalog.pg_prepared_xacts ORDER BY gid
--- values vary
SELECT name, category, setting, unit, short_desc FROM pg_catalog.pg_settings ORDER BY category, name
---
SELECT CASE usesuper WHEN TRUE THEN pg_is_in_recovery() ELSE FALSE END AS in_recovery FROM pg_catalog.pg_user WHERE usename = current_user
--- values vary
SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS lsn
--- values vary
SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, '0/0') AS bytes, pg_last_xact_replay_timestamp(), CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_lsn()) END AS file
---
SELECT nsp.oid, nsp.nspname as name, has_schema_privilege(nsp.oid, 'CREATE') as can_create, has_schema_privilege(nsp.oid, 'USAGE') as has_usage, des.description FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=nsp.oid AND des.classoid='pg_namespace'::regclass) WHERE nspname NOT LIKE E'pg\\_%' AND NOT ((nsp.nspname = 'pg_catalog' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'pg_class' AND relnamespace = nsp.oid LIMIT 1)) OR (nsp.nspname = 'information_schema' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'tables' AND relnamespace = nsp.oid LIMIT 1))) ORDER BY nspname
---
SELECT rel.oid, rel.relname AS name, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid=rel.oid AND tgisinternal = FALSE) AS triggercount, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid=rel.oid AND tgisinternal = FALSE AND tgenabled = 'O') AS has_enable_triggers, (CASE WHEN rel.relkind = 'p' THEN true ELSE false END) AS is_partitioned, (SELECT count(1) FROM pg_catalog.pg_inherits WHERE inhrelid=rel.oid LIMIT 1) as is_inherits FROM pg_catalog.pg_class rel WHERE rel.relkind IN ('r','s','t','p') AND rel.relnamespace = 'public'::regnamespace AND NOT rel.relispartition ORDER BY rel.relname
---
SELECT count(*) FROM public.customers
---
SELECT * FROM public.customers
LIMIT 100
---
SELECT * FROM public.customers ORDER BY id ASC LIMIT 1000 OFFSET 0
---
SELECT rel.oid, rel.relname, pg_get_viewdef(rel.oid, true) AS definition, rel.relacl::text, array_to_string(rel.reloptions, ',') FROM pg_class rel WHERE rel.relkind IN ('v', 'm') AND rel.relnamespace IN ('public'::regnamespace, 'reports'::regnamespace) ORDER BY 2
---
SELECT pr.oid, pr.proname || '(' || COALESCE(pg_catalog.pg_get_function_identity_arguments(pr.oid), '') || ')' as name, lanname, pg_get_userbyid(proowner) as funcowner, pr.prosrc, pr.procost, pr.prorows, pg_get_expr(pr.proargdefaults, 0) FROM pg_catalog.pg_proc pr JOIN pg_catalog.pg_type typ ON typ.oid=prorettype JOIN pg_catalog.pg_language lng ON lng.oid=prolang WHERE pr.prokind IN ('f', 'w') AND proname = 'touch' ORDER BY proname
--- values vary
SELECT relname, seq_scan, seq_tup_read, idx_scan, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del, n_live_tup, n_dead_tup, last_vacuum, last_analyze, pg_size_pretty(pg_relation_size(relid)) FROM pg_stat_all_tables WHERE schemaname = 'public' ORDER BY relname
--- values vary
SELECT i.indexrelname, i.idx_scan, i.idx_tup_read, io.idx_blks_read, io.idx_blks_hit FROM pg_stat_user_indexes i JOIN pg_statio_user_indexes io USING (indexrelid) ORDER BY 1
---
SELECT * FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY tablename
---
SELECT * FROM pg_indexes WHERE tablename = 'products' ORDER BY indexname
---
SELECT * FROM pg_views WHERE schemaname = 'reports' ORDER BY viewname
---
SELECT * FROM pg_matviews
---
SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 2
---
SELECT tablename, attname, inherited, null_frac, avg_width, n_distinct, most_common_vals, histogram_bounds, correlation FROM pg_stats WHERE tablename = 'categories' ORDER BY 2
---
SELECT rolname, rolsuper FROM pg_roles WHERE rolname IN ('clear', 'pg_monitor') ORDER BY 1
---
SELECT usename, usesuper, valuntil FROM pg_user ORDER BY 1
---
SELECT groname FROM pg_group WHERE groname LIKE 'pg_read%' ORDER BY 1
---
SELECT schemaname, tablename, policyname, roles, cmd, qual FROM pg_policies
---
SELECT * FROM pg_rules WHERE schemaname = 'public'
---
SELECT * FROM pg_timezone_abbrevs WHERE abbrev = 'UTC'
---
SELECT name, abbrev, is_dst FROM pg_timezone_names WHERE name IN ('UTC', 'Etc/UTC') ORDER BY name
---
SELECT name, default_version, installed_version FROM pg_available_extensions WHERE name LIKE 'pg%' ORDER BY name
---
SELECT name, version, superuser, trusted FROM pg_available_extension_versions WHERE name = 'hstore' ORDER BY 1, 2
---
SELECT name, statement, is_holdable FROM pg_cursors
--- values vary
SELECT name, statement, prepare_time, generic_plans, custom_plans FROM pg_prepared_statements ORDER BY name
---
SELECT current_schema(), session_user
---
SHOW search_path
---
SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datallowconn ORDER BY db.datname
---
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass WHERE nspname !~ 'temp' ORDER BY nspname
---
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass WHERE c.relnamespace='public'::regnamespace AND c.relkind not in ('i','I','c') ORDER BY c.relname
---
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value, dsc.description, dep.objid FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid=c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid=ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid) LEFT OUTER JOIN pg_depend dep on dep.refobjid = a.attrelid AND dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid WHERE NOT a.attisdropped AND c.oid='products'::regclass ORDER BY a.attnum, dep.objid
---
SELECT c.oid, c.*, t.relname as tabrelname, rt.relnamespace as refnamespace, d.description FROM pg_catalog.pg_constraint c INNER JOIN pg_catalog.pg_class t ON t.oid=c.conrelid LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid=c.confrelid LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_constraint'::regclass WHERE c.conrelid='lines'::regclass ORDER BY c.oid
---
SELECT i.*, i.indkey as keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname as tabrelname, dsc.description, pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr, pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size, pg_catalog.pg_stat_get_numscans(i.indexrelid) >= 0 as index_num_scans FROM pg_catalog.pg_index i INNER JOIN pg_catalog.pg_class c ON c.oid=i.indexrelid INNER JOIN pg_catalog.pg_class tc ON tc.oid=i.indrelid LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid=dsc.objoid WHERE i.indrelid='products'::regclass ORDER BY c.relname
---
SELECT x.oid, x.* FROM pg_catalog.pg_event_trigger x
---
SELECT N.oid::bigint as id, datname as name, D.description, datistemplate as is_template, datallowconn as allow_connections, pg_catalog.pg_get_userbyid(N.datdba) as "owner" FROM pg_catalog.pg_database N LEFT JOIN pg_catalog.pg_shdescription D ON N.oid = D.objoid ORDER BY CASE WHEN datname = pg_catalog.current_database() THEN -1::bigint ELSE N.oid::bigint END
---
SELECT current_database() AS a, current_schemas(false) AS b
--- values vary
SELECT round(extract(epoch from pg_postmaster_start_time() at time zone 'UTC')) as startup_time
--- values vary
SELECT L.transactionid::varchar::bigint as transaction_id FROM pg_catalog.pg_locks L WHERE L.transactionid IS NOT NULL ORDER BY pg_catalog.age(L.transactionid) DESC LIMIT 1
--- values vary
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE (pg_catalog.txid_current_if_assigned() IS NULL)::text END AS current_txid
---
SELECT T.oid AS table_id, relkind AS table_kind, C.conname, C.conkey::int[]::varchar, C.confkey, C.contype::char, substring(pg_catalog.pg_get_constraintdef(C.oid) FROM 1 FOR 200), C.xmin IS NOT NULL FROM pg_catalog.pg_class T JOIN pg_catalog.pg_constraint C ON C.conrelid = T.oid WHERE T.relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1, 3
---
SELECT pg_catalog.pg_get_viewdef(oid), pg_catalog.age(relfrozenxid) IS NULL FROM pg_catalog.pg_class WHERE relname = 'cheap'
---
SELECT member.rolname, role.rolname, admin_option FROM pg_catalog.pg_auth_members JOIN pg_catalog.pg_roles AS member ON member.oid = pg_auth_members.member JOIN pg_catalog.pg_roles AS role ON role.oid = roleid ORDER BY 1, 2
---
SELECT quote_ident(attname), quote_ident(relname) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relname IN ('order', 'drop table', 'Größe') AND attnum > 0 ORDER BY 2, 1
