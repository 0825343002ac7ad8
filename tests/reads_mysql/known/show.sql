-- group: SHOW, DESCRIBE, HELP
---
SHOW TABLES
---
SHOW FULL TABLES
---
SHOW FULL TABLES FROM store LIKE 'o%'
---
SHOW FULL TABLES WHERE Table_type = 'VIEW'
---
SHOW COLUMNS FROM customers
---
SHOW FULL COLUMNS FROM customers FROM store
---
SHOW FULL FIELDS FROM store.orders LIKE '%id'
---
SHOW INDEX FROM orders
---
SHOW INDEXES FROM order_items WHERE Key_name = 'PRIMARY'
---
SHOW KEYS FROM `store`.`customers`
--- values vary
SHOW TABLE STATUS
--- values vary
SHOW TABLE STATUS FROM store LIKE 'cust%'
---
SHOW CREATE TABLE customers
---
SHOW CREATE TABLE `odd ``table`
---
SHOW CREATE DATABASE store
---
SHOW CREATE VIEW store.sales
--- rows vary
SHOW STATUS
--- values vary
SHOW SESSION STATUS LIKE 'Ssl_cipher'
--- values vary
SHOW GLOBAL STATUS LIKE 'Threads_connected'
--- rows vary
SHOW GLOBAL VARIABLES
---
SHOW VARIABLES LIKE 'version_comment'
---
SHOW CHARACTER SET
---
SHOW CHARSET LIKE 'utf8%'
---
SHOW COLLATION LIKE 'utf8mb4_bin'
---
SHOW ENGINES
---
SHOW STORAGE ENGINES
---
SHOW PLUGINS
--- rows vary
SHOW PROCESSLIST
--- rows vary
SHOW FULL PROCESSLIST
---
SHOW PRIVILEGES
---
SHOW GRANTS
---
SHOW GRANTS FOR CURRENT_USER
---
SHOW GRANTS FOR CURRENT_USER()
--- values vary
SHOW OPEN TABLES FROM store LIKE 'customers'
---
SHOW TRIGGERS
---
SHOW EVENTS FROM store
--- values vary
SHOW BINARY LOGS
--- values vary
SHOW MASTER STATUS
--- values vary
SHOW BINLOG STATUS
---
SHOW REPLICA STATUS
---
SHOW ALL SLAVES STATUS
---
SHOW SLAVE HOSTS
--- values vary
SHOW ENGINE INNODB STATUS
---
SHOW PROFILES
---
SHOW WARNINGS LIMIT 5
---
SHOW CONTRIBUTORS
---
DESCRIBE customers
---
DESC customers name
---
DESCRIBE store.customers 'b%'
---
EXPLAIN customers
--- text
HELP 'SELECT'
--- text
HELP 'contents'
---
SHOW INDEX IN customers IN store
---
SHOW COUNT(*) ERRORS
