-- group: what BI tools send
---
SELECT `source`.`city` AS `city`, COUNT(*) AS `count` FROM (SELECT `customers`.`id` AS `id`, `customers`.`city` AS `city` FROM `customers`) AS `source` GROUP BY `source`.`city` ORDER BY `source`.`city` ASC
---
SELECT STR_TO_DATE(CONCAT(DATE_FORMAT(`orders`.`placed`, '%Y-%m'), '-01'), '%Y-%m-%d') AS `placed`, COUNT(*) AS `count` FROM `orders` GROUP BY STR_TO_DATE(CONCAT(DATE_FORMAT(`orders`.`placed`, '%Y-%m'), '-01'), '%Y-%m-%d') ORDER BY 1 ASC
---
SELECT DATE_ADD(DATE(`placed`), INTERVAL (1 - DAYOFWEEK(`placed`)) DAY) AS wk, SUM(id) FROM orders GROUP BY wk ORDER BY wk LIMIT 10
---
SELECT QUARTER(placed) AS q, YEAR(placed) AS y, COUNT(DISTINCT customer_id) AS buyers FROM orders GROUP BY y, q ORDER BY y, q
---
SELECT UNIX_TIMESTAMP(placed) DIV 86400 * 86400 AS time, COUNT(*) AS value, status AS metric FROM orders WHERE placed BETWEEN FROM_UNIXTIME(1704060000) AND FROM_UNIXTIME(1735682400) GROUP BY 1, 3 ORDER BY 1, 3 LIMIT 10
---
SELECT cast(cast(UNIX_TIMESTAMP(placed)/(3600) as signed)*3600 as signed) AS "time", avg(id) AS "value" FROM orders GROUP BY 1 ORDER BY 1 LIMIT 5
---
SELECT SUM(1) AS `cnt:customers:ok`, `customers`.`city` AS `city` FROM `customers` GROUP BY 2 ORDER BY 2
---
SELECT `customers`.`city` AS `none:city:nk`, SUM(`customers`.`balance`) AS `sum:balance:ok` FROM `store`.`customers` `customers` WHERE ((`customers`.`born` >= TIMESTAMP('1970-01-01')) AND (`customers`.`born` < TIMESTAMP('1999-01-01'))) GROUP BY 1 HAVING (COUNT(1) > 0) ORDER BY 1
---
select `_`.`city`, sum(`_`.`balance`) as `a0` from (select `city`, `balance` from `store`.`customers`) as `_` group by `_`.`city` order by `_`.`city` limit 1000001
---
SELECT customers.city AS `customers.city`, COALESCE(SUM(orders.id), 0) AS `orders.sum` FROM orders LEFT JOIN customers ON orders.customer_id = customers.id GROUP BY 1 ORDER BY 2 DESC LIMIT 500
---
SELECT city AS city, COUNT(*) AS `COUNT(*)` FROM (SELECT * FROM customers WHERE balance > 10) AS virtual_table GROUP BY city ORDER BY `COUNT(*)` DESC, city LIMIT 1000
---
SELECT DATE_FORMAT(placed, '%x-%v') AS week, status, COUNT(*) * 100.0 / SUM(COUNT(*)) OVER (PARTITION BY DATE_FORMAT(placed, '%x-%v')) AS pct FROM orders GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 12
---
SELECT CASE WHEN balance < 20 THEN 'low' WHEN balance < 50 THEN 'mid' ELSE 'high' END AS bucket, COUNT(*), MIN(balance), MAX(balance), AVG(balance), STDDEV(balance), VARIANCE(balance) FROM customers GROUP BY bucket ORDER BY bucket
---
SELECT FLOOR(balance / 10) * 10 AS bin, COUNT(*) FROM customers GROUP BY bin ORDER BY bin
---
SELECT city, level, COUNT(*) FROM customers GROUP BY city, level WITH ROLLUP
---
SELECT TIMESTAMPDIFF(MONTH, c.born, '2024-01-01') DIV 12 AS age, COUNT(*) FROM customers c GROUP BY age ORDER BY age
---
SELECT * FROM customers LIMIT 0
---
SELECT * FROM (SELECT city, name FROM customers) `T` WHERE 1 = 0
---
SELECT 1 AS `number of records`, `born` FROM customers ORDER BY born DESC LIMIT 1
---
SELECT MAX(placed) - INTERVAL 7 DAY, MIN(placed) FROM orders
---
SELECT SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END) / COUNT(*) FROM orders
---
SELECT COUNT(*), COUNT(DISTINCT status), COUNT(DISTINCT customer_id, status) FROM orders
---
SELECT customer_id, SUM(quantity * i.price) AS revenue, RANK() OVER (ORDER BY SUM(quantity * i.price) DESC, customer_id) AS r FROM orders o JOIN order_items i ON o.id = i.order_id GROUP BY customer_id ORDER BY r LIMIT 10
---
WITH monthly AS (SELECT DATE_FORMAT(placed, '%Y-%m') AS m, COUNT(*) AS n FROM orders GROUP BY 1) SELECT m, n, n - LAG(n) OVER (ORDER BY m) AS diff, SUM(n) OVER (ORDER BY m ROWS UNBOUNDED PRECEDING) AS running FROM monthly ORDER BY m
