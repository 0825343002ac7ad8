CREATE TABLE IF NOT EXISTS shop.customers (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, city VARCHAR(40), born DATE, balance DECIMAL(10,2))
INSERT IGNORE INTO shop.customers SELECT seq, CONCAT('Customer ', seq), IF(seq % 5 = 0, NULL, CONCAT('City ', seq % 7)), DATE_ADD('1970-01-01', INTERVAL seq * 97 DAY), seq * 1.25 FROM mysql.seq_1_to_200
CREATE TABLE IF NOT EXISTS shop.scratch (id INT AUTO_INCREMENT PRIMARY KEY, label LONGTEXT, amount DOUBLE, data LONGBLOB)
CREATE TABLE IF NOT EXISTS shop.big (id INT PRIMARY KEY, data LONGTEXT)
CREATE OR REPLACE DEFINER=root@localhost PROCEDURE shop.three_results() BEGIN SELECT 1 AS a; SELECT 2 AS b UNION SELECT 3; UPDATE shop.customers SET balance = balance WHERE id < 4; END
CREATE OR REPLACE DEFINER=root@localhost PROCEDURE shop.doubled(IN number INT, OUT result INT) BEGIN SET result = number * 2; END
CREATE OR REPLACE DEFINER=root@localhost PROCEDURE shop.fails() BEGIN SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'on purpose', MYSQL_ERRNO = 4711; END
