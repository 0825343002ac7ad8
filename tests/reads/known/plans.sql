-- group: plans
---
EXPLAIN SELECT * FROM customers WHERE id = 1
---
EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE placed < '2024-02-01'
---
EXPLAIN (FORMAT JSON) SELECT count(*) FROM orders
---
EXPLAIN (FORMAT YAML, VERBOSE) SELECT name FROM products
---
EXPLAIN (FORMAT XML, SETTINGS, COSTS) SELECT 1
---
EXPLAIN (FORMAT TEXT, VERBOSE true, COSTS false) SELECT * FROM reports.spending
---
EXPLAIN VERBOSE SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer = c.id
---
EXPLAIN (VERBOSE 1, COSTS 0) TABLE categories
--- rows vary
EXPLAIN ANALYZE SELECT count(*) FROM customers
--- rows vary
EXPLAIN ANALYZE VERBOSE SELECT * FROM categories
--- rows vary
EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM products ORDER BY price DESC LIMIT 5
--- rows vary
EXPLAIN (ANALYZE true, BUFFERS on, TIMING off, SUMMARY off, FORMAT json) SELECT * FROM orders WHERE customer = 3
--- rows vary
EXPLAIN (ANALYZE, WAL, VERBOSE, SETTINGS) WITH t AS MATERIALIZED (SELECT * FROM lines) SELECT sum(price) FROM t
--- rows vary
EXPLAIN (ANALYZE, COSTS OFF) VALUES (1), (2)
--- since 16
EXPLAIN (GENERIC_PLAN) SELECT 1 FROM customers WHERE id = 7
--- since 16, simple
EXPLAIN (GENERIC_PLAN, COSTS OFF) SELECT * FROM customers WHERE id = $1
--- since 17, rows vary
EXPLAIN (ANALYZE, SERIALIZE TEXT, MEMORY) SELECT * FROM categories
---
EXPLAIN UPDATE drafts SET text = 'x' WHERE id = 1
---
EXPLAIN VERBOSE UPDATE drafts SET text = upper(text) WHERE id BETWEEN 3 AND 9
---
EXPLAIN (FORMAT JSON, COSTS OFF) DELETE FROM drafts WHERE id > 10
---
EXPLAIN (COSTS OFF) INSERT INTO drafts SELECT id + 1000, name, now() FROM customers
---
EXPLAIN INSERT INTO drafts VALUES (51, 'x', NULL) ON CONFLICT (id) DO UPDATE SET text = excluded.text
--- since 15
EXPLAIN (COSTS OFF) MERGE INTO drafts AS d USING customers AS c ON d.id = c.id WHEN MATCHED THEN UPDATE SET text = c.name WHEN NOT MATCHED THEN DO NOTHING
---
EXPLAIN (ANALYZE false, COSTS false) DELETE FROM drafts USING customers WHERE customers.id = drafts.id
---
EXPLAIN (ANALYZE off) UPDATE drafts SET text = NULL
---
PREPARE planned (int) AS SELECT * FROM products WHERE id = $1
---
EXPLAIN (COSTS OFF) EXECUTE planned (4)
--- rows vary
EXPLAIN ANALYZE EXECUTE planned (4)
---
DEALLOCATE planned
---
EXPLAIN (COSTS OFF) DECLARE c CURSOR FOR SELECT * FROM customers
