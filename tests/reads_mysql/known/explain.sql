-- group: plans
--- values vary
EXPLAIN SELECT * FROM customers WHERE city = 'Oslo'
--- values vary
EXPLAIN EXTENDED SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id
--- values vary
EXPLAIN PARTITIONS SELECT * FROM visits WHERE day > '2024-01-01'
--- values vary
EXPLAIN FORMAT=JSON SELECT COUNT(*) FROM orders
--- values vary
EXPLAIN FORMAT = TRADITIONAL SELECT 1
--- values vary
DESCRIBE SELECT * FROM sales
--- values vary
DESC FORMAT=JSON SELECT * FROM orders WHERE id IN (SELECT order_id FROM order_items)
--- values vary
ANALYZE SELECT * FROM customers WHERE id < 10
--- values vary
ANALYZE FORMAT=JSON SELECT city, COUNT(*) FROM customers GROUP BY city
--- values vary
EXPLAIN WITH w AS (SELECT 1 AS a) SELECT * FROM w
--- values vary
EXPLAIN (SELECT 1) UNION (SELECT 2)
---
SHOW WARNINGS LIMIT 0
