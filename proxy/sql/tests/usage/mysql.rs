//! What do statements of MySQL use?

/// A text, and what it uses.
pub const CASES: &[(&str, &str)] = &[
    ("SELECT id FROM orders", "orders read | orders.id select"),
    (
        "SELECT `o`.`id` FROM `shop`.`orders` AS `o` WHERE `o`.`total` > ?",
        "shop.orders read | shop.orders.id select, shop.orders.total where",
    ),
    ("SELECT * FROM orders", "orders read | orders.* select"),
    (
        "SELECT o.*, c.name FROM orders o INNER JOIN customers c ON c.id = o.customer",
        "customers read, orders read | customers.id join, customers.name select, orders.* select, orders.customer join | customers.id=orders.customer inner",
    ),
    (
        "SELECT o.id FROM orders o LEFT JOIN customers c ON o.customer = c.id AND c.city = ?",
        "customers read, orders read | customers.city join, customers.id join, orders.customer join, orders.id select | orders.customer=customers.id left",
    ),
    (
        "SELECT o.id FROM orders o RIGHT OUTER JOIN customers c ON (o.customer = c.id)",
        "customers read, orders read | customers.id join, orders.customer join, orders.id select | orders.customer=customers.id right",
    ),
    (
        "SELECT o.id FROM orders o STRAIGHT_JOIN customers c ON o.customer = c.id",
        "customers read, orders read | customers.id join, orders.customer join, orders.id select | orders.customer=customers.id inner",
    ),
    (
        "SELECT a.id FROM orders a, customers b WHERE a.customer = b.id AND b.city = ?",
        "customers read, orders read | customers.city where, customers.id where, orders.customer where, orders.id select | orders.customer=customers.id condition",
    ),
    (
        "SELECT name FROM orders JOIN customers USING (id)",
        "customers read, orders read | ?name(orders customers) select, customers.id join, orders.id join | orders.id=customers.id using",
    ),
    (
        "SELECT a.x FROM a JOIN b USING (id) LEFT JOIN c USING (id)",
        "a read, b read, c read | ?id(a b) join, a.id join, a.x select, b.id join, c.id join | a.id=b.id using, a.id=c.id using",
    ),
    ("SELECT x FROM a NATURAL LEFT JOIN b", "a read, b read | ?x(a b) select | a.*=b.* natural"),
    (
        "SELECT shop.orders.id FROM shop.orders WHERE shop.orders.total > ?",
        "shop.orders read | shop.orders.id select, shop.orders.total where",
    ),
    (
        "SELECT e.name, m.name FROM employees e JOIN employees m ON e.manager = m.id",
        "employees read | employees.id join, employees.manager join, employees.name select | employees.manager=employees.id inner",
    ),
    (
        "SELECT id FROM orders WHERE customer IN (SELECT id FROM customers WHERE city = ?)",
        "customers read, orders read | ?city(customers orders) where, ?id(customers orders) select, orders.customer where, orders.id select | orders.customer=?id(customers orders) condition",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.customer NOT IN (SELECT c.id FROM customers c)",
        "customers read, orders read | customers.id select, orders.customer where, orders.id select",
    ),
    (
        "SELECT o.id FROM orders o WHERE EXISTS (SELECT ? FROM line_items l WHERE l.order_id = o.id)",
        "line_items read, orders read | line_items.order_id where, orders.id select, orders.id where | line_items.order_id=orders.id condition",
    ),
    (
        "SELECT c.name FROM customers c JOIN (SELECT customer, SUM(total) total FROM orders GROUP BY customer) s ON s.customer = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer group, orders.customer join, orders.customer select, orders.total select | orders.customer=customers.id inner",
    ),
    (
        "WITH s AS (SELECT customer FROM orders) SELECT c.name FROM customers c JOIN s ON s.customer = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.customer select | orders.customer=customers.id inner",
    ),
    (
        "WITH RECURSIVE t (id, parent) AS (SELECT id, parent FROM nodes WHERE id = ? UNION ALL SELECT n.id, n.parent FROM nodes n JOIN t ON n.parent = t.id) SELECT * FROM t",
        "nodes read | nodes.id join, nodes.id select, nodes.id where, nodes.parent join, nodes.parent select | nodes.parent=nodes.id inner",
    ),
    (
        "SELECT id FROM a UNION SELECT id FROM b ORDER BY id LIMIT ?",
        "a read, b read | a.id select, b.id select",
    ),
    ("(SELECT id FROM a) UNION ALL (SELECT id FROM b)", "a read, b read | a.id select, b.id select"),
    (
        "SELECT a.id FROM a, b WHERE a.x = b.y OR a.z = ?",
        "a read, b read | a.id select, a.x where, a.z where, b.y where",
    ),
    ("SELECT a.id FROM a, b WHERE NOT (a.x = b.y)", "a read, b read | a.id select, a.x where, b.y where"),
    (
        "SELECT a.id FROM a, b WHERE a.x BETWEEN ? AND b.z AND a.k = b.k",
        "a read, b read | a.id select, a.k where, a.x where, b.k where, b.z where | a.k=b.k condition",
    ),
    ("SELECT a.id FROM a, b WHERE a.x = b.y + ?", "a read, b read | a.id select, a.x where, b.y where"),
    (
        "SELECT COUNT(*), COUNT(DISTINCT o.customer) AS n FROM orders o GROUP BY o.day HAVING SUM(o.total) > ? ORDER BY n DESC",
        "orders read | orders.customer select, orders.day group, orders.total having",
    ),
    (
        "SELECT DATE_FORMAT(placed, ?) AS m, SUM(total) FROM orders GROUP BY m WITH ROLLUP",
        "orders read | orders.placed select, orders.total select",
    ),
    (
        "SELECT GROUP_CONCAT(name ORDER BY city SEPARATOR ?) FROM customers",
        "customers read | customers.city select, customers.name select",
    ),
    (
        "SELECT CAST(total AS DECIMAL(?, ?)), CONVERT(name USING utf8mb4) FROM orders",
        "orders read | orders.name select, orders.total select",
    ),
    (
        "SELECT id FROM orders WHERE placed > NOW() - INTERVAL ? DAY",
        "orders read | orders.id select, orders.placed where",
    ),
    (
        "SELECT id FROM orders WHERE placed > DATE ? AND name LIKE ? ESCAPE ?",
        "orders read | orders.id select, orders.name where, orders.placed where",
    ),
    (
        "SELECT EXTRACT(YEAR FROM placed), TRIM(BOTH ? FROM name) FROM orders",
        "orders read | orders.name select, orders.placed select",
    ),
    (
        "SELECT CASE WHEN total > ? THEN state ELSE ? END AS s FROM orders",
        "orders read | orders.state select, orders.total select",
    ),
    (
        "SELECT IF(total > ?, a, b), LEFT(name, ?) FROM orders",
        "orders read | orders.a select, orders.b select, orders.name select, orders.total select",
    ),
    (
        "SELECT ROW_NUMBER() OVER (PARTITION BY customer ORDER BY placed) AS r FROM orders",
        "orders read | orders.customer select, orders.placed select",
    ),
    ("SELECT doc->? FROM files", "files read | files.doc select"),
    (
        "SELECT id i, name AS `n` FROM orders FORCE INDEX (a, b) WHERE id = ?",
        "orders read | orders.id select, orders.id where, orders.name select",
    ),
    ("SELECT SQL_NO_CACHE DISTINCT id FROM orders LIMIT ?, ?", "orders read | orders.id select"),
    (
        "SELECT id FROM orders PARTITION (p0, p1) AS o WHERE o.id = ?",
        "orders read | orders.id select, orders.id where",
    ),
    ("SELECT id FROM orders FOR UPDATE SKIP LOCKED", "orders read | orders.id select"),
    ("SELECT @a := id FROM orders", "orders read | orders.id select"),
    ("SELECT ? FROM DUAL", ""),
    ("SELECT id FROM orders INTO @x", "orders read | orders.id select ~"),
    (
        "INSERT INTO orders (customer, total) VALUES (?, ?), (?, ?)",
        "orders insert | !orders.customer insert, !orders.total insert",
    ),
    ("INSERT IGNORE INTO orders VALUES (?)", "orders insert | !orders.* insert"),
    (
        "INSERT INTO orders SET customer = ?, total = ?",
        "orders insert | !orders.customer insert, !orders.total insert",
    ),
    (
        "INSERT INTO orders (customer) SELECT id FROM customers WHERE city = ?",
        "customers read, orders insert | !orders.customer insert, customers.city where, customers.id select",
    ),
    (
        "INSERT INTO orders (id, total) VALUES (?) ON DUPLICATE KEY UPDATE total = VALUES(total) + total",
        "orders insert+update | !orders.id insert, !orders.total insert, !orders.total set, orders.total set",
    ),
    ("REPLACE INTO orders (id) VALUES (?)", "orders insert+delete | !orders.id insert"),
    (
        "UPDATE orders SET total = total + ?, state = ? WHERE id = ? ORDER BY placed LIMIT ?",
        "orders update | !orders.state set, !orders.total set, orders.id where, orders.placed order, orders.total set",
    ),
    (
        "UPDATE orders o JOIN customers c ON c.id = o.customer SET o.total = c.credit WHERE c.city = ?",
        "customers read, orders update | !orders.total set, customers.city where, customers.credit set, customers.id join, orders.customer join | customers.id=orders.customer inner",
    ),
    (
        "UPDATE orders, customers SET total = ? WHERE customer = ?",
        "customers update, orders update | !?total(orders customers) set, ?customer(orders customers) where ~",
    ),
    ("DELETE FROM orders WHERE id = ?", "orders delete | orders.id where"),
    (
        "DELETE o FROM orders o JOIN customers c ON c.id = o.customer WHERE c.city = ?",
        "customers read, orders delete | customers.city where, customers.id join, orders.customer join | customers.id=orders.customer inner",
    ),
    (
        "DELETE FROM o USING orders o INNER JOIN customers c ON c.id = o.customer",
        "customers read, orders delete | customers.id join, orders.customer join | customers.id=orders.customer inner",
    ),
    ("DELETE FROM `orders` LIMIT ?", "orders delete"),
    ("EXPLAIN SELECT id FROM orders", "orders read | orders.id select"),
    ("TRUNCATE TABLE orders", "orders truncate"),
    ("SET autocommit = ?", ""),
    ("ALTER TABLE orders ADD COLUMN note text", "~"),
    ("SELECT /*!50001 id */ FROM orders", "orders read | orders.id select"),
    ("SELECT /*!80001 id */ FROM orders", "orders read | orders.id select ~"),
    (
        "SELECT o.id, o.customer FROM orders o JOIN customers c ON o.customer = c.id WHERE c.city…",
        "customers read, orders read | customers.id join, orders.customer join, orders.customer select, orders.id select | orders.customer=customers.id inner ~",
    ),
    (
        "SELECT c.name FROM (a JOIN b ON a.x = b.y) JOIN c ON c.z = b.z",
        "a read, b read, c read | a.x join, b.y join, b.z join, c.name select, c.z join | a.x=b.y inner, c.z=b.z inner",
    ),
    (
        "SELECT c.name FROM a CROSS JOIN b JOIN c ON c.z = b.z",
        "a read, b read, c read | b.z join, c.name select, c.z join | c.z=b.z inner",
    ),
    (
        "SELECT o.total FROM orders AS O WHERE o.total IS NOT NULL",
        "orders read | orders.total select, orders.total where",
    ),
    (
        "SELECT j.a FROM orders o, JSON_TABLE(o.j, ? COLUMNS (a INT PATH ?)) AS j",
        "orders read | orders.j other",
    ),
    ("CALL refresh(?)", "~"),
    (
        "SELECT id FROM a WHERE a.x = (SELECT MAX(b.y) FROM b WHERE b.z = a.z)",
        "a read, b read | a.id select, a.x where, a.z where, b.y select, b.z where | b.z=a.z condition",
    ),
    (
        "SELECT CAST((SELECT length FROM river WHERE river_name LIKE ?) AS DOUBLE) / ? AS ratio",
        "river read | river.length select, river.river_name where",
    ),
    (
        "SELECT a.id FROM a JOIN b ON a.x = b.x AND a.y = b.y AND b.z = ?",
        "a read, b read | a.id select, a.x join, a.y join, b.x join, b.y join, b.z join | a.x=b.x inner, a.y=b.y inner",
    ),
    (
        "SELECT a.id FROM a JOIN b ON a.x = b.x JOIN c ON c.y = b.y LEFT JOIN d ON d.z = a.z",
        "a read, b read, c read, d read | a.id select, a.x join, a.z join, b.x join, b.y join, c.y join, d.z join | a.x=b.x inner, c.y=b.y inner, d.z=a.z left",
    ),
    (
        "SELECT name FROM (SELECT c.name, c.city FROM customers c) x WHERE city = ?",
        "customers read | customers.city select, customers.city where, customers.name select",
    ),
    (
        "SELECT a.`from` FROM `order` a WHERE a.`select` = ?",
        "order read | order.from select, order.select where",
    ),
    (
        "SELECT orders.id FROM orders WHERE Orders.total > ?",
        "orders read | orders.id select, orders.total where",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.total IN (?) AND o.state <=> ? AND MATCH (o.note) AGAINST (? IN BOOLEAN MODE)",
        "orders read | orders.id select, orders.note where, orders.state where, orders.total where",
    ),
];
