-- group: what mysqldump asks
---
/*!40100 SET @@SQL_MODE='' */
---
/*!40103 SET TIME_ZONE='+00:00' */
---
/*!80000 SET SESSION information_schema_stats_expiry=0 */
---
SET SESSION NET_READ_TIMEOUT= 86400, SESSION NET_WRITE_TIMEOUT= 86400
---
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
---
START TRANSACTION /*!40100 WITH CONSISTENT SNAPSHOT */
---
SHOW VARIABLES LIKE 'gtid\_mode'
--- values vary
SHOW MASTER STATUS
---
SHOW SLAVE STATUS
---
SELECT LOGFILE_GROUP_NAME, FILE_NAME, TOTAL_EXTENTS, INITIAL_SIZE, ENGINE, EXTRA FROM INFORMATION_SCHEMA.FILES WHERE FILE_TYPE = 'UNDO LOG' AND FILE_NAME IS NOT NULL GROUP BY LOGFILE_GROUP_NAME, FILE_NAME, ENGINE ORDER BY LOGFILE_GROUP_NAME
---
SHOW VARIABLES LIKE 'ndbinfo\_version'
---
SHOW DATABASES
---
SHOW DATABASES LIKE 'st%'
---
SHOW CREATE DATABASE IF NOT EXISTS `store`
---
SAVEPOINT sp
---
show tables
---
show table status like 'customers'
---
SET SQL_QUOTE_SHOW_CREATE=1
---
SET SESSION character_set_results = 'binary'
---
show create table `customers`
---
SET SESSION character_set_results = 'utf8mb4'
---
show fields from `customers`
---
SELECT /*!40001 SQL_NO_CACHE */ * FROM `customers`
---
SELECT /*!40001 SQL_NO_CACHE */ `id`, `title` FROM `products` WHERE id < 5
---
SELECT /*!40001 SQL_NO_CACHE */ `id` FROM `orders` ORDER BY `id` LIMIT 5
---
use `store`
---
select @@collation_database
---
SHOW TRIGGERS LIKE 'customers'
---
SHOW CREATE TRIGGER `stamp`
---
SHOW FUNCTION STATUS WHERE Db = 'store'
---
SHOW CREATE FUNCTION `vat`
---
SHOW PROCEDURE STATUS WHERE Db = 'store'
---
SHOW CREATE PROCEDURE `top_customers`
---
show events
---
SHOW CREATE EVENT `nightly`
---
SHOW CREATE VIEW sales
---
SHOW CREATE SEQUENCE order_numbers
---
SELECT engine, table_type FROM INFORMATION_SCHEMA.TABLES WHERE table_schema = DATABASE() AND table_name = 'customers'
---
SELECT COLUMN_NAME, JSON_EXTRACT('{"number-of-buckets-specified": 5}', '$."number-of-buckets-specified"') FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'store' AND TABLE_NAME = 'places'
---
ROLLBACK TO SAVEPOINT sp
---
RELEASE SAVEPOINT sp
---
SELECT INTERVAL(3, 1, 5)
---
COMMIT
---
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */
---
/*!40101 SET NAMES utf8mb4 */
---
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */
---
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */
---
SELECT 1
