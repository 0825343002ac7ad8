-- group: analytics
---
SELECT * FROM customers ORDER BY id LIMIT 10
---
SELECT c.* FROM customers AS c ORDER BY c.id OFFSET 5 ROWS FETCH FIRST 5 ROWS ONLY
---
SELECT id, price FROM products ORDER BY price DESC FETCH FIRST 3 ROWS WITH TIES
---
TABLE categories
---
TABLE reports.spending ORDER BY id LIMIT 5
---
TABLE ONLY orders
---
SELECT count(*) FROM ONLY orders
---
VALUES (1, 'one'), (2, 'two'), (3, NULL)
---
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (number, letter)
---
SELECT DISTINCT state FROM orders ORDER BY state
---
SELECT DISTINCT ON (customer) customer, id, placed FROM orders ORDER BY customer, placed DESC
---
SELECT ALL state, count(*) FROM orders GROUP BY state ORDER BY 1
---
SELECT state, sum(total), avg(total), min(total), max(total), stddev_pop(total), var_samp(total) FROM orders GROUP BY state ORDER BY state
---
SELECT customer, count(*) FROM orders GROUP BY customer HAVING count(*) > 4 AND sum(total) > 100 ORDER BY 2 DESC, 1
---
SELECT date_trunc('month', placed AT TIME ZONE 'UTC') AS month, state, sum(total) FROM orders GROUP BY ROLLUP (month, state) ORDER BY 1 NULLS LAST, 2 NULLS LAST
---
SELECT state, customer % 3 AS third, count(*), grouping(state, customer % 3) FROM orders GROUP BY CUBE (state, customer % 3) ORDER BY 1, 2
---
SELECT state, extract(year FROM placed) AS year, count(*) FROM orders GROUP BY GROUPING SETS ((state), (extract(year FROM placed)), ()) ORDER BY 1, 2
---
SELECT state, count(*) FROM orders GROUP BY DISTINCT ROLLUP (state), CUBE (state) ORDER BY 1
---
SELECT count(*) FILTER (WHERE state = 'new') AS fresh, count(*) FILTER (WHERE state <> 'new') AS others FROM orders
---
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total), percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY total), mode() WITHIN GROUP (ORDER BY state) FROM orders
---
SELECT rank(300) WITHIN GROUP (ORDER BY total), dense_rank(300) WITHIN GROUP (ORDER BY total), percent_rank(300) WITHIN GROUP (ORDER BY total), cume_dist(300) WITHIN GROUP (ORDER BY total) FROM orders
---
SELECT corr(total, customer), covar_pop(total, customer), covar_samp(total, customer), regr_slope(total, customer), regr_intercept(total, customer), regr_r2(total, customer), regr_count(total, customer) FROM orders
---
SELECT string_agg(name, ', ' ORDER BY id), array_agg(id ORDER BY id DESC), bool_and(id > 0), bool_or(id > 5), every(id > 0), bit_and(id), bit_or(id) FROM categories
---
SELECT any_total.total FROM (SELECT max(total) AS total FROM orders) AS any_total
--- since 16
SELECT any_value(name) IS NOT NULL, array_agg(id ORDER BY id) FROM categories
---
SELECT id, total, row_number() OVER (ORDER BY total DESC), rank() OVER w, dense_rank() OVER w, ntile(4) OVER w, percent_rank() OVER w, cume_dist() OVER w FROM orders WINDOW w AS (PARTITION BY state ORDER BY total DESC) ORDER BY id LIMIT 20
---
SELECT id, lag(total) OVER w, lead(total, 2, 0) OVER w, first_value(total) OVER w, last_value(total) OVER w, nth_value(total, 2) OVER w FROM orders WHERE customer = 7 WINDOW w AS (ORDER BY placed) ORDER BY id
---
SELECT id, sum(total) OVER (ORDER BY placed ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS week, avg(total) OVER (ORDER BY placed RANGE BETWEEN interval '7 days' PRECEDING AND CURRENT ROW) AS days FROM orders ORDER BY id LIMIT 30
---
SELECT id, count(*) OVER (PARTITION BY state ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM orders ORDER BY id LIMIT 10
---
SELECT id, sum(total) FILTER (WHERE state = 'paid') OVER (PARTITION BY customer) FROM orders ORDER BY id LIMIT 10
---
SELECT id, sum(total) OVER (w ROWS UNBOUNDED PRECEDING) FROM orders WINDOW w AS (PARTITION BY customer ORDER BY id) ORDER BY id LIMIT 10
---
WITH recent AS (SELECT * FROM orders WHERE placed > '2025-06-01') SELECT count(*), sum(total) FROM recent
---
WITH a AS MATERIALIZED (SELECT id FROM products WHERE price > 100), b AS NOT MATERIALIZED (SELECT id FROM products WHERE price < 140) SELECT count(*) FROM a JOIN b USING (id)
---
WITH RECURSIVE tree AS (SELECT id, name, 0 AS depth, ARRAY[id] AS way FROM categories WHERE parent IS NULL UNION ALL SELECT c.id, c.name, t.depth + 1, t.way || c.id FROM categories AS c JOIN tree AS t ON c.parent = t.id) SELECT repeat('  ', depth) || name AS tree, way FROM tree ORDER BY way
---
WITH RECURSIVE tree (id, name) AS (SELECT id, name FROM categories WHERE parent IS NULL UNION ALL SELECT c.id, c.name FROM categories AS c JOIN tree AS t ON c.parent = t.id) SEARCH DEPTH FIRST BY id SET ordering SELECT * FROM tree ORDER BY ordering
---
WITH RECURSIVE walk (id, parent) AS (SELECT id, parent FROM categories WHERE id = 4 UNION ALL SELECT c.id, c.parent FROM categories AS c JOIN walk AS w ON c.id = w.parent) CYCLE id SET looped USING path SELECT * FROM walk
---
WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 100) SELECT sum(n), count(*) FROM n
---
WITH RECURSIVE fibonacci (a, b) AS (SELECT 0::bigint, 1::bigint UNION ALL SELECT b, a + b FROM fibonacci WHERE b < 100000) SELECT array_agg(a) FROM fibonacci
---
WITH x AS (WITH y AS (SELECT 1 AS one) SELECT one FROM y) SELECT (SELECT one FROM x), EXISTS (WITH z AS (SELECT 2) SELECT * FROM z)
---
SELECT c.id, o.id, o.total FROM customers AS c CROSS JOIN LATERAL (SELECT id, total FROM orders WHERE customer = c.id ORDER BY total DESC LIMIT 2) AS o ORDER BY c.id, o.total DESC LIMIT 20
---
SELECT c.id, x.n FROM customers AS c LEFT JOIN LATERAL generate_series(1, c.id % 4) AS x (n) ON true ORDER BY 1, 2 LIMIT 30
---
SELECT day::date, coalesce(sum(total), 0) AS total FROM generate_series(timestamptz '2024-02-01 00:00+00', timestamptz '2024-02-29 00:00+00', interval '1 day') AS day LEFT JOIN orders ON date_trunc('day', placed) = day GROUP BY day ORDER BY day
---
SELECT * FROM generate_series(10, 1, -3) WITH ORDINALITY AS s (n, place)
---
SELECT * FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['a', 'b'])) AS r (n, letter)
---
SELECT * FROM ROWS FROM (json_to_recordset('[{"a":1,"b":"x"}]') AS (a int, b text), generate_series(1, 2)) WITH ORDINALITY
---
SELECT * FROM unnest(ARRAY[1, 2, 3], ARRAY['x', 'y']) AS u (n, s)
---
SELECT id FROM customers WHERE id < 5 UNION SELECT id FROM products WHERE id < 8 ORDER BY id
---
SELECT id FROM customers WHERE id < 5 UNION ALL SELECT id FROM products WHERE id < 3 ORDER BY 1
---
(SELECT id FROM customers ORDER BY id LIMIT 3) INTERSECT (SELECT id FROM products ORDER BY id LIMIT 2) EXCEPT SELECT 1
---
SELECT id FROM products EXCEPT ALL SELECT product FROM lines INTERSECT ALL SELECT id FROM customers ORDER BY 1
---
((SELECT 1 AS n) UNION (VALUES (2), (3))) ORDER BY n DESC LIMIT 2
--- rows vary
SELECT id FROM orders TABLESAMPLE BERNOULLI (10)
--- rows vary
SELECT count(*) FROM orders TABLESAMPLE SYSTEM (50)
---
SELECT count(*) FROM orders TABLESAMPLE BERNOULLI (25) REPEATABLE (42)
---
SELECT count(*) FROM orders TABLESAMPLE system (100)
---
SELECT * FROM customers JOIN orders ON orders.customer = customers.id WHERE customers.id = 3 ORDER BY orders.id
---
SELECT c.name, o.total FROM customers c INNER JOIN orders o ON o.customer = c.id AND o.state = 'paid' WHERE c.id IN (1, 2, 3) ORDER BY o.id
---
SELECT count(*) FROM customers NATURAL JOIN (SELECT id, 1 AS other FROM products) AS p
---
SELECT count(*) FROM customers LEFT OUTER JOIN products USING (id) WHERE products.id IS NULL
---
SELECT j.id FROM (customers AS c JOIN products AS p USING (id)) AS j (id) WHERE j.id < 4 ORDER BY 1
---
SELECT pair.id FROM customers JOIN products USING (id) AS pair WHERE pair.id < 4 ORDER BY 1
---
SELECT count(*) FROM customers FULL JOIN categories ON customers.id = categories.id RIGHT JOIN products ON products.id = customers.id
---
SELECT a.id, b.id FROM categories a, categories b WHERE a.parent = b.id ORDER BY 1
---
SELECT name FROM customers AS c WHERE EXISTS (SELECT FROM orders AS o WHERE o.customer = c.id AND o.total > 2400) ORDER BY name
---
SELECT name FROM customers WHERE id NOT IN (SELECT customer FROM orders WHERE state = 'returned') ORDER BY id LIMIT 5
---
SELECT id FROM orders WHERE total > ALL (SELECT price FROM products) ORDER BY id LIMIT 5
---
SELECT id FROM products WHERE price = ANY (ARRAY[1.25, 2.5, 3.75]) OR id = SOME ('{7,8}'::int[]) ORDER BY id
---
SELECT (SELECT max(price) FROM products) - price AS below FROM products ORDER BY id LIMIT 5
---
SELECT id, CASE WHEN total > 1000 THEN 'big' WHEN total > 100 THEN 'middle' ELSE 'small' END AS size FROM orders ORDER BY id LIMIT 60
---
SELECT id, CASE state WHEN 'new' THEN 0 WHEN 'paid' THEN 1 END FROM orders ORDER BY id LIMIT 4
---
SELECT coalesce(referred_by, 0), nullif(id, 3), greatest(id, 5), least(id, 5, 2) FROM customers ORDER BY id LIMIT 6
---
SELECT id FROM customers WHERE (id, name) > (3, 'a') AND (id, name) IN ((4, 'customer 4'), (5, 'x')) ORDER BY id
---
SELECT ROW (1, 2) = ROW (1, 2), (1, NULL) IS DISTINCT FROM (1, 2), ROW (1, NULL) IS NOT NULL, (1, 2) < (1, 3)
---
SELECT id FROM orders WHERE total BETWEEN 10 AND 20 AND total NOT BETWEEN SYMMETRIC 15 AND 12 ORDER BY id
---
SELECT id FROM customers WHERE referred_by IS NULL OR mood IS NOT DISTINCT FROM 'happy' ORDER BY id LIMIT 5
---
SELECT (home).city, count(*) FROM customers GROUP BY (home).city ORDER BY 1
---
SELECT (c.home).* FROM customers AS c WHERE id = 1
---
SELECT c FROM customers AS c WHERE id = 2
---
SELECT row_to_json(c) FROM (SELECT id, name, mood FROM customers ORDER BY id LIMIT 3) AS c
---
SELECT sum(CASE WHEN state = 'new' THEN total ELSE 0 END) AS "new", sum(CASE WHEN state = 'paid' THEN total ELSE 0 END) AS "paid", sum(CASE WHEN state = 'sent' THEN total ELSE 0 END) AS "sent" FROM orders
---
SELECT width_bucket(total, 0, 2500, 10) AS bucket, count(*) FROM orders GROUP BY bucket ORDER BY bucket
---
SELECT id, total / sum(total) OVER () AS share, round(100.0 * total / sum(total) OVER (), 2) AS percent FROM orders ORDER BY id LIMIT 5
---
WITH islands AS (SELECT id, id - row_number() OVER (ORDER BY id) AS island FROM orders WHERE id % 10 < 7) SELECT min(id), max(id), count(*) FROM islands GROUP BY island ORDER BY 1 LIMIT 10
---
WITH first_order AS (SELECT customer, min(date_trunc('month', placed)) AS cohort FROM orders GROUP BY customer) SELECT cohort, date_trunc('month', o.placed) - cohort AS age, count(DISTINCT o.customer) FROM orders AS o JOIN first_order USING (customer) GROUP BY 1, 2 ORDER BY 1, 2
---
SELECT month, total, total - lag(total) OVER (ORDER BY month) AS change FROM reports.by_month ORDER BY month
---
SELECT * FROM reports.bestsellers ORDER BY sold DESC, id LIMIT 10
---
SELECT * FROM cheap ORDER BY id
---
SELECT ctid, xmin IS NOT NULL AS has_xmin, tableoid::regclass, id FROM categories ORDER BY id
---
SELECT tableoid::regclass AS part, count(*) FROM orders GROUP BY 1 ORDER BY 1
---
SELECT o.id AS number, c.name customer FROM orders o JOIN customers c ON c.id = o.customer ORDER BY o.id LIMIT 3
---
SELECT count(DISTINCT customer), count(DISTINCT (customer, state)) FROM orders
---
SELECT product_name, total FROM (SELECT p.name AS product_name, sum(l.quantity * l.price) AS total, rank() OVER (ORDER BY sum(l.quantity * l.price) DESC) AS place FROM lines AS l JOIN products AS p ON p.id = l.product GROUP BY p.name) AS ranked WHERE place <= 5 ORDER BY place, product_name
---
SELECT 1 AS one, 2 AS two, 1 + 2 * 3 - 4 / 2 % 3 + 2 ^ 2 AS sum
---
SELECT 7 / 2, 7.0 / 2, -7 % 3, 2 ^ 10, |/ 16, ||/ 27, @ -5, 91 & 15, 32 | 3, 17 # 5, ~1, 1 << 4, 8 >> 2
---
SELECT NOT true AND false OR true, true IS TRUE, NULL IS UNKNOWN, false IS NOT FALSE
--- since 16
SELECT n FROM (SELECT generate_series(1, 3) AS n) UNION ALL SELECT column1 FROM (VALUES (9)) ORDER BY n
--- since 16
SELECT count(*) FROM (SELECT * FROM orders WHERE id < 10)
---
SELECT x.* FROM (SELECT 1 AS a, 2 AS b) AS x, LATERAL (SELECT x.a + x.b AS c) AS y WHERE y.c = 3
---
SELECT id, (SELECT array_agg(s ORDER BY s) FROM unnest(sizes) AS s) AS sorted FROM products ORDER BY id LIMIT 3
---
SELECT sum(x) FROM (SELECT unnest(sizes) AS x FROM products) AS all_sizes
---
SELECT count(*) FROM orders WHERE placed >= DATE '2024-03-01' AND placed < DATE '2024-03-01' + INTERVAL '1 month'
---
SELECT customer, array_agg(id ORDER BY placed) FILTER (WHERE state = 'paid') FROM orders WHERE customer < 4 GROUP BY customer ORDER BY customer
---
SELECT regr_avgx(total, customer), regr_avgy(total, customer), regr_sxx(total, customer), regr_sxy(total, customer), regr_syy(total, customer), variance(total), var_pop(total), stddev(total), stddev_samp(total) FROM orders
