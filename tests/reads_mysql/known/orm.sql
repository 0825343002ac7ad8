-- group: what ORMs send
---
SELECT `customers`.* FROM `customers` WHERE `customers`.`id` = 7 LIMIT 1
---
SELECT `customers`.`id`, `customers`.`name` FROM `customers` WHERE `customers`.`city` IN ('Oslo', 'Bergen') ORDER BY `customers`.`id` ASC LIMIT 21
---
SELECT COUNT(*) AS `__count` FROM `customers` WHERE NOT (`customers`.`city` IS NULL)
---
SELECT (1) AS `a` FROM `customers` WHERE `customers`.`email` = 'c1@example.org' LIMIT 1
---
SELECT 1 AS one FROM `customers` WHERE `customers`.`email` = BINARY 'c2@example.org' LIMIT 1
---
SELECT `t0`.`id` AS `t0_id`, `t0`.`name` AS `t0_name`, `t1`.`id` AS `t1_id` FROM `customers` `t0` LEFT OUTER JOIN `orders` `t1` ON `t0`.`id` = `t1`.`customer_id` WHERE `t0`.`id` = 3 ORDER BY t0.id, t1.id
---
select c1_0.id,c1_0.balance,c1_0.name from customers c1_0 where c1_0.name like 'Customer 1%' escape '\\' order by c1_0.id limit 10,5
---
select o1_0.customer_id,o1_0.id,o1_0.placed from orders o1_0 where o1_0.customer_id in (1,2,3) order by o1_0.id
---
select count(o1_0.id) from orders o1_0 join customers c1_0 on c1_0.id=o1_0.customer_id where c1_0.city='Turku'
---
SELECT customers.id AS customers_id, anon_1.total AS anon_1_total FROM customers INNER JOIN (SELECT orders.customer_id AS customer_id, count(*) AS total FROM orders GROUP BY orders.customer_id) AS anon_1 ON anon_1.customer_id = customers.id ORDER BY customers.id LIMIT 5 OFFSET 5
---
SELECT EXISTS(SELECT 1 FROM `orders` WHERE `status` = 'paid' LIMIT 1) AS `exists`
---
SELECT * FROM `customers` WHERE (`name` LIKE '%9' OR `city` = 'Oslo') AND `balance` BETWEEN 10 AND 50 ORDER BY `created` DESC, `id` LIMIT 15 OFFSET 0
---
SELECT `User`.`id`, `User`.`name`, `Orders`.`id` AS `Orders.id` FROM (SELECT `User`.`id`, `User`.`name` FROM `customers` AS `User` ORDER BY `User`.`id` LIMIT 2) AS `User` LEFT OUTER JOIN `orders` AS `Orders` ON `User`.`id` = `Orders`.`customer_id` ORDER BY `User`.`id`, `Orders`.`id`
---
SELECT `store`.`customers`.`id`, `store`.`customers`.`name` FROM `store`.`customers` WHERE 1=1 ORDER BY `store`.`customers`.`id` ASC LIMIT 3 OFFSET 0
---
SELECT `store`.`products`.`id`, `store`.`products`.`attributes` FROM `store`.`products` WHERE (JSON_EXTRACT(`store`.`products`.`attributes`, '$.color') = 'red' AND 1=1) ORDER BY id
---
select `products`.* from `products` where json_unquote(json_extract(`attributes`, '$."color"')) = 'blue' order by id
---
select * from `customers` where exists (select * from `orders` where `customers`.`id` = `orders`.`customer_id` and `status` = 'sent') order by id limit 5
---
select `city`, count(*) as aggregate from `customers` group by `city` having `aggregate` > 3 order by `city`
---
select max(`balance`) as aggregate from `customers`
---
SELECT DATE(`orders`.`placed`) AS `day`, COUNT(`orders`.`id`) AS `n` FROM `orders` GROUP BY DATE(`orders`.`placed`) ORDER BY NULL LIMIT 5
---
SELECT CAST(DATE_FORMAT(`orders`.`placed`, '%Y-%m-01') AS DATE) AS `month`, COUNT(*) FROM `orders` GROUP BY CAST(DATE_FORMAT(`orders`.`placed`, '%Y-%m-01') AS DATE) ORDER BY 1
---
SELECT DISTINCT `customers`.`city` FROM `customers` INNER JOIN `orders` ON (`customers`.`id` = `orders`.`customer_id`) ORDER BY `customers`.`city` ASC
---
SELECT t0.*, (SELECT COUNT(*) FROM orders r WHERE r.customer_id = t0.id) AS order_count FROM customers t0 ORDER BY t0.id LIMIT 4
---
SELECT SQL_CALC_FOUND_ROWS * FROM customers ORDER BY id LIMIT 2
---
SELECT FOUND_ROWS()
---
SELECT ROW_COUNT()
---
SELECT LAST_INSERT_ID()
---
SELECT @@IDENTITY
---
SELECT CONCAT('[', GROUP_CONCAT(JSON_OBJECT('id', id, 'title', title) ORDER BY id), ']') FROM products WHERE id < 4
---
/*application:Shop,controller:home,action:index*/ SELECT 1 /* traceparent='00-aa-bb-01' */
---
SELECT `version` FROM (SELECT 1 AS `version`) AS `schema_migrations` ORDER BY `version` ASC
---
SELECT 'x' AS `type`, id FROM customers WHERE id = 1 UNION ALL SELECT 'y', id FROM orders WHERE id = 1
---
SELECT * FROM customers WHERE (id, city) IN ((1, 'Bergen'), (4, 'Oslo')) ORDER BY id
---
SELECT * FROM customers WHERE id <=> NULL
---
SELECT * FROM `customers` FORCE INDEX (`by_city`) WHERE `city` = 'Oslo' ORDER BY `name`
---
SELECT COALESCE(SUM(`order_items`.`quantity` * `order_items`.`price`), 0.0) AS `total` FROM `order_items`
