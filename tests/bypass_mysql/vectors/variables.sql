-- vector: SET GLOBAL
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET GLOBAL max_prepared_stmt_count = 4000

-- vector: SET @@global
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET @@global.max_prepared_stmt_count = 4000

-- vector: SET @@GLOBAL with spaces
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET @@GLOBAL . max_prepared_stmt_count = 4000

-- vector: SET @@global in quotes
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET @@global.`max_prepared_stmt_count` = 4000

-- vector: SET GLOBAL by :=
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET GLOBAL max_prepared_stmt_count := 4000

-- vector: SET GLOBAL behind others
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET @a = 1, SESSION sort_buffer_size = 100000, GLOBAL max_prepared_stmt_count = 4000

-- vector: SET @@global behind others
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET @a = 1, @@global.max_prepared_stmt_count = 4000

-- vector: SET GLOBAL to a default
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 4001
SET GLOBAL max_prepared_stmt_count = DEFAULT

-- vector: SET GLOBAL by a query
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET GLOBAL max_prepared_stmt_count = (SELECT 4000)

-- vector: SET GLOBAL that goes on to the next
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET GLOBAL sort_buffer_size = 2097152, max_prepared_stmt_count = 4000

-- vector: SET GLOBAL of a name that only it has
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
-- effect: error because it has to be said that it is global
SET max_prepared_stmt_count = 4000

-- vector: SET GLOBAL with comments
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET/**/GLOBAL/**/max_prepared_stmt_count/**/=/**/4000

-- vector: SET GLOBAL in an executable comment
-- watch: variables
-- as: utility
-- not: in , binary: in a comment, binary: in an executable, binary: in MariaDB
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET /*!50000 GLOBAL */ max_prepared_stmt_count = 4000

-- vector: SET GLOBAL behind STATEMENT
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
SET STATEMENT sort_buffer_size = 100000 FOR SET GLOBAL max_prepared_stmt_count = 4000

-- vector: SET GLOBAL general_log
-- watch: variables
-- as: utility
-- before: SET GLOBAL general_log = OFF
-- after: ?SET GLOBAL general_log = OFF
SET GLOBAL general_log = ON

-- vector: SET GLOBAL slow_query_log
-- watch: variables
-- as: utility
-- before: SET GLOBAL slow_query_log = OFF
-- after: ?SET GLOBAL slow_query_log = OFF
SET GLOBAL slow_query_log = ON

-- vector: SET GLOBAL read_only
-- watch: variables
-- as: utility
-- not: batch with, transaction
-- before: SET GLOBAL read_only = OFF
-- after: ?SET GLOBAL read_only = OFF
SET GLOBAL read_only = ON

-- vector: SET GLOBAL event_scheduler
-- watch: variables
-- as: utility
-- before: SET GLOBAL event_scheduler = OFF
-- after: ?SET GLOBAL event_scheduler = OFF
SET GLOBAL event_scheduler = ON

-- vector: SET GLOBAL local_infile
-- watch: variables
-- as: utility
-- before: SET GLOBAL local_infile = ON
-- after: ?SET GLOBAL local_infile = ON
SET GLOBAL local_infile = OFF

-- vector: SET GLOBAL sql_mode
-- watch: variables
-- as: utility
-- before: SET GLOBAL sql_mode = DEFAULT
-- after: ?SET GLOBAL sql_mode = DEFAULT
SET GLOBAL sql_mode = ''

-- vector: SET GLOBAL wait_timeout
-- watch: variables
-- as: utility
-- before: SET GLOBAL wait_timeout = DEFAULT
-- after: ?SET GLOBAL wait_timeout = DEFAULT
SET GLOBAL wait_timeout = 28799

-- vector: SET GLOBAL max_connections
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_connections = DEFAULT
-- after: ?SET GLOBAL max_connections = DEFAULT
SET GLOBAL max_connections = 150

-- vector: SET GLOBAL init_connect
-- watch: variables
-- as: utility
-- before: SET GLOBAL init_connect = ''
-- after: ?SET GLOBAL init_connect = ''
SET GLOBAL init_connect = 'SET @a = 1'

-- vector: SET GLOBAL tx_isolation
-- watch: variables
-- as: utility
-- before: SET GLOBAL tx_isolation = DEFAULT
-- after: ?SET GLOBAL tx_isolation = DEFAULT
SET GLOBAL tx_isolation = 'READ-COMMITTED'

-- vector: SET GLOBAL tx_read_only
-- watch: variables
-- as: utility
-- before: SET GLOBAL tx_read_only = OFF
-- after: ?SET GLOBAL tx_read_only = OFF
SET GLOBAL tx_read_only = ON

-- vector: SET GLOBAL log_output
-- watch: variables
-- as: utility
-- before: SET GLOBAL log_output = DEFAULT
-- after: ?SET GLOBAL log_output = DEFAULT
SET GLOBAL log_output = 'TABLE'

-- vector: SET GLOBAL general_log_file
-- watch: variables
-- as: utility
-- before: SET GLOBAL general_log_file = DEFAULT
-- after: ?SET GLOBAL general_log_file = DEFAULT
SET GLOBAL general_log_file = 'x.log'

-- vector: SET GLOBAL foreign_key_checks
-- watch: variables
-- as: utility
-- before: SET GLOBAL foreign_key_checks = ON
-- after: ?SET GLOBAL foreign_key_checks = ON
SET GLOBAL foreign_key_checks = OFF

-- vector: SET GLOBAL innodb_flush_log_at_trx_commit
-- watch: variables
-- as: utility
-- before: SET GLOBAL innodb_flush_log_at_trx_commit = 0
-- after: ?SET GLOBAL innodb_flush_log_at_trx_commit = 0
SET GLOBAL innodb_flush_log_at_trx_commit = 2

-- vector: SET GLOBAL key_buffer_size
-- watch: variables
-- as: utility
-- before: SET GLOBAL key_buffer_size = 8388608
-- after: ?SET GLOBAL key_buffer_size = 8388608
SET GLOBAL key_buffer_size = 16777216

-- vector: SET GLOBAL query_cache_type
-- watch: variables
-- as: utility
-- before: SET GLOBAL query_cache_type = OFF
-- after: ?SET GLOBAL query_cache_type = OFF
SET GLOBAL query_cache_type = ON

-- vector: SET GLOBAL character_set_server
-- watch: variables
-- as: utility
-- before: SET GLOBAL character_set_server = DEFAULT
-- after: ?SET GLOBAL character_set_server = DEFAULT
SET GLOBAL character_set_server = 'utf8mb4'

-- vector: SET GLOBAL time_zone
-- watch: variables
-- as: utility
-- before: SET GLOBAL time_zone = DEFAULT
-- after: ?SET GLOBAL time_zone = DEFAULT
SET GLOBAL time_zone = '+01:00'

-- vector: SET GLOBAL secure_auth
-- watch: variables
-- as: utility
-- before: SET GLOBAL secure_auth = ON
-- after: ?SET GLOBAL secure_auth = ON
SET GLOBAL secure_auth = OFF

-- vector: SET GLOBAL old_passwords
-- watch: variables
-- as: utility
-- before: SET GLOBAL old_passwords = 0
-- after: ?SET GLOBAL old_passwords = 0
SET GLOBAL old_passwords = 1

-- vector: SET GLOBAL server_id
-- watch: variables
-- as: utility
-- before: SET GLOBAL server_id = 7
-- after: ?SET GLOBAL server_id = 7
SET GLOBAL server_id = 8

-- vector: SET GLOBAL binlog_format
-- watch: variables
-- as: utility
-- before: SET GLOBAL binlog_format = 'MIXED'
-- after: ?SET GLOBAL binlog_format = 'MIXED'
SET GLOBAL binlog_format = 'ROW'

-- vector: SET GLOBAL log_bin_trust_function_creators
-- watch: variables
-- as: utility
-- before: SET GLOBAL log_bin_trust_function_creators = ON
-- after: ?SET GLOBAL log_bin_trust_function_creators = ON
SET GLOBAL log_bin_trust_function_creators = OFF

-- vector: SET GLOBAL innodb_monitor_enable
-- watch: variables
-- as: utility
-- before: SET GLOBAL innodb_monitor_enable = DEFAULT
-- after: ?SET GLOBAL innodb_monitor_enable = DEFAULT
SET GLOBAL innodb_monitor_enable = 'all'

-- vector: SET GLOBAL default_password_lifetime
-- watch: variables
-- as: utility
-- before: SET GLOBAL default_password_lifetime = 0
-- after: ?SET GLOBAL default_password_lifetime = 0
SET GLOBAL default_password_lifetime = 30

-- vector: SET GLOBAL TRANSACTION
-- watch: variables
-- as: utility
-- before: SET GLOBAL tx_isolation = DEFAULT
-- after: ?SET GLOBAL tx_isolation = DEFAULT
SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED

-- vector: SET GLOBAL TRANSACTION READ ONLY
-- watch: variables
-- as: utility
-- before: SET GLOBAL tx_read_only = OFF
-- after: ?SET GLOBAL tx_read_only = OFF
SET GLOBAL TRANSACTION READ ONLY

-- vector: SET of a key cache
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
-- effect: none because only a cache of that name is made, which the watch does not see
SET GLOBAL hot.key_buffer_size = 1048576

-- vector: SET PERSIST
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
-- effect: error because only MySQL knows it
SET PERSIST max_prepared_stmt_count = 4000

-- vector: SET @@persist
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
-- effect: error because only MySQL knows it
SET @@persist.max_prepared_stmt_count = 4000

-- vector: SET PERSIST_ONLY
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
-- effect: error because only MySQL knows it
SET PERSIST_ONLY max_prepared_stmt_count = 4000

-- vector: RESET PERSIST
-- watch: variables
-- as: utility
-- before: SET GLOBAL max_prepared_stmt_count = 16382
-- effect: error because only MySQL knows it
RESET PERSIST

-- vector: SET GLOBAL by an event's hand
-- watch: variables
-- as: script
-- before: SET GLOBAL event_scheduler = OFF
-- after: ?SET GLOBAL event_scheduler = OFF
SET GLOBAL event_scheduler = 1

-- vector: SET SESSION sql_log_bin
-- watch: variables
-- as: utility
-- effect: none because it holds for the session; it hides what the session does
SET SESSION sql_log_bin = 0

-- vector: SET PASSWORD
-- watch: users
-- as: utility
-- not: after, binary after, binary: after
-- before: ALTER USER attacker@'127.0.0.1' IDENTIFIED BY ''
-- after: ?ALTER USER attacker@'127.0.0.1' IDENTIFIED BY ''
SET PASSWORD = PASSWORD('x')

-- vector: SET PASSWORD FOR
-- watch: users
-- as: utility
-- after: ?SET PASSWORD FOR clerk@'127.0.0.1' = ''
SET PASSWORD FOR clerk@'127.0.0.1' = PASSWORD('x')

-- vector: SET DEFAULT ROLE
-- watch: users
-- as: utility
-- before: GRANT warden TO clerk@'127.0.0.1';SET DEFAULT ROLE warden FOR clerk@'127.0.0.1'
SET DEFAULT ROLE NONE FOR clerk@'127.0.0.1'
