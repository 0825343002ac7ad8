DROP USER IF EXISTS root@'127.0.0.1', root@'::1'
CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4
CREATE USER IF NOT EXISTS shop_app@'127.0.0.1' IDENTIFIED BY 'shop'
CREATE USER IF NOT EXISTS shop_reader@'127.0.0.1' IDENTIFIED BY 'shop'
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON shop.* TO shop_app@'127.0.0.1'
GRANT SELECT ON shop.* TO shop_reader@'127.0.0.1'
CREATE TABLE IF NOT EXISTS shop.customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(120) NOT NULL UNIQUE, city VARCHAR(60) NOT NULL, since DATE NOT NULL)
CREATE TABLE IF NOT EXISTS shop.products (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL, category VARCHAR(40) NOT NULL, price DECIMAL(8,2) NOT NULL, stock INT NOT NULL, KEY (category))
CREATE TABLE IF NOT EXISTS shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL REFERENCES customers (id), placed DATETIME NOT NULL, KEY (placed))
CREATE TABLE IF NOT EXISTS shop.order_lines (order_id INT NOT NULL, product_id INT NOT NULL REFERENCES products (id), quantity INT NOT NULL, price DECIMAL(8,2) NOT NULL, PRIMARY KEY (order_id, product_id), FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)
INSERT IGNORE INTO shop.customers SELECT seq, CONCAT('Customer ', seq), CONCAT('customer', seq, '@example.com'), ELT(1 + seq % 7, 'Lisbon', 'Oslo', 'Nairobi', 'Lima', 'Kyoto', 'Turin', 'Quebec'), DATE_ADD('2015-01-01', INTERVAL seq DAY) FROM mysql.seq_1_to_2000
INSERT IGNORE INTO shop.products SELECT seq, CONCAT(ELT(1 + seq % 6, 'Lamp', 'Chair', 'Shelf', 'Rug', 'Clock', 'Vase'), ' ', seq), ELT(1 + seq % 6, 'light', 'seats', 'storage', 'textiles', 'time', 'decoration'), 5 + seq % 90 + 0.99, 100000 FROM mysql.seq_1_to_300
INSERT IGNORE INTO shop.orders SELECT seq, 1 + seq * 7 % 2000, DATE_ADD('2024-01-01', INTERVAL seq HOUR) FROM mysql.seq_1_to_5000
INSERT IGNORE INTO shop.order_lines SELECT o.seq, 1 + (o.seq * 13 + l.seq * 29) % 300, 1 + (o.seq + l.seq) % 4, 5 + (o.seq * 13 + l.seq * 29) % 90 + 0.99 FROM mysql.seq_1_to_5000 o JOIN mysql.seq_1_to_3 l
CREATE OR REPLACE DEFINER=root@localhost PROCEDURE shop.best_sellers(IN places INT) READS SQL DATA BEGIN SELECT p.name, SUM(l.quantity) AS sold FROM shop.order_lines l JOIN shop.products p ON p.id = l.product_id GROUP BY p.id ORDER BY sold DESC LIMIT places; SELECT COUNT(*) AS orders FROM shop.orders; END
