//! What do statements of PostgreSQL use?

/// A text, and what it uses.
pub const CASES: &[(&str, &str)] = &[
    ("SELECT id FROM orders", "orders read | orders.id select"),
    ("SELECT * FROM orders", "orders read | orders.* select"),
    ("SELECT o.* FROM orders o", "orders read | orders.* select"),
    (
        "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.id select | customers.id=orders.customer inner",
    ),
    (
        "SELECT o.id FROM orders AS o LEFT JOIN customers c ON o.customer = c.id WHERE c.id IS NULL",
        "customers read, orders read | customers.id join, customers.id where, orders.customer join, orders.id select | orders.customer=customers.id left",
    ),
    (
        "SELECT o.id FROM orders o RIGHT JOIN customers c ON (o.customer = c.id)",
        "customers read, orders read | customers.id join, orders.customer join, orders.id select | orders.customer=customers.id right",
    ),
    (
        "SELECT o.id FROM orders o FULL OUTER JOIN customers c ON o.customer = c.id",
        "customers read, orders read | customers.id join, orders.customer join, orders.id select | orders.customer=customers.id full",
    ),
    (
        "SELECT a.id FROM orders a, customers b WHERE a.customer = b.id AND b.city = ?",
        "customers read, orders read | customers.city where, customers.id where, orders.customer where, orders.id select | orders.customer=customers.id condition",
    ),
    ("SELECT a.id FROM orders a CROSS JOIN customers b", "customers read, orders read | orders.id select"),
    (
        "SELECT name FROM orders JOIN customers USING (id)",
        "customers read, orders read | ?name(orders customers) select, customers.id join, orders.id join | orders.id=customers.id using",
    ),
    (
        "SELECT a.x FROM a JOIN b USING (id) JOIN c USING (id)",
        "a read, b read, c read | ?id(a b) join, a.id join, a.x select, b.id join, c.id join | a.id=b.id using, a.id=c.id using",
    ),
    (
        "SELECT a.x FROM a LEFT JOIN b USING (id, day)",
        "a read, b read | a.day join, a.id join, a.x select, b.day join, b.id join | a.day=b.day using, a.id=b.id using",
    ),
    ("SELECT x FROM a NATURAL JOIN b", "a read, b read | ?x(a b) select | a.*=b.* natural"),
    ("SELECT shop.orders.id FROM shop.orders", "shop.orders read | shop.orders.id select"),
    (
        "SELECT orders.id FROM shop.orders WHERE shop.orders.total > $1",
        "shop.orders read | shop.orders.id select, shop.orders.total where",
    ),
    (r#"SELECT "Name" FROM "Order Lines""#, "Order Lines read | Order Lines.Name select"),
    (
        "SELECT e.name, m.name FROM employees e JOIN employees m ON e.manager = m.id",
        "employees read | employees.id join, employees.manager join, employees.name select | employees.manager=employees.id inner",
    ),
    (
        "SELECT name FROM employees e JOIN employees m ON e.manager = m.id",
        "employees read | employees.id join, employees.manager join, employees.name select | employees.manager=employees.id inner",
    ),
    (
        "SELECT id FROM orders WHERE customer IN (SELECT id FROM customers WHERE city = ?)",
        "customers read, orders read | ?city(customers orders) where, ?id(customers orders) select, orders.customer where, orders.id select | orders.customer=?id(customers orders) condition",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.customer IN (SELECT c.id FROM customers c WHERE c.city = ?)",
        "customers read, orders read | customers.city where, customers.id select, orders.customer where, orders.id select | orders.customer=customers.id condition",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.customer = ANY (SELECT c.id FROM customers c)",
        "customers read, orders read | customers.id select, orders.customer where, orders.id select | orders.customer=customers.id condition",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.customer NOT IN (SELECT c.id FROM customers c)",
        "customers read, orders read | customers.id select, orders.customer where, orders.id select",
    ),
    (
        "SELECT o.id FROM orders o WHERE (o.a, o.b) IN (SELECT c.x, c.y FROM c)",
        "c read, orders read | c.x select, c.y select, orders.a where, orders.b where, orders.id select | orders.a=c.x condition, orders.b=c.y condition",
    ),
    (
        "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM lines l WHERE l.order_id = o.id)",
        "lines read, orders read | lines.order_id where, orders.id select, orders.id where | lines.order_id=orders.id condition",
    ),
    (
        "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM lines WHERE order_id = o.id)",
        "lines read, orders read | ?order_id(lines orders) where, orders.id select, orders.id where | ?order_id(lines orders)=orders.id condition",
    ),
    (
        "SELECT s.total FROM (SELECT customer, sum(total) AS total FROM orders GROUP BY customer) s",
        "orders read | orders.customer group, orders.customer select, orders.total select",
    ),
    (
        "SELECT c.name FROM customers c JOIN (SELECT customer, total FROM orders) s ON s.customer = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.customer select, orders.total select | orders.customer=customers.id inner",
    ),
    (
        "SELECT c.name FROM customers c JOIN (SELECT customer AS who FROM orders) s ON s.who = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.customer select | orders.customer=customers.id inner",
    ),
    (
        "SELECT c.name FROM customers c JOIN (SELECT * FROM orders) s ON s.customer = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.* select, orders.customer join | orders.customer=customers.id inner",
    ),
    (
        "SELECT c.name FROM customers c JOIN (SELECT o.* FROM orders o JOIN x ON x.id = o.id) s ON s.customer = c.id",
        "customers read, orders read, x read | customers.id join, customers.name select, orders.* select, orders.customer join, orders.id join, x.id join | orders.customer=customers.id inner, x.id=orders.id inner",
    ),
    (
        "SELECT c.name FROM customers c JOIN (SELECT customer FROM orders) s(buyer) ON s.buyer = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.customer select | orders.customer=customers.id inner",
    ),
    (
        "SELECT c.name FROM customers c, LATERAL (SELECT total FROM orders o WHERE o.customer = c.id LIMIT ?) l",
        "customers read, orders read | ?total(orders customers) select, customers.id where, customers.name select, orders.customer where | orders.customer=customers.id condition",
    ),
    (
        "WITH s AS (SELECT customer FROM orders) SELECT c.name FROM customers c JOIN s ON s.customer = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.customer select | orders.customer=customers.id inner",
    ),
    (
        "WITH s (who) AS (SELECT customer FROM orders) SELECT c.name FROM customers c JOIN s ON s.who = c.id",
        "customers read, orders read | customers.id join, customers.name select, orders.customer join, orders.customer select | orders.customer=customers.id inner",
    ),
    (
        "WITH a AS (SELECT id FROM x), b AS (SELECT id FROM a) SELECT b.id FROM b JOIN y ON y.x_id = b.id",
        "x read, y read | x.id join, x.id select, y.x_id join | y.x_id=x.id inner",
    ),
    (
        "WITH RECURSIVE t AS (SELECT id, parent FROM nodes WHERE id = $1 UNION ALL SELECT n.id, n.parent FROM nodes n JOIN t ON n.parent = t.id) SELECT * FROM t",
        "nodes read | nodes.id join, nodes.id select, nodes.id where, nodes.parent join, nodes.parent select | nodes.parent=nodes.id inner",
    ),
    (
        "WITH orders AS (SELECT id FROM archive.orders) SELECT id FROM orders",
        "archive.orders read | archive.orders.id select",
    ),
    (
        "SELECT u.id FROM (SELECT id FROM a UNION ALL SELECT id FROM b) u JOIN c ON c.a = u.id",
        "a read, b read, c read | a.id select, b.id select, c.a join",
    ),
    (
        "SELECT u.id FROM (SELECT id FROM a UNION SELECT id FROM a WHERE k = ?) u JOIN c ON c.a = u.id",
        "a read, c read | a.id join, a.id select, a.k where, c.a join | c.a=a.id inner",
    ),
    ("SELECT id FROM a UNION SELECT id FROM b ORDER BY id", "a read, b read | a.id select, b.id select"),
    ("SELECT a.id FROM a WHERE a.x = a.y", "a read | a.id select, a.x where, a.y where"),
    (
        "SELECT a.id FROM a, b WHERE a.x = b.y OR a.z = ?",
        "a read, b read | a.id select, a.x where, a.z where, b.y where",
    ),
    ("SELECT a.id FROM a, b WHERE NOT a.x = b.y", "a read, b read | a.id select, a.x where, b.y where"),
    ("SELECT a.id FROM a, b WHERE a.x > b.y", "a read, b read | a.id select, a.x where, b.y where"),
    (
        "SELECT a.id FROM a, b WHERE a.x::text = b.y",
        "a read, b read | a.id select, a.x where, b.y where | a.x=b.y condition",
    ),
    (
        "SELECT a.id FROM a, b WHERE (a.x, a.y) = (b.x, b.y)",
        "a read, b read | a.id select, a.x where, a.y where, b.x where, b.y where | a.x=b.x condition, a.y=b.y condition",
    ),
    (
        "SELECT a.id FROM a, b WHERE x = y",
        "a read, b read | ?x(a b) where, ?y(a b) where, a.id select | ?x(a b)=?y(a b) condition",
    ),
    (
        "SELECT a.id FROM a JOIN b ON b_id = b.id",
        "a read, b read | ?b_id(a b) join, a.id select, b.id join | ?b_id(a b)=b.id inner",
    ),
    ("SELECT count(*) FROM orders", "orders read"),
    (
        "SELECT count(DISTINCT o.customer) AS n FROM orders o GROUP BY o.day HAVING sum(o.total) > ? ORDER BY n DESC",
        "orders read | orders.customer select, orders.day group, orders.total having",
    ),
    (
        "SELECT state, count(*) AS count FROM orders GROUP BY state ORDER BY count",
        "orders read | orders.state group, orders.state select",
    ),
    ("SELECT day AS d FROM orders ORDER BY d", "orders read | orders.day order, orders.day select"),
    (
        "SELECT date_trunc(?, placed) AS m, sum(total) FROM orders GROUP BY m",
        "orders read | orders.placed select, orders.total select",
    ),
    (
        "SELECT id FROM orders ORDER BY placed LIMIT ? OFFSET ?",
        "orders read | orders.id select, orders.placed order",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.placed > now() - INTERVAL ?",
        "orders read | orders.id select, orders.placed where",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.placed > date ? AND o.tags ? ?",
        "orders read | orders.id select, orders.placed where, orders.tags where",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.tags ?| array[?] AND o.j @? ?",
        "orders read | orders.id select, orders.j where, orders.tags where",
    ),
    (
        "SELECT id FROM orders WHERE total=? AND a>=-? AND b<>?-?",
        "orders read | orders.a where, orders.b where, orders.id select, orders.total where",
    ),
    ("SELECT name||?||city FROM customers", "customers read | customers.city select, customers.name select"),
    (
        "SELECT id FROM orders WHERE id IN (?) AND state = ANY(ARRAY[?])",
        "orders read | orders.id select, orders.id where, orders.state where",
    ),
    (
        "SELECT cast(total AS numeric(?, ?)), total::varchar(?), placed::timestamp(?) FROM orders",
        "orders read | orders.placed select, orders.total select",
    ),
    (
        "SELECT CASE WHEN total > ? THEN state ELSE ? END FROM orders",
        "orders read | orders.state select, orders.total select",
    ),
    (
        "SELECT row_number() OVER (PARTITION BY customer ORDER BY placed) FROM orders",
        "orders read | orders.customer select, orders.placed select",
    ),
    (
        "SELECT sum(total) FILTER (WHERE state = ?) FROM orders",
        "orders read | orders.state select, orders.total select",
    ),
    (
        "SELECT (address).city, tags[?], j -> ? ->> ? FROM customers",
        "customers read | customers.address select, customers.j select, customers.tags select",
    ),
    ("SELECT g FROM generate_series(?, ?) AS g", ""),
    (
        "SELECT o.id, x FROM orders o, unnest(o.tags) AS x",
        "orders read | ?x(orders) select, orders.id select, orders.tags other",
    ),
    (
        "SELECT o.id FROM orders o, generate_series(?, o.total) g WHERE g = o.id",
        "orders read | ?g(orders) where, orders.id select, orders.id where, orders.total other | ?g(orders)=orders.id condition",
    ),
    ("SELECT id FROM orders TABLESAMPLE bernoulli (?)", "orders read | orders.id select"),
    ("SELECT id FROM orders FOR UPDATE", "orders read+lock | orders.id select"),
    ("TABLE orders", "orders read | orders.* select"),
    ("VALUES (?, ?)", ""),
    (
        "INSERT INTO orders (customer, total) VALUES (?, ?)",
        "orders insert | !orders.customer insert, !orders.total insert",
    ),
    ("INSERT INTO orders VALUES (?, ?)", "orders insert | !orders.* insert"),
    (
        "INSERT INTO orders (customer) SELECT id FROM customers WHERE city = ?",
        "customers read, orders insert | !orders.customer insert, customers.city where, customers.id select",
    ),
    (
        "INSERT INTO orders (id, total) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET total = excluded.total WHERE orders.total < excluded.total RETURNING id",
        "orders read+insert+update | !orders.id insert, !orders.total insert, !orders.total set, orders.id insert, orders.id select, orders.total set, orders.total where",
    ),
    (
        "INSERT INTO orders DEFAULT VALUES RETURNING *",
        "orders read+insert | !orders.* insert, orders.* select",
    ),
    (
        "UPDATE orders SET total = total + ?, state = ? WHERE id = ?",
        "orders update | !orders.state set, !orders.total set, orders.id where, orders.total set",
    ),
    (
        "UPDATE orders o SET total = c.credit FROM customers c WHERE c.id = o.customer AND c.city = ?",
        "customers read, orders update | !orders.total set, customers.city where, customers.credit set, customers.id where, orders.customer where | customers.id=orders.customer condition",
    ),
    (
        "UPDATE orders SET (a, b) = (SELECT x, y FROM z WHERE z.id = orders.id)",
        "orders update, z read | !orders.a set, !orders.b set, ?x(z orders) select, ?y(z orders) select, orders.id where, z.id where | z.id=orders.id condition",
    ),
    (
        "UPDATE orders SET state = ? RETURNING id, state",
        "orders read+update | !orders.state set, orders.id select, orders.state select",
    ),
    ("DELETE FROM orders WHERE id = ?", "orders delete | orders.id where"),
    (
        "DELETE FROM orders o USING customers c WHERE o.customer = c.id RETURNING o.id",
        "customers read, orders read+delete | customers.id where, orders.customer where, orders.id select | orders.customer=customers.id condition",
    ),
    (
        "MERGE INTO stock s USING deliveries d ON s.product = d.product WHEN MATCHED AND d.amount > ? THEN UPDATE SET amount = s.amount + d.amount WHEN NOT MATCHED THEN INSERT (product, amount) VALUES (d.product, d.amount)",
        "deliveries read, stock read+insert+update | !stock.amount insert, !stock.amount set, !stock.product insert, deliveries.amount insert, deliveries.amount set, deliveries.amount where, deliveries.product insert, deliveries.product join, stock.amount set, stock.product join | stock.product=deliveries.product inner",
    ),
    (
        "MERGE INTO stock s USING (SELECT product, amount FROM deliveries) d ON s.product = d.product WHEN MATCHED THEN DELETE",
        "deliveries read, stock read+delete | deliveries.amount select, deliveries.product join, deliveries.product select, stock.product join | stock.product=deliveries.product inner",
    ),
    (
        "WITH gone AS (DELETE FROM orders WHERE id = ? RETURNING id, customer) INSERT INTO archive SELECT id, customer FROM gone",
        "archive insert, orders read+delete | !archive.* insert, orders.customer select, orders.id select, orders.id where",
    ),
    (
        "WITH gone AS (DELETE FROM orders RETURNING customer) SELECT c.name FROM customers c JOIN gone g ON g.customer = c.id",
        "customers read, orders read+delete | customers.id join, customers.name select, orders.customer join, orders.customer select | orders.customer=customers.id inner",
    ),
    ("EXPLAIN SELECT id FROM orders", "orders read | orders.id select"),
    ("EXPLAIN DELETE FROM orders WHERE id = ?", "orders read | orders.id where"),
    (
        "PREPARE p AS SELECT o.id FROM orders o WHERE o.id = $1",
        "orders read | orders.id select, orders.id where",
    ),
    ("DECLARE c CURSOR FOR SELECT id FROM orders", "orders read | orders.id select"),
    ("CREATE TABLE copy AS SELECT id FROM orders", "copy define, orders read | orders.id select"),
    (
        "CREATE VIEW v AS SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer",
        "customers read, orders read, v define | customers.id join, orders.customer join, orders.id select | customers.id=orders.customer inner",
    ),
    ("COPY orders (id, total) FROM STDIN", "orders insert | !orders.id other, !orders.total other"),
    ("COPY orders TO STDOUT", "orders read | orders.* other"),
    ("COPY (SELECT id FROM orders) TO STDOUT", "orders read | orders.id select"),
    ("TRUNCATE orders, customers", "customers truncate, orders truncate"),
    ("ALTER TABLE orders ADD COLUMN note text", "orders define"),
    ("BEGIN", ""),
    ("SET search_path = ?", ""),
    (
        "SELECT o.id FROM (orders o JOIN customers c ON c.id = o.customer) AS j",
        "customers read, orders read | customers.id join, orders.customer join, orders.id select | customers.id=orders.customer inner",
    ),
    (
        "SELECT j.total FROM (orders o JOIN customers c ON c.id = o.customer) AS j",
        "customers read, orders read | ?total(orders customers) select, customers.id join, orders.customer join | customers.id=orders.customer inner",
    ),
    ("SELECT x.a FROM t AS x (a, b)", "t read ~"),
    (
        "SELECT o.id FROM orders o WHERE o.total > (SELECT avg(total) FROM orders)",
        "orders read | orders.id select, orders.total select, orders.total where",
    ),
    (
        "SELECT id FROM a WHERE a.x = (SELECT max(b.y) FROM b WHERE b.z = a.z)",
        "a read, b read | a.id select, a.x where, a.z where, b.y select, b.z where | b.z=a.z condition",
    ),
    ("SELECT id FROM one; SELECT id FROM two", "one read, two read | one.id select, two.id select"),
    ("SELECT id FROM orders WHERE name LIKE ? ESCAPE ?", "orders read | orders.id select, orders.name where"),
    (
        "SELECT xmlelement(name foo, o.total), json_object(? : o.id) FROM orders o",
        "orders read | orders.id select, orders.total select",
    ),
    (
        "SELECT o.id FROM orders o, json_table(o.j, ? COLUMNS (a int PATH ?)) t",
        "orders read | orders.id select, orders.j other",
    ),
    (
        "SELECT o.id, o.customer FROM orders o JOIN customers c ON o.customer = c.id WHERE c.city …",
        "customers read, orders read | customers.city where, customers.id join, orders.customer join, orders.customer select, orders.id select | orders.customer=customers.id inner ~",
    ),
    ("SELECT o.id, c.na…", "~"),
    ("SELEC id FROM orders", "~"),
    (
        "SELECT a.id FROM a JOIN b ON a.x = b.x AND a.y = b.y AND b.z = $1",
        "a read, b read | a.id select, a.x join, a.y join, b.x join, b.y join, b.z join | a.x=b.x inner, a.y=b.y inner",
    ),
    (
        "SELECT a.id FROM a JOIN b ON a.x = b.x JOIN c ON c.y = b.y LEFT JOIN d ON d.z = a.z",
        "a read, b read, c read, d read | a.id select, a.x join, a.z join, b.x join, b.y join, c.y join, d.z join | a.x=b.x inner, c.y=b.y inner, d.z=a.z left",
    ),
    (
        "SELECT c.name FROM customers c WHERE c.id IN (SELECT o.customer FROM orders o WHERE o.id IN (SELECT l.order_id FROM lines l))",
        "customers read, lines read, orders read | customers.id where, customers.name select, lines.order_id select, orders.customer select, orders.id where | customers.id=orders.customer condition, orders.id=lines.order_id condition",
    ),
    (
        "SELECT name FROM (SELECT c.name, c.city FROM customers c) x WHERE city = ?",
        "customers read | customers.city select, customers.city where, customers.name select",
    ),
    (
        "SELECT x.n FROM (SELECT count(*) AS n FROM orders) x JOIN y ON y.n = x.n",
        "orders read, y read | y.n join",
    ),
    (
        "SELECT DISTINCT ON (customer) id FROM orders ORDER BY customer, placed DESC",
        "orders read | orders.customer order, orders.customer select, orders.id select, orders.placed order",
    ),
    (
        "SELECT a.id FROM shop.orders a JOIN archive.orders b ON a.id = b.id",
        "archive.orders read, shop.orders read | archive.orders.id join, shop.orders.id join, shop.orders.id select | shop.orders.id=archive.orders.id inner",
    ),
    (
        "SELECT sum(o.total) OVER w FROM orders o WINDOW w AS (PARTITION BY o.customer)",
        "orders read | orders.customer select, orders.total select",
    ),
    (
        "SELECT o.id FROM orders o WHERE o.total BETWEEN ? AND ? AND o.state IS NOT NULL",
        "orders read | orders.id select, orders.state where, orders.total where",
    ),
    ("SELECT ?::jsonb ? ?, ? || ? FROM t WHERE j ?& array[?]", "t read | t.j where"),
    ("COPY drafts TO STDOUT DELIMITER ? NULL ?", "drafts read | drafts.* other"),
];
