-- group: what backups and exports read
---
SELECT pg_catalog.set_config('search_path', '', false);
---
SET DATESTYLE = ISO
---
SET INTERVALSTYLE = POSTGRES
---
SET extra_float_digits TO 3
---
SET synchronize_seqscans TO off
---
SET statement_timeout = 0
---
SET lock_timeout = 0
---
SET idle_in_transaction_session_timeout = 0
--- since 17
SET transaction_timeout = 0
---
SET row_security = off
---
SET quote_all_identifiers = false
---
SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'
---
BEGIN
---
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
---
SELECT oid, rolname FROM pg_catalog.pg_roles ORDER BY 1
---
SELECT x.oid, x.extname, n.nspname, x.extrelocatable, x.extversion, x.extconfig, x.extcondition FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace ORDER BY x.oid
---
SELECT pg_catalog.current_schemas(false)
---
SELECT 'pg_class'::regclass, pg_catalog.format_type('25'::pg_catalog.oid, NULL), pg_catalog.pg_get_viewdef('public.cheap'::pg_catalog.regclass::pg_catalog.oid) AS viewdef
---
SELECT deptype, count(*) > 0 FROM pg_depend WHERE deptype NOT IN ('p', 'e') GROUP BY 1 ORDER BY 1
---
SELECT label, provider, classoid, objoid, objsubid FROM pg_catalog.pg_seclabels ORDER BY classoid, objoid, objsubid
---
SELECT description, classoid, objoid, objsubid FROM pg_catalog.pg_description WHERE classoid = 'pg_class'::regclass ORDER BY classoid, objoid, objsubid
---
PREPARE collectColumns(pg_catalog.oid) AS
SELECT a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = $1 AND a.attnum > 0 ORDER BY 1
---
EXECUTE collectColumns('public.products'::regclass)
---
SELECT last_value, is_called FROM public.invoice_number
---
SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits ORDER BY 1, 2
---
SELECT objoid, classoid, objsubid, privtype, initprivs FROM pg_init_privs ORDER BY 1, 2, 3
---
SELECT conname, pg_catalog.pg_get_constraintdef(oid) AS condef FROM pg_catalog.pg_constraint WHERE conrelid = ANY ('{public.lines,public.products}'::pg_catalog.regclass[]::pg_catalog.oid[]) AND contype = 'f' ORDER BY 1
---
SELECT tgname, pg_catalog.pg_get_triggerdef(oid, false) FROM pg_catalog.pg_trigger WHERE NOT tgisinternal ORDER BY 1
---
SELECT pg_get_partkeydef('public.orders'::regclass), pg_catalog.pg_get_statisticsobjdef(oid) FROM pg_catalog.pg_statistic_ext
---
COPY public.customers (id, name, mail, mood, home, born, joined, referred_by, settings, labels, extra, photo) TO stdout;
---
COPY public."order" ("select", "update", "delete") TO stdout;
---
COPY (SELECT * FROM public.orders WHERE id < 20 ORDER BY id) TO stdout
---
COMMIT
---
DEALLOCATE collectColumns
---
RESET search_path
---
COPY products (id, name) TO STDOUT WITH (FORMAT csv, HEADER true, DELIMITER ';', QUOTE '"', ESCAPE '\', NULL 'none', FORCE_QUOTE (name), ENCODING 'UTF8')
---
COPY categories TO STDOUT (FORMAT binary)
---
COPY (SELECT id, price FROM products ORDER BY id LIMIT 10) TO STDOUT WITH CSV HEADER
---
COPY (VALUES (1, 'a'), (2, 'b')) TO STDOUT WITH (FORMAT text, DELIMITER '|')
---
COPY (WITH t AS (SELECT generate_series(1, 5) AS n) SELECT * FROM t) TO STDOUT CSV
---
COPY (TABLE reports.by_month) TO STDOUT (FORMAT csv)
---
COPY (SELECT count(*) FROM orders) TO STDOUT
---
COPY drafts TO STDOUT DELIMITER ',' NULL ''
---
BEGIN READ ONLY
---
LOCK TABLE public.customers IN ACCESS SHARE MODE
---
ROLLBACK
---
BEGIN READ ONLY
---
LOCK TABLE public.orders, public.lines, ONLY public."order" IN ACCESS SHARE MODE
---
ROLLBACK
