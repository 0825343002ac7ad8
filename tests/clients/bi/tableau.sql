-- group: Tableau, by psqlODBC: connect, tables, columns, keys, worksheets through cursors
-- What it asks for, in our own words: the driver's batches, cursors and savepoints are the real ones.
-- startup: client_encoding=UTF8
-- startup: DateStyle=ISO
-- startup: extra_float_digits=2
-- startup: application_name=Tableau Desktop
--- simple
SET DateStyle = 'ISO';SET extra_float_digits = 2;show transaction_isolation
---
select oid, typbasetype from pg_type where typname = 'lo'
---
select pg_client_encoding()
---
SELECT current_schema()
---
select version()
--- simple
BEGIN;declare "SQL_CUR04645D10" cursor for select relname, nspname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v', 'm', 'f', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') and n.oid = relnamespace order by nspname, relname;fetch 2048 in "SQL_CUR04645D10"
--- simple
close "SQL_CUR04645D10";COMMIT
---
select n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid), case t.typtype when 'd' then t.typbasetype else 0 end, t.typtypmod, 0, attidentity, c.relhassubclass from (((pg_catalog.pg_class c inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.relname like 'customers' and n.nspname like 'public') inner join pg_catalog.pg_attribute a on (not a.attisdropped) and a.attnum > 0 and a.attrelid = c.oid) inner join pg_catalog.pg_type t on t.oid = a.atttypid) left outer join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum order by n.nspname, c.relname, attnum
--- simple
BEGIN;declare "SQL_CUR04AD8270" cursor for select ta.attname, ia.attnum, ic.relname, n.nspname, tc.relname from pg_catalog.pg_attribute ta, pg_catalog.pg_attribute ia, pg_catalog.pg_class tc, pg_catalog.pg_index i, pg_catalog.pg_namespace n, pg_catalog.pg_class ic where tc.relname = 'customers' AND n.nspname = 'public' AND tc.oid = i.indrelid AND n.oid = tc.relnamespace AND i.indisprimary = 't' AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid AND ta.attnum = i.indkey[ia.attnum-1] AND (NOT ta.attisdropped) AND (NOT ia.attisdropped) AND ic.oid = i.indexrelid order by ia.attnum;fetch 2048 in "SQL_CUR04AD8270"
--- simple
close "SQL_CUR04AD8270";COMMIT
---
select 'store'::name as "PKTABLE_CAT", n2.nspname as "PKTABLE_SCHEM", c2.relname as "PKTABLE_NAME", a2.attname as "PKCOLUMN_NAME", 'store'::name as "FKTABLE_CAT", n1.nspname as "FKTABLE_SCHEM", c1.relname as "FKTABLE_NAME", a1.attname as "FKCOLUMN_NAME", i::int2 as "KEY_SEQ", case ref.confupdtype when 'c' then 0::int2 when 'n' then 2::int2 when 'd' then 4::int2 when 'r' then 1::int2 else 3::int2 end as "UPDATE_RULE", case ref.confdeltype when 'c' then 0::int2 when 'n' then 2::int2 when 'd' then 4::int2 when 'r' then 1::int2 else 3::int2 end as "DELETE_RULE", ref.conname as "FK_NAME", cn.conname as "PK_NAME", case when ref.condeferrable then case when ref.condeferred then 5::int2 else 6::int2 end else 7::int2 end as "DEFERRABILITY" from ((((((((select cn.oid, conrelid, conkey, confrelid, confkey, generate_series(array_lower(conkey, 1), array_upper(conkey, 1)) as i, confupdtype, confdeltype, conname, condeferrable, condeferred from pg_catalog.pg_constraint cn, pg_catalog.pg_class c, pg_catalog.pg_namespace n where contype = 'f' and conrelid = c.oid and relname = 'lines' and n.oid = c.relnamespace and n.nspname = 'public') ref inner join pg_catalog.pg_class c1 on c1.oid = ref.conrelid) inner join pg_catalog.pg_namespace n1 on n1.oid = c1.relnamespace) inner join pg_catalog.pg_attribute a1 on a1.attrelid = c1.oid and a1.attnum = conkey[i]) inner join pg_catalog.pg_class c2 on c2.oid = ref.confrelid) inner join pg_catalog.pg_namespace n2 on n2.oid = c2.relnamespace) inner join pg_catalog.pg_attribute a2 on a2.attrelid = c2.oid and a2.attnum = confkey[i]) left outer join pg_catalog.pg_constraint cn on cn.conrelid = ref.confrelid and cn.contype = 'p') order by ref.oid, ref.i
---
select c.relname, i.indkey, i.indisunique, i.indisclustered, a.amname, c.relhasrules, n.nspname, c.oid, d.relhasrules, i.indoption from pg_catalog.pg_index i, pg_catalog.pg_class c, pg_catalog.pg_class d, pg_catalog.pg_am a, pg_catalog.pg_namespace n where d.relname = 'products' and n.nspname = 'public' and n.oid = d.relnamespace and d.oid = i.indrelid and i.indexrelid = c.oid and c.relam = a.oid order by i.indisprimary desc, i.indisunique, n.nspname, c.relname
---
select relname, nspname, relacl from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v') and relname like 'drafts' and n.oid = relnamespace
--- simple
BEGIN;declare "SQL_CUR0x7fdabf04ca00" cursor with hold for SELECT CAST("customers"."name" AS TEXT) AS "name", CAST("customers"."born" AS DATE) AS "born" FROM "public"."customers" "customers" WHERE ("customers"."id" < 40);fetch 10 in "SQL_CUR0x7fdabf04ca00"
--- simple
fetch 10 in "SQL_CUR0x7fdabf04ca00"
--- simple
COMMIT
--- simple
fetch 10 in "SQL_CUR0x7fdabf04ca00"
--- simple
close "SQL_CUR0x7fdabf04ca00"
--- simple
BEGIN;SAVEPOINT _EXEC_SVP_0x2b3f1c0;SELECT SUM("orders"."total") AS "sum:total:ok", DATE_TRUNC( 'MONTH', CAST("orders"."placed" AS TIMESTAMP WITHOUT TIME ZONE) ) AS "tmn:placed:ok" FROM "public"."orders" "orders" GROUP BY 2 ORDER BY 2;RELEASE _EXEC_SVP_0x2b3f1c0
--- simple
SAVEPOINT _EXEC_SVP_0x2b3f1c1
---
SELECT "customers"."mood"::text AS "mood", COUNT(DISTINCT "customers"."id") AS "ctd:id:ok" FROM "public"."orders" "orders" INNER JOIN "public"."customers" "customers" ON ("orders"."customer" = "customers"."id") WHERE (("orders"."state"::text IN ('paid', 'sent')) AND (CAST("orders"."placed" AS DATE) >= (DATE '2024-02-01'))) GROUP BY 1 HAVING (COUNT(1) > 0) ORDER BY 1
--- simple
ROLLBACK TO _EXEC_SVP_0x2b3f1c1
--- simple
RELEASE _EXEC_SVP_0x2b3f1c1
--- simple
COMMIT
---
SELECT * FROM (select id, name from customers) "Custom SQL Query" LIMIT 0
---
SELECT "t0"."$__alias__0" AS "name", "t0"."X__measure__1" AS "sum" FROM (SELECT "customers"."name" AS "$__alias__0", SUM("orders"."total") AS "X__measure__1" FROM "public"."orders" "orders" JOIN "public"."customers" "customers" ON "orders"."customer" = "customers"."id" GROUP BY 1) "t0" INNER JOIN (SELECT "c"."name" AS "name", SUM("o"."total") AS "$__alias__1" FROM "public"."orders" "o" JOIN "public"."customers" "c" ON "o"."customer" = "c"."id" GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 10) "t1" ON (CAST("t0"."$__alias__0" AS TEXT) IS NOT DISTINCT FROM CAST("t1"."name" AS TEXT)) ORDER BY 1
---
SELECT MIN("orders"."placed") AS "TEMP(one)", MAX("orders"."placed") AS "TEMP(two)", ((CAST(MIN("orders"."placed") AS DATE) + CAST(TRUNC((-1 * (EXTRACT(DAY FROM MIN("orders"."placed")) - 1))) AS INTEGER) * INTERVAL '1 DAY')) AS "first", (CASE WHEN 4 >= 0 THEN SUBSTRING(CAST('Tableau' AS TEXT),1,CAST(4 AS INTEGER)) ELSE NULL END) AS "left" FROM "public"."orders" "orders" HAVING (COUNT(1) > 0)
