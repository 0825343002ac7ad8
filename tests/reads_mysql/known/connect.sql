-- group: what drivers send when they connect
---
SELECT @@version_comment LIMIT 1
--- values vary
SELECT @@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS character_set_results, @@character_set_server AS character_set_server, @@collation_server AS collation_server, @@collation_connection AS collation_connection, @@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, @@tx_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout
---
/* mysql-connector-java-8.0.33 (Revision: x) */SELECT  @@session.auto_increment_increment AS auto_increment_increment, @@sql_mode AS sql_mode
---
SET autocommit=1
---
SET autocommit = 0
---
SET autocommit=ON
---
SET SESSION autocommit=1
---
SET @@session.autocommit = 1
---
SET NAMES utf8mb4
---
SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'
---
SET NAMES utf8
---
SET NAMES latin1
---
SET NAMES utf8mb4
---
SET CHARACTER SET utf8mb4
---
SET character_set_results = NULL
---
SET character_set_results = utf8mb4
---
SET collation_connection = utf8mb4_general_ci
---
SET SESSION sql_mode = 'STRICT_TRANS_TABLES'
---
SET sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'
---
SET sql_mode=(SELECT @@sql_mode)
---
SET sql_mode='NO_AUTO_VALUE_ON_ZERO'
---
SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')
---
SELECT 1
---
SET @@SESSION.sql_mode = CONCAT(CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO'),  @@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483
---
SELECT 2
---
SET SESSION sql_mode=(SELECT REPLACE(@@sql_mode,'ONLY_FULL_GROUP_BY',''))
---
SELECT 3
---
SET SESSION sql_mode = 'ANSI_QUOTES'
---
SELECT "id" FROM "customers" LIMIT 1
---
SET sql_mode = ''
---
SET time_zone = '+00:00'
---
SET @@session.time_zone = 'SYSTEM'
---
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED
---
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
---
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
---
SET SESSION TRANSACTION READ ONLY
---
SET tx_isolation = 'READ-COMMITTED'
---
SET SESSION wait_timeout = 28800
---
SET SESSION net_write_timeout=600, net_read_timeout=600
---
SET SESSION max_statement_time=30
---
SET SESSION group_concat_max_len = 1000000
---
SET SESSION innodb_lock_wait_timeout = 5
---
SET SESSION lock_wait_timeout=10
---
SET SQL_SAFE_UPDATES=1
---
SET SQL_SELECT_LIMIT=DEFAULT
---
SET SESSION optimizer_switch = 'index_merge=on'
---
SET sql_auto_is_null = 0
---
SET SESSION sql_warnings=1
---
SET @app_user = 'ann', @app_role := 'reader'
---
SELECT @app_user, @app_role
---
SHOW WARNINGS
---
SHOW COUNT(*) WARNINGS
---
SHOW ERRORS
--- values vary
SHOW VARIABLES WHERE Variable_name = 'language' OR Variable_name = 'net_write_timeout' OR Variable_name = 'interactive_timeout' OR Variable_name = 'wait_timeout' OR Variable_name = 'character_set_client' OR Variable_name = 'tx_isolation'
---
SHOW VARIABLES LIKE 'lower_case_%'; 
--- rows vary
SHOW SESSION VARIABLES
--- values vary
SHOW GLOBAL STATUS LIKE 'Uptime'
---
SHOW COLLATION WHERE Charset = 'utf8mb4' AND Id < 50
---
SELECT @@tx_isolation, @@session.tx_read_only
---
SELECT @@global.read_only
---
SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment,@@tx_isolation AS tx_isolation
---
SELECT VERSION(), DATABASE(), USER(), CURRENT_USER()
---
SELECT DATABASE()
---
SELECT SCHEMA()
--- values vary
SELECT CONNECTION_ID()
---
SELECT CURRENT_ROLE()
---
USE store
---
SET ROLE NONE
---
/* ping */ SELECT 1
---
SELECT 1;
---
select 1 -- ping
---
SELECT 1 FROM DUAL
---
DO 0
---
SET @@sql_select_limit = 100, @@sql_big_selects = 1
---
SET SESSION query_cache_type = OFF
---
SET PROFILING = 0
