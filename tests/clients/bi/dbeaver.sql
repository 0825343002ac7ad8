-- group: DBeaver, by pgjdbc: connect, navigator, keys, indexes, routines, data viewer
-- What it asks for, in our own words: each statement has the catalogs, functions and columns of the real one.
-- startup: client_encoding=UTF8
-- startup: DateStyle=ISO
-- startup: TimeZone=Europe/Vienna
-- startup: extra_float_digits=2
---
SET extra_float_digits = 3
---
SET application_name = 'PostgreSQL JDBC Driver'
---
SET application_name = 'DBeaver 25.1.5 - Main <store>'
---
SELECT current_schema(),session_user
---
SELECT n.oid,n.*,d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass ORDER BY nspname
--- bound 1034
SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1
--- bound 1034
SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid FROM pg_catalog.pg_type LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns join ( select s.r, (current_schemas(false))[s.r] as nspname from generate_series(1, array_upper(current_schemas(false), 1)) as s(r) ) as r using ( nspname ) ) as sp ON sp.nspoid = typnamespace WHERE pg_type.oid = $1 ORDER BY sp.r, pg_type.oid DESC
---
SHOW search_path
--- values vary, bound store
SELECT db.oid,db.* FROM pg_catalog.pg_database db WHERE datname=$1
--- bound standard_conforming_strings
select * from pg_catalog.pg_settings where name=$1
---
select string_agg(word, ',' ) from pg_catalog.pg_get_keywords() where word <> ALL ('{a,abs,absolute,action,ada,add,admin,after,all,allocate,alter,always,and,any,are,array,select,table,update}'::text[])
---
SELECT version()
---
SELECT * FROM pg_catalog.pg_enum WHERE 1<>1 LIMIT 1
---
SELECT reltype FROM pg_catalog.pg_class WHERE 1<>1 LIMIT 1
---
SELECT t.oid,t.*,c.relkind,format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid=t.typelem LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid=t.typrelid LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid=d.objoid WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C') ORDER BY t.oid
--- values vary
SELECT a.oid,a.*,pd.description FROM pg_catalog.pg_roles a left join pg_catalog.pg_shdescription pd on a.oid = pd.objoid ORDER BY a.rolname
--- bound 2200
SELECT c.oid,c.*,d.description,pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass WHERE c.relnamespace=$1::oid AND c.relkind not in ('i','I','c') ORDER BY c.oid
---
SELECT c.relname,a.*,pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value,dsc.description,dep.objid FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid=c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid=ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid) LEFT OUTER JOIN pg_depend dep on dep.refobjid = a.attrelid AND dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid WHERE NOT a.attisdropped and c.relkind not in ('i','I','c') AND c.oid='public.customers'::regclass ORDER BY a.attnum
---
SELECT c.oid,c.*,t.relname as tabrelname,rt.relnamespace as refnamespace,d.description, case when c.contype='c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy FROM pg_catalog.pg_constraint c INNER JOIN pg_catalog.pg_class t ON t.oid=c.conrelid LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid=c.confrelid LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_constraint'::regclass WHERE c.conrelid='public.lines'::regclass ORDER BY c.oid
---
SELECT DISTINCT dc.oid, dc.conname, dc.conkey, dc.confkey, t.relname FROM pg_catalog.pg_constraint dc, pg_catalog.pg_class t WHERE t.oid = dc.conrelid AND dc.contype = 'f' AND dc.confrelid='public.customers'::regclass ORDER BY 2
---
SELECT i.*,i.indkey as keys,c.relname,c.relnamespace,c.relam,c.reltablespace,tc.relname as tabrelname,dsc.description,pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr,pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr,pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size,pg_catalog.pg_stat_get_numscans(i.indexrelid) >= 0 as index_num_scans FROM pg_catalog.pg_index i INNER JOIN pg_catalog.pg_class c ON c.oid=i.indexrelid INNER JOIN pg_catalog.pg_class tc ON tc.oid=i.indrelid LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid=dsc.objoid WHERE i.indrelid='public.products'::regclass ORDER BY tabrelname, c.relname
---
SELECT am.oid,am.*,d.description FROM pg_catalog.pg_am am LEFT JOIN pg_catalog.pg_description d ON d.objoid = am.oid ORDER BY am.oid
---
SELECT p.oid as poid,p.*,pg_catalog.pg_get_expr(p.proargdefaults, 0) as arg_defaults,d.description FROM pg_catalog.pg_proc p LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=p.oid AND d.objsubid = 0 AND d.classoid='pg_proc'::regclass WHERE p.pronamespace='public'::regnamespace AND p.proname IN ('touch', 'net_price', 'forget') ORDER BY p.proname
---
SELECT l.oid,l.* FROM pg_catalog.pg_language l ORDER BY l.oid
---
SELECT x.oid,x.*,p.relname as tabrelname,pg_catalog.pg_get_triggerdef(x.oid) FROM pg_catalog.pg_trigger x LEFT OUTER JOIN pg_catalog.pg_class p ON p.oid = x.tgrelid WHERE NOT x.tgisinternal ORDER BY x.tgname
---
SELECT i.*,c.relnamespace FROM pg_catalog.pg_inherits i,pg_catalog.pg_class c WHERE i.inhrelid='public.orders_2024'::regclass AND c.oid=i.inhparent ORDER BY i.inhseqno
---
SELECT pg_catalog.pg_get_viewdef('reports.spending'::regclass::oid, true)
--- values vary
SELECT c.oid, reltuples::bigint, pg_catalog.pg_total_relation_size(c.oid) as total_rel_size, pg_catalog.pg_relation_size(c.oid) as rel_size FROM pg_class c WHERE c.relnamespace='public'::regnamespace AND c.relkind='r' ORDER BY 1
---
SELECT e.oid, cfg.tbls, n.nspname as schema_name, e.* FROM pg_catalog.pg_extension e JOIN pg_namespace n ON n.oid =e.extnamespace LEFT JOIN (SELECT ARRAY_AGG(ns.nspname || '.' || cls.relname) tbls, oid_ext FROM (SELECT unnest(e1.extconfig) oid, e1.oid oid_ext FROM pg_catalog.pg_extension e1) c JOIN pg_class cls ON cls.oid = c.oid JOIN pg_namespace ns ON ns.oid = cls.relnamespace GROUP BY oid_ext) cfg ON cfg.oid_ext = e.oid ORDER BY e.oid
---
SELECT pr.*, (aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner)))).privilege_type FROM information_schema.table_privileges pr JOIN pg_class c ON c.relname = pr.table_name WHERE table_schema='public' AND table_name='drafts' ORDER BY 2, 7, 9
---
SELECT x.* FROM public.customers x ORDER BY x.id LIMIT 200
---
SELECT x.* FROM public."drop table" x
---
select x.id, x.name from public.customers x WHERE name ILIKE '%1%' ORDER BY x.name DESC LIMIT 20 OFFSET 10
---
SELECT count(*) FROM public.customers x
---
BEGIN READ ONLY
---
SHOW TRANSACTION ISOLATION LEVEL
---
SELECT 1
---
COMMIT
---
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
---
EXPLAIN (FORMAT XML, COSTS false) SELECT x.* FROM public.customers x WHERE id = 3
--- rows vary
SELECT sa.* FROM pg_catalog.pg_stat_activity sa
--- rows vary
with locks as ( select pid,locktype, mode,granted,transactionid tid,relation,page,tuple from pg_locks ), conflict as ( select * from (values ('AccessShareLock','AccessExclusiveLock',1), ('RowShareLock','ExclusiveLock',1)) as conflict (mode1,mode2,prt) ) select la.pid as blocked_pid, blocked_activity.usename as blocked_user, la.locktype, la.mode from locks la join pg_catalog.pg_stat_activity blocked_activity ON blocked_activity.pid = la.pid join conflict on conflict.mode1 = la.mode order by 1
