-- group: prepared with values
--- bound 7
SELECT * FROM customers WHERE id = ?
--- bound Oslo|10
SELECT id, name FROM customers WHERE city = ? AND balance > ? ORDER BY id
--- bound 3|2
SELECT id FROM customers ORDER BY id LIMIT ? OFFSET ?
--- bound NULL
SELECT COUNT(*) FROM customers WHERE city <=> ?
--- bound a|b|c
SELECT id FROM customers WHERE level IN (?, ?, ?) ORDER BY id LIMIT 5
--- bound 2024-01-05
SELECT COUNT(*) FROM orders WHERE placed >= ? + INTERVAL 3 DAY
--- bound $.color|red
SELECT id FROM products WHERE JSON_UNQUOTE(JSON_EXTRACT(attributes, ?)) = ? ORDER BY id
--- bound rails
SELECT id FROM articles WHERE MATCH (title, body) AGAINST (?) ORDER BY id
--- bound 5|6
SELECT ? + 1 AS a, CONCAT(?, 'x') AS b
--- bound %9
SELECT name FROM customers WHERE name LIKE ? ORDER BY id
--- bound 1|5
WITH RECURSIVE n AS (SELECT ? AS a UNION ALL SELECT a + 1 FROM n WHERE a < ?) SELECT COUNT(*) FROM n
--- bound it's
SELECT ? AS quoted
--- bound store
SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1
--- bound 1
SELECT CASE ? WHEN 1 THEN 'one' ELSE 'other' END
