-- group: what analysts ask
---
SELECT c.name, COUNT(*) FROM customers c NATURAL JOIN (SELECT customer_id AS id FROM orders) o GROUP BY c.name ORDER BY 2 DESC, 1 LIMIT 3
---
SELECT name, balance, ROW_NUMBER() OVER (PARTITION BY city ORDER BY balance DESC) AS n, DENSE_RANK() OVER w AS d, PERCENT_RANK() OVER w AS p, CUME_DIST() OVER w AS cd, NTILE(4) OVER w AS q FROM customers WINDOW w AS (ORDER BY balance) ORDER BY id LIMIT 10
---
SELECT id, FIRST_VALUE(id) OVER (ORDER BY placed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS f, LAST_VALUE(id) OVER (ORDER BY placed) AS l, NTH_VALUE(id, 2) OVER (ORDER BY placed) AS s, LEAD(id, 2) OVER (ORDER BY placed) AS d FROM orders ORDER BY id LIMIT 5
---
SELECT MEDIAN(balance) OVER (PARTITION BY level) AS m, PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY balance) OVER (PARTITION BY level) AS p, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY balance) OVER (PARTITION BY level) AS d FROM customers ORDER BY 1, 2, 3 LIMIT 5
---
WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 10) SELECT SUM(a), GROUP_CONCAT(a SEPARATOR '-') FROM n
---
WITH RECURSIVE tree (id, parent, depth) AS (SELECT id, parent, 0 FROM orders WHERE parent IS NULL UNION ALL SELECT o.id, o.parent, t.depth + 1 FROM orders o JOIN tree t ON o.parent = t.id) SELECT depth, COUNT(*) FROM tree GROUP BY depth ORDER BY depth
---
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
---
WITH RECURSIVE c AS (SELECT 1 AS a UNION SELECT a % 3 + 1 FROM c) CYCLE a RESTRICT SELECT * FROM c ORDER BY a
---
SELECT id FROM customers WHERE id < 5 INTERSECT SELECT customer_id FROM orders ORDER BY id
---
SELECT id FROM customers WHERE id < 10 EXCEPT SELECT customer_id FROM orders WHERE status = 'paid' ORDER BY id
---
(SELECT 1 AS a) UNION ALL (SELECT 2) UNION DISTINCT SELECT 2 ORDER BY a DESC LIMIT 2
---
SELECT 1 UNION ALL (SELECT 2 INTERSECT SELECT 2) ORDER BY 1
---
SELECT id FROM orders WHERE id < 4 EXCEPT ALL SELECT 2 ORDER BY id
---
VALUES (1, 'a'), (2, 'b')
---
SELECT * FROM (VALUES (1, 2), (3, 4)) AS v
---
SELECT j.* FROM products p, JSON_TABLE(p.attributes, '$.sizes[*]' COLUMNS (n FOR ORDINALITY, size INT PATH '$', missing VARCHAR(10) PATH '$.x' DEFAULT '"none"' ON EMPTY NULL ON ERROR)) AS j WHERE p.id < 3 ORDER BY p.id, j.n
---
SELECT jt.* FROM JSON_TABLE('[{"a":1,"b":[1,2]},{"a":2,"b":[3]}]', '$[*]' COLUMNS (a INT PATH '$.a', has INT EXISTS PATH '$.c', NESTED PATH '$.b[*]' COLUMNS (b INT PATH '$'))) jt
---
SELECT JSON_VALUE(attributes, '$.color'), JSON_QUERY(attributes, '$.sizes'), JSON_KEYS(attributes), JSON_LENGTH(attributes), JSON_CONTAINS(attributes, '"red"', '$.color'), JSON_SEARCH(attributes, 'one', 'green'), JSON_TYPE(attributes) FROM products ORDER BY id LIMIT 3
---
SELECT JSON_ARRAYAGG(id ORDER BY id), JSON_OBJECTAGG(id, title) FROM products WHERE id < 3
---
SELECT JSON_SET('{"a":1}', '$.b', 2), JSON_REMOVE('{"a":1}', '$.a'), JSON_MERGE_PATCH('{"a":1}', '{"b":2}'), JSON_PRETTY('[1]'), JSON_DETAILED('[1]'), JSON_VALID('x'), JSON_QUOTE('a'), JSON_UNQUOTE('"a"'), JSON_INSERT('[1]', '$[1]', 2), JSON_REPLACE('[1]', '$[0]', 3), JSON_DEPTH('[[1]]')
---
SELECT GROUP_CONCAT(DISTINCT city ORDER BY city DESC SEPARATOR ' | ') FROM customers
---
SELECT GROUP_CONCAT(name ORDER BY id LIMIT 2) FROM customers
---
SELECT name, ST_AsText(at), ST_X(at), ST_Y(at) FROM places ORDER BY id
---
SELECT a.name, b.name, ROUND(ST_Distance(a.at, b.at), 2) AS d FROM places a JOIN places b ON a.id < b.id ORDER BY d
---
SELECT name FROM places WHERE MBRContains(ST_GeomFromText('POLYGON((4 58, 4 62, 12 62, 12 58, 4 58))'), at) ORDER BY name
---
SELECT ST_AsGeoJSON(at), ST_Within(at, ST_Buffer(POINT(10, 60), 5)), ST_SRID(at), HEX(ST_AsBinary(at)) FROM places ORDER BY id
---
SELECT id, MATCH (title, body) AGAINST ('rails') > 0 AS hit FROM articles ORDER BY id
---
SELECT id FROM articles WHERE MATCH (title, body) AGAINST ('+run -water' IN BOOLEAN MODE) ORDER BY id
---
SELECT id FROM articles WHERE MATCH (title, body) AGAINST ('trains' WITH QUERY EXPANSION) ORDER BY id
---
SELECT id FROM articles WHERE MATCH (title, body) AGAINST ('boats' IN NATURAL LANGUAGE MODE)
---
SELECT SUM(hits) FROM visits PARTITION (p2024)
---
SELECT SUM(hits) FROM visits PARTITION (p2023, rest) v WHERE v.day > '2023-07-01'
---
SELECT * FROM prices FOR SYSTEM_TIME ALL ORDER BY id, price
---
SELECT * FROM prices FOR SYSTEM_TIME AS OF TIMESTAMP '2024-03-15 00:00:00' ORDER BY id
---
SELECT * FROM prices FOR SYSTEM_TIME BETWEEN '2024-03-01' AND '2024-05-01' ORDER BY id, price
---
SELECT * FROM prices FOR SYSTEM_TIME FROM '2024-03-01' TO '2024-03-20' ORDER BY id
---
SELECT c.name FROM customers c USE INDEX (PRIMARY) IGNORE INDEX FOR ORDER BY (by_city) WHERE c.id < 4 ORDER BY c.id
---
SELECT STRAIGHT_JOIN c.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = 3
---
SELECT HIGH_PRIORITY SQL_SMALL_RESULT SQL_BUFFER_RESULT DISTINCT city FROM customers ORDER BY city
---
SELECT /*+ MAX_EXECUTION_TIME(1000) */ COUNT(*) FROM customers
---
SELECT @rank := @rank + 1 AS r, name FROM customers, (SELECT @rank := 0) AS init ORDER BY id LIMIT 3
---
SELECT @total := SUM(balance) FROM customers
---
SELECT @total, @total / 2, @undefined
---
SELECT id, name FROM customers ORDER BY id LIMIT 5 OFFSET 2
---
SELECT id FROM customers ORDER BY id LIMIT 2, 3
---
SELECT id FROM customers ORDER BY balance DESC FETCH FIRST 3 ROWS ONLY
---
SELECT id FROM customers ORDER BY id OFFSET 2 ROWS FETCH NEXT 2 ROWS ONLY
---
SELECT level FROM customers ORDER BY level FETCH FIRST 1 ROW WITH TIES
---
SELECT id FROM customers LIMIT 3 ROWS EXAMINED 10000
---
SELECT c.id FROM customers c WHERE c.balance > ALL (SELECT price FROM products WHERE id < 10) AND c.id = ANY (SELECT customer_id FROM orders) ORDER BY c.id LIMIT 4
---
SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = 'void') ORDER BY c.id LIMIT 4
---
SELECT (SELECT COUNT(*) FROM orders) + (SELECT COUNT(*) FROM customers) AS n
---
SELECT ROW(1, 2) = ROW(1, 2), (1, 2) < (1, 3)
---
SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status = 'paid' RIGHT JOIN products p ON p.id = c.id WHERE p.id < 3 ORDER BY p.id, o.id
---
SELECT * FROM (customers c, orders o) INNER JOIN order_items i ON (i.order_id = o.id) WHERE c.id = o.customer_id AND o.id = 1 ORDER BY i.line
---
SELECT c.id FROM customers c CROSS JOIN (SELECT 1) d WHERE c.id = 1
---
SELECT seq FROM seq_1_to_10_step_3
---
SELECT d.day, COUNT(o.id) FROM (SELECT DATE('2024-01-01') + INTERVAL seq DAY AS day FROM seq_0_to_6) d LEFT JOIN orders o ON DATE(o.placed) = d.day GROUP BY d.day ORDER BY d.day
---
SELECT vat_rate, price * vat_rate FROM products JOIN (SELECT 0.25 AS vat_rate) r WHERE id = 1
---
SELECT * FROM sales ORDER BY id LIMIT 3
---
SELECT city, SUM(total) FROM sales GROUP BY city ORDER BY 2 DESC
---
SELECT * FROM `odd ``table`
---
SELECT `a b`, `select`, `größe` AS größe FROM `odd ``table`
---
SELECT 'it''s', "double \"quoted\"", 'back\\slash', 'new\nline', 'tab\t', 'percent \%', _utf8mb4'x' COLLATE utf8mb4_bin, N'n', x'4D79', 0x4D79, b'1010', 0b11, 1e3, .5, 1.5e-3, TRUE, FALSE, NULL, \N
---
SELECT 'a' 'b' "c", 'ü', '日本語', '😀'
---
SELECT DATE '2024-01-31' + INTERVAL 1 MONTH, TIME '10:00:00', TIMESTAMP '2024-01-01 00:00:00', {d '2024-01-01'}, {ts '2024-01-01 00:00:00'}
---
SELECT * FROM blobs ORDER BY id
---
SELECT id FROM customers PROCEDURE ANALYSE(10, 2000)
---
SELECT CURRENT_DATE IS NOT NULL, CURRENT_TIME() IS NOT NULL, CURRENT_TIMESTAMP(3) IS NOT NULL, LOCALTIME IS NOT NULL, UTC_DATE IS NOT NULL, SYSDATE() IS NOT NULL, NOW(6) IS NOT NULL, UNIX_TIMESTAMP() > 0
--- values vary
SELECT RAND(), UUID(), NOW(), UUID_SHORT(), SYSDATE(6)
---
SELECT RAND(7)
