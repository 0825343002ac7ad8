-- group: queries of dashboards and reporting tools
---
SET SESSION TIMEZONE TO 'UTC'
---
SELECT "source"."created_at" AS "created_at", SUM("source"."total") AS "sum" FROM (SELECT DATE_TRUNC('month', CAST("public"."orders"."placed" AS timestamp)) AS "created_at", "public"."orders"."total" AS "total" FROM "public"."orders") AS "source" GROUP BY "source"."created_at" ORDER BY "source"."created_at" ASC
---
-- Metabase:: userID: 1 queryType: MBQL queryHash: 0a1b2c
SELECT "public"."customers"."id" AS "id", "public"."customers"."name" AS "name" FROM "public"."customers" WHERE "public"."customers"."mood" = CAST('happy' AS "public"."mood") ORDER BY "public"."customers"."id" LIMIT 2000
---
-- Metabase
WITH table_privileges AS (SELECT NULL AS role, t.schemaname AS schema, t.objectname AS table, pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'update') AS update, pg_catalog.has_table_privilege(current_user, '"' || t.schemaname || '"."' || t.objectname || '"', 'SELECT') AS select FROM (SELECT schemaname, tablename AS objectname FROM pg_catalog.pg_tables UNION SELECT schemaname, viewname FROM pg_catalog.pg_views UNION SELECT schemaname, matviewname FROM pg_catalog.pg_matviews) t WHERE t.schemaname !~ '^pg_' AND t.schemaname <> 'information_schema') SELECT t.* FROM table_privileges t WHERE t.select OR t.update ORDER BY 2, 3
---
SELECT COUNT(*) AS "count", COUNT(DISTINCT "public"."orders"."customer") AS "count_2", CAST("public"."orders"."placed" AS date) AS "placed" FROM "public"."orders" WHERE "public"."orders"."placed" >= DATE_TRUNC('day', CAST('2024-06-01' AS timestamp) + (INTERVAL '-30 day')) AND "public"."orders"."placed" < '2024-07-01' GROUP BY CAST("public"."orders"."placed" AS date) ORDER BY 3
---
SELECT SUBSTRING("public"."products"."description", 1, 1234) AS "substring1" FROM "public"."products" LIMIT 10000
---
BEGIN
---
DECLARE "SQL_CUR00000220F0A1B3C0" CURSOR WITH HOLD FOR SELECT CAST("customers"."name" AS TEXT) AS "name", COUNT(1) AS "cnt:customers:ok" FROM "public"."customers" "customers" GROUP BY 1
---
FETCH 10 IN "SQL_CUR00000220F0A1B3C0"
---
COMMIT
---
FETCH 1000 IN "SQL_CUR00000220F0A1B3C0"
---
CLOSE "SQL_CUR00000220F0A1B3C0"
---
SELECT CAST("orders"."state" AS TEXT) AS "state", SUM("orders"."total") AS "sum:total:ok", DATE_TRUNC( 'QUARTER', CAST("orders"."placed" AS TIMESTAMP WITHOUT TIME ZONE) ) AS "tqr:placed:ok" FROM "public"."orders" "orders" WHERE (("orders"."placed" >= (TIMESTAMP '2024-01-01 00:00:00.000')) AND (CAST("orders"."state" AS TEXT) IN ('new', 'paid'))) GROUP BY 1, 3 ORDER BY 1, 3
---
SELECT * FROM (select * from orders) "Custom SQL Query" LIMIT 0
---
SELECT "t0"."state", "t0"."measure" FROM (SELECT "Custom SQL Query"."state" AS "state", AVG(CAST("Custom SQL Query"."total" AS DOUBLE PRECISION)) AS "measure" FROM (select state, total from orders where total > 10) "Custom SQL Query" GROUP BY 1) "t0" ORDER BY 1
---
select "_"."name" as "c1", "_"."a0" as "a0" from ( select "rows"."name" as "name", sum("rows"."price") as "a0" from "public"."products" "rows" group by "name" ) "_" where not "_"."a0" is null order by "_"."name" limit 1000001
---
select "$Table"."id" as "id", "$Table"."name" as "name" from "public"."products" "$Table" order by "$Table"."id" limit 200
---
select t.TABLE_NAME, k.COLUMN_NAME, k.ORDINAL_POSITION from INFORMATION_SCHEMA.TABLE_CONSTRAINTS t join INFORMATION_SCHEMA.KEY_COLUMN_USAGE k on t.CONSTRAINT_NAME = k.CONSTRAINT_NAME and t.TABLE_NAME = k.TABLE_NAME where t.CONSTRAINT_TYPE = 'PRIMARY KEY' and t.TABLE_SCHEMA = 'public' order by 1, 3
---
SELECT
  bucketed.bucket AS "time",
  avg(bucketed.total) AS "total"
FROM (SELECT floor(extract(epoch from placed) / 86400) * 86400 AS bucket, total FROM orders WHERE placed BETWEEN '2024-02-01T00:00:00Z' AND '2024-03-01T00:00:00Z') AS bucketed
GROUP BY 1
ORDER BY 1
---
SELECT date_trunc('hour', placed) AS time, state::text AS metric, count(*) AS value FROM orders WHERE placed BETWEEN '2024-02-01T00:00:00Z' AND '2024-02-08T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2
---
SELECT extract(epoch from placed)::bigint * 1000 AS time, total FROM orders WHERE placed >= to_timestamp(1706745600) AND placed <= to_timestamp(1707350400) ORDER BY 1
---
SELECT DATE_TRUNC('day', placed) AS __timestamp, state AS state, sum(total) AS "SUM(total)" FROM public.orders WHERE placed >= TO_TIMESTAMP('2024-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND placed < TO_TIMESTAMP('2024-02-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') GROUP BY DATE_TRUNC('day', placed), state ORDER BY "SUM(total)" DESC, 1 LIMIT 50000
---
SELECT virtual_table.state AS state, count(*) AS count FROM (SELECT * FROM orders WHERE total > 5) AS virtual_table GROUP BY virtual_table.state ORDER BY count DESC, 1 LIMIT 1000
---
SELECT
    (TO_CHAR(DATE_TRUNC('month', orders.placed ), 'YYYY-MM')) AS "orders.placed_month",
    COALESCE(SUM(orders.total ), 0) AS "orders.total_sum",
    COUNT(DISTINCT CASE WHEN orders.state = 'paid' THEN orders.id ELSE NULL END) AS "orders.paid"
FROM public.orders  AS orders
LEFT JOIN public.customers  AS customers ON orders.customer = customers.id
WHERE ((( orders.placed ) >= (TIMESTAMP '2024-01-01') AND ( orders.placed ) < ((TIMESTAMP '2024-01-01' + (12 || ' month')::interval))))
GROUP BY
    (DATE_TRUNC('month', orders.placed ))
ORDER BY
    1 DESC
LIMIT 500
---
WITH "base" AS (SELECT "customer", "total", "placed" FROM "public"."orders"), "agg" AS (SELECT "customer", sum("total") AS "total" FROM "base" GROUP BY 1) SELECT ntile(10) OVER (ORDER BY "total" DESC) AS decile, * FROM "agg" ORDER BY decile, total DESC, customer LIMIT 50
---
SELECT json_build_object('data', json_build_object('customers', coalesce((SELECT json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.id) FROM (SELECT id, name FROM customers ORDER BY id LIMIT 3) AS c), '[]'))) AS root
---
SELECT coalesce(json_agg("root" ORDER BY "root.pg.id"), '[]') AS "root" FROM (SELECT row_to_json((SELECT "_e" FROM (SELECT "_root.base"."id" AS "id", "_root.base"."name" AS "name") AS "_e")) AS "root", "_root.base"."id" AS "root.pg.id" FROM (SELECT * FROM "public"."customers" WHERE (("public"."customers"."id") > (('190')::integer)) ORDER BY id) AS "_root.base") AS "_root"
---
WITH pgrst_source AS (SELECT "public"."products".* FROM "public"."products" WHERE "public"."products"."price" < '10' ORDER BY id LIMIT 5 OFFSET 0) SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, coalesce(json_agg(_postgrest_t), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT id, name FROM pgrst_source) _postgrest_t
---
select set_config('search_path', 'public', true), set_config('request.method', 'GET', true), set_config('request.path', '/products', true), set_config('request.jwt.claims', '{"role":"web"}', true)
---
SELECT 'customers' AS name, count(*) AS rows FROM customers UNION ALL SELECT 'orders', count(*) FROM orders UNION ALL SELECT 'products', count(*) FROM products ORDER BY 1
---
SELECT TOTAL.n, PART.n, ROUND(PART.n * 100.0 / NULLIF(TOTAL.n, 0), 1) AS pct FROM (SELECT count(*) n FROM orders) TOTAL CROSS JOIN (SELECT count(*) n FROM orders WHERE state = 'returned') PART
---
select min(placed), max(placed), percentile_disc(0.95) within group (order by total) as p95 from orders
---
SELECT DISTINCT "name" AS "text", "id" AS "value" FROM "categories" WHERE "name" ILIKE '%' || '' || '%' ORDER BY 1 LIMIT 101
---
SELECT 1 WHERE 1 = 0
---
SELECT * FROM orders WHERE 0 = 1
---
SELECT COALESCE(MAX(id), 0) + 1 AS next FROM products
---
SELECT COUNT(*) FROM (SELECT "id", "name" FROM "products" WHERE ("price" > 10 OR "name" LIKE 'x%') AND NOT ("id" IN (3, 4))) AS subquery
---
SELECT a.month, a.total, b.total AS previous FROM reports.by_month AS a LEFT JOIN reports.by_month AS b ON b.month = a.month - interval '1 year' ORDER BY 1
