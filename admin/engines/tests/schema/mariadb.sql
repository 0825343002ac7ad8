CREATE DATABASE sales COLLATE utf8mb4_general_ci
CREATE DATABASE other
CREATE TABLE sales.customers (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, email VARCHAR(80) COLLATE utf8mb4_bin NOT NULL COMMENT 'where bills go', `Full Name` VARCHAR(80) DEFAULT 'nobody', feeling ENUM('sad', 'ok') DEFAULT 'ok', full_length INT AS (CHAR_LENGTH(email)) STORED, twice INT AS (id * 2) VIRTUAL, changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, UNIQUE KEY email_once (email), KEY by_name (`Full Name`(10), feeling), CONSTRAINT has_at CHECK (email LIKE '%')) ENGINE=InnoDB COMMENT='who buys'
CREATE TABLE sales.orders (id BIGINT PRIMARY KEY, customer_id INT UNSIGNED NOT NULL, amount DECIMAL(10, 2), CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES sales.customers (id) ON DELETE CASCADE ON UPDATE RESTRICT, CONSTRAINT above_zero CHECK (amount > 0)) ENGINE=InnoDB
CREATE TABLE sales.events (day DATE NOT NULL, kind INT NOT NULL, PRIMARY KEY (day, kind)) ENGINE=InnoDB PARTITION BY RANGE (YEAR(day)) (PARTITION old VALUES LESS THAN (2026), PARTITION rest VALUES LESS THAN MAXVALUE)
CREATE TABLE other.far (id INT PRIMARY KEY)
CREATE VIEW sales.rich AS SELECT c.id, c.email FROM sales.customers c JOIN sales.orders o ON o.customer_id = c.id
CREATE SEQUENCE sales.ticket START WITH 100 INCREMENT BY 5 CACHE 10 CYCLE
CREATE FUNCTION sales.total(who INT, since DATE) RETURNS DECIMAL(10, 2) READS SQL DATA DETERMINISTIC COMMENT 'what one bought' RETURN 1
CREATE PROCEDURE sales.total(IN days INT, OUT gone INT) SQL SECURITY INVOKER SET gone = days
CREATE TRIGGER sales.orders_stamp BEFORE INSERT ON sales.orders FOR EACH ROW SET NEW.amount = 1
GRANT SELECT ON sales.orders TO part@'127.0.0.1'
GRANT SELECT (email) ON sales.customers TO part@'127.0.0.1'
INSERT INTO sales.customers (email) VALUES ('a'), ('b'), ('c')
ANALYZE TABLE sales.customers
