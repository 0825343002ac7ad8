-- group: transactions, cursors, prepared statements, resets of pools
---
SHOW transaction_read_only
---
BEGIN
---
SHOW transaction_read_only
---
COMMIT
---
BEGIN READ ONLY
---
SELECT 1
---
ROLLBACK
---
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ
---
END
---
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE
---
COMMIT WORK
---
BEGIN WORK ISOLATION LEVEL READ COMMITTED, READ ONLY
---
ABORT
---
START TRANSACTION
---
SET TRANSACTION READ ONLY
---
SET LOCAL statement_timeout = '5s'
---
SET LOCAL search_path = pg_catalog, public, reports
---
COMMIT AND NO CHAIN
---
START TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY
---
SAVEPOINT first
---
SELECT count(*) FROM customers
---
SAVEPOINT "Second"
---
ROLLBACK TO SAVEPOINT "Second"
---
RELEASE SAVEPOINT "Second"
---
ROLLBACK TO first
---
RELEASE first
---
COMMIT AND CHAIN
---
ROLLBACK AND NO CHAIN
---
BEGIN
---
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
---
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, NOT DEFERRABLE
---
SET CONSTRAINTS ALL DEFERRED
---
SET CONSTRAINTS ALL IMMEDIATE
---
ROLLBACK
--- simple
BEGIN; SELECT 1; COMMIT
--- simple
BEGIN READ ONLY; SELECT count(*) FROM products; SELECT max(price) FROM products; ROLLBACK;
--- simple
SELECT 1; SELECT 2; SELECT 3
---
BEGIN
---
DECLARE plain CURSOR FOR SELECT id, name FROM customers ORDER BY id
---
FETCH 3 FROM plain
---
FETCH NEXT FROM plain
---
FETCH FORWARD 5 IN plain
---
MOVE FORWARD 10 IN plain
---
FETCH ALL FROM plain
---
CLOSE plain
---
DECLARE back NO SCROLL CURSOR WITHOUT HOLD FOR SELECT id FROM products ORDER BY id DESC
---
MOVE 4 FROM back
---
FETCH back
---
CLOSE back
---
DECLARE scrolled SCROLL CURSOR FOR TABLE categories
---
FETCH LAST FROM scrolled
---
FETCH PRIOR FROM scrolled
---
FETCH FIRST FROM scrolled
---
FETCH ABSOLUTE 3 FROM scrolled
---
FETCH RELATIVE -1 FROM scrolled
---
FETCH BACKWARD ALL FROM scrolled
---
MOVE BACKWARD ALL IN scrolled
---
FETCH FORWARD ALL FROM scrolled
---
DECLARE bytes BINARY CURSOR FOR SELECT id, price FROM products ORDER BY id LIMIT 5
---
FETCH 5 FROM bytes
---
SELECT name, is_holdable, is_binary, is_scrollable, statement FROM pg_cursors ORDER BY name
---
COMMIT
---
DECLARE "SQL_CUR0x7f8a" CURSOR WITH HOLD FOR SELECT "customers"."name" AS "name", SUM("orders"."total") AS "sum:total:ok" FROM "public"."orders" "orders" INNER JOIN "public"."customers" "customers" ON ("orders"."customer" = "customers"."id") GROUP BY 1 ORDER BY 1
---
FETCH 50 IN "SQL_CUR0x7f8a"
---
FETCH 10000 IN "SQL_CUR0x7f8a"
---
CLOSE "SQL_CUR0x7f8a"
---
BEGIN
---
DECLARE "_server_side_1" CURSOR WITHOUT HOLD FOR SELECT * FROM lines ORDER BY 1, 2, 3
---
FETCH FORWARD 2000 FROM "_server_side_1"
---
CLOSE "_server_side_1"
---
COMMIT
---
PREPARE by_id AS SELECT name FROM customers WHERE id = $1
---
EXECUTE by_id(5)
---
EXPLAIN (COSTS OFF) EXECUTE by_id(6)
---
PREPARE typed (int, text) AS SELECT $1 + 1, upper($2)
---
EXECUTE typed(41, 'x')
---
PREPARE listed AS VALUES (1, 'one'), (2, 'two')
---
EXECUTE listed
---
SELECT name, statement, parameter_types, from_sql FROM pg_prepared_statements WHERE from_sql ORDER BY name
---
DEALLOCATE by_id
---
DEALLOCATE PREPARE typed
---
DEALLOCATE ALL
---
CLOSE ALL
---
UNLISTEN *
---
DISCARD ALL
---
SHOW transaction_read_only
---
DISCARD PLANS
---
DISCARD SEQUENCES
---
DISCARD TEMP
---
DISCARD TEMPORARY
---
SET SESSION AUTHORIZATION DEFAULT
---
RESET SESSION AUTHORIZATION
---
RESET ROLE
---
SET ROLE NONE
---
SELECT pg_advisory_unlock_all()
--- simple
SELECT pg_advisory_unlock_all();
CLOSE ALL;
UNLISTEN *;
RESET ALL;
--- simple
CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DEALLOCATE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD PLANS; DISCARD SEQUENCES; DISCARD TEMP;
--- simple
SET SESSION AUTHORIZATION DEFAULT;RESET ALL;CLOSE ALL;UNLISTEN *;SELECT pg_advisory_unlock_all();DISCARD SEQUENCES;DISCARD TEMP
--- simple
RESET ALL; SET SESSION AUTHORIZATION DEFAULT;
--- simple
ROLLBACK; RESET ALL; DEALLOCATE ALL;
---
SELECT current_setting('transaction_read_only'), current_setting('default_transaction_read_only')
---
SELECT 1
---
SELECT 1;
---
select 1 as one
---
SELECT 'x'
---
SELECT true
---
SELECT NULL
---
SELECT
---

---
;
---
;;
---
-- ping
---
/* ping */
---
/* keep-alive */ SELECT 1
---
SELECT 1 -- is it alive
---
SELECT now() IS NOT NULL AS alive
---
SELECT pg_is_in_recovery()
---
SELECT pg_catalog.pg_is_in_recovery() AS replica
---
SELECT NOT pg_is_in_recovery() AS primary, current_setting('transaction_read_only') AS read_only
--- values vary
SELECT CURRENT_TIMESTAMP
