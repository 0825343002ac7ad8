-- What the suite looks at: each line of watch.state(what) is a fact that must not change.
CREATE SCHEMA watch;

CREATE TABLE watch.place (folder text);

-- How many rows a catalog has, and which transactions wrote them.
CREATE FUNCTION watch.relation(target regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seen text;
BEGIN
  EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(CASE WHEN age(xmin) < 2147483647 THEN age(xid ''3'') - age(xmin) END), 0) FROM %s', target) INTO seen;
  RETURN target || ' ' || seen;
EXCEPTION WHEN OTHERS THEN
  RETURN target || ' ' || SQLERRM;
END $$;

-- All rows of a table, who wrote them and who locks them.
CREATE FUNCTION watch.content(target regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seen text;
BEGIN
  EXECUTE format('SELECT count(*) || '' '' || md5(coalesce(string_agg(x.xmin || '' '' || x.xmax || '' '' || x::text, '','' ORDER BY ctid), '''')) FROM %s x', target) INTO seen;
  RETURN target || ' ' || seen;
EXCEPTION WHEN OTHERS THEN
  RETURN target || ' ' || SQLERRM;
END $$;

CREATE FUNCTION watch.sequence(target regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seen text;
BEGIN
  EXECUTE format('SELECT last_value || '' '' || is_called FROM %s', target) INTO seen;
  RETURN target || ' ' || seen;
EXCEPTION WHEN OTHERS THEN
  RETURN target || ' ' || SQLERRM;
END $$;

CREATE FUNCTION watch.folder(path text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT path || '/' || f || ' ' || CASE WHEN s.isdir THEN (SELECT coalesce(string_agg(d, ',' ORDER BY d), '') FROM pg_ls_dir(path || '/' || f) d) ELSE s.size || ' ' || md5(pg_read_binary_file(path || '/' || f)) END
  FROM pg_ls_dir(path) f, pg_stat_file(path || '/' || f) s ORDER BY f $$;

CREATE FUNCTION watch.state(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  role_catalogs CONSTANT regclass[] := array_remove(ARRAY['pg_authid'::regclass, 'pg_auth_members', 'pg_db_role_setting', to_regclass('pg_parameter_acl')], NULL);
  object_catalogs CONSTANT regclass[] := ARRAY['pg_largeobject'::regclass, 'pg_largeobject_metadata'];
BEGIN
  CASE what
  WHEN 'rows' THEN
    RETURN QUERY SELECT watch.content(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'watch') ORDER BY c.oid;
  WHEN 'sequences' THEN
    RETURN QUERY SELECT watch.sequence(c.oid) FROM pg_class c WHERE c.relkind = 'S' ORDER BY c.oid;
  WHEN 'schema' THEN
    RETURN QUERY SELECT watch.relation(c.oid) FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'pg_catalog'::regnamespace AND c.oid <> ALL (role_catalogs || object_catalogs) AND c.oid <> 'pg_replication_origin'::regclass ORDER BY c.oid;
    RETURN QUERY SELECT c.oid::regclass || ' ' || ROW(c.relfilenode, c.relpages, c.reltuples, c.relallvisible, c.relfrozenxid, c.relowner, c.relacl, c.relispopulated)::text FROM pg_class c WHERE c.oid >= 16384 ORDER BY c.oid;
  WHEN 'roles' THEN
    RETURN QUERY SELECT watch.content(c) FROM unnest(role_catalogs) c;
  WHEN 'large objects' THEN
    RETURN QUERY SELECT watch.content(c) FROM unnest(object_catalogs) c;
  WHEN 'slots' THEN
    RETURN QUERY SELECT slot_name || ' ' || ROW(plugin, slot_type, restart_lsn, confirmed_flush_lsn)::text FROM pg_replication_slots ORDER BY 1;
    RETURN QUERY SELECT watch.content('pg_replication_origin');
  WHEN 'locks' THEN
    RETURN QUERY SELECT 'lock ' || ROW(locktype, mode, relation::regclass, classid, objid)::text FROM pg_locks WHERE pid <> pg_backend_pid() AND granted AND (locktype IN ('advisory', 'tuple', 'object') OR locktype = 'relation' AND mode NOT IN ('AccessShareLock')) ORDER BY 1;
  WHEN 'settings' THEN
    RETURN QUERY SELECT 'loaded ' || pg_conf_load_time();
    RETURN QUERY SELECT f || ' ' || md5(pg_read_file(f)) FROM unnest(ARRAY['postgresql.auto.conf', 'postgresql.conf', 'pg_hba.conf']) f;
    RETURN QUERY SELECT 'in files ' || md5(string_agg(s::text, ',')) FROM pg_file_settings s;
  WHEN 'files' THEN
    RETURN QUERY SELECT watch.folder(folder) FROM watch.place;
    RETURN QUERY SELECT d || ' ' || f FROM unnest(ARRAY['.', 'pg_tblspc', 'pg_replslot', 'pg_twophase', 'global']) d, pg_ls_dir(d) f WHERE f NOT LIKE 'pg_internal.init%' ORDER BY 1;
  WHEN 'prepared transactions' THEN
    RETURN QUERY SELECT 'prepared ' || gid FROM pg_prepared_xacts ORDER BY 1;
  WHEN 'sessions' THEN
    RETURN QUERY SELECT 'victim ' || pid || ' ' || state FROM pg_stat_activity WHERE application_name = 'victim' ORDER BY 1;
  WHEN 'statistics' THEN
    RETURN QUERY SELECT 'database reset ' || coalesce(stats_reset::text, '') FROM pg_stat_database WHERE datname = current_database();
    RETURN QUERY SELECT 'bgwriter reset ' || stats_reset FROM pg_stat_bgwriter;
    RETURN QUERY SELECT name || ' reset ' || stats_reset FROM pg_stat_slru ORDER BY 1;
  WHEN 'wal' THEN
    RETURN NEXT 'wal ' || pg_current_wal_insert_lsn();
  END CASE;
END $$;
