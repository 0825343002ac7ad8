//! SET in all its forms.

use crate::check;

#[test]
fn variables_are_set() {
    check(&[
        ("set autocommit = 0", "session set | literals_decide changes_setting | settings: autocommit = 0"),
        (
            "set @@autocommit = 1, session sql_safe_updates = on, local foreign_key_checks = off, @@local.unique_checks := 0",
            "session set | literals_decide changes_setting | settings: autocommit = 1, sql_safe_updates = on, foreign_key_checks = off, unique_checks = 0",
        ),
        (
            "set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
            "session set | literals_decide changes_reading | settings: sql_mode = ANSI_QUOTES,NO_BACKSLASH_ESCAPES",
        ),
        ("set sql_mode = ''", "session set | literals_decide changes_reading | settings: sql_mode = "),
        (
            "set session sql_mode = concat(@@sql_mode, ',ANSI')",
            "session set | literals_decide changes_reading | functions: concat reads | settings: sql_mode = @@sql_mode,ANSI",
        ),
        (
            "set @@session.sql_mode = default",
            "session reset | literals_decide changes_reading | settings: sql_mode = ?",
        ),
        (
            "set @@SESSION.sql_mode = CONCAT(CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO')",
            "session set | literals_decide changes_reading | functions: concat reads | settings: sql_mode = @@sql_mode,STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO",
        ),
        (
            "set @@SESSION.sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), @@SESSION.wait_timeout = 5",
            "session set | literals_decide changes_reading changes_setting | functions: concat reads | settings: sql_mode = @@sql_mode,STRICT_ALL_TABLES, wait_timeout = 5",
        ),
        (
            "set sql_mode = (select replace(@@session.sql_mode, 'ONLY_FULL_GROUP_BY,', ''))",
            "session set | literals_decide changes_reading | functions: replace reads | settings: sql_mode = @@sql_mode",
        ),
        (
            "set sql_mode = replace(@@sql_mode, 'ANSI_QUOTES', '')",
            "session set | literals_decide changes_reading | functions: replace reads | settings: sql_mode = ?",
        ),
        (
            "set sql_mode = replace(@@sql_mode, 'S', '')",
            "session set | literals_decide changes_reading | functions: replace reads | settings: sql_mode = ?",
        ),
        (
            "set sql_mode = concat('ANSI,', @@local.sql_mode)",
            "session set | literals_decide changes_reading | functions: concat reads | settings: sql_mode = ANSI,@@sql_mode",
        ),
        (
            "set sql_mode = concat(@@global.sql_mode, ',ANSI')",
            "session set | literals_decide changes_reading | functions: concat reads | settings: sql_mode = ?",
        ),
        (
            "set sql_mode = default",
            "session reset | literals_decide changes_reading | settings: sql_mode = ?",
        ),
        (
            "set names utf8mb4",
            "session set | literals_decide changes_reading | settings: character_set_client = utf8mb4",
        ),
        (
            "set names 'latin1' collate 'latin1_bin'",
            "session set | literals_decide changes_reading | settings: character_set_client = latin1",
        ),
        (
            "set names default",
            "session reset | literals_decide changes_reading | settings: character_set_client = ?",
        ),
        (
            "set names binary",
            "session set | literals_decide changes_reading | settings: character_set_client = binary",
        ),
        (
            "set names utf8mb4 collate utf8mb4_general_ci, autocommit = 1",
            "session set | literals_decide changes_reading changes_setting | settings: character_set_client = utf8mb4, autocommit = 1",
        ),
        (
            "set character set gbk",
            "session set | literals_decide changes_reading | settings: character_set_client = gbk",
        ),
        (
            "set charset utf8",
            "session set | literals_decide changes_reading | settings: character_set_client = utf8",
        ),
        (
            "set char set default",
            "session reset | literals_decide changes_reading | settings: character_set_client = ?",
        ),
        (
            "set character_set_client = sjis, character_set_results = null",
            "session set | literals_decide changes_reading changes_setting | settings: character_set_client = sjis, character_set_results = null",
        ),
        (
            "set character_set_results = NULL",
            "session set | literals_decide changes_setting | settings: character_set_results = null",
        ),
        (
            "set time_zone = '+00:00', wait_timeout = 28800, @@session.net_write_timeout = 60",
            "session set | literals_decide changes_setting | settings: time_zone = +00:00, wait_timeout = 28800, net_write_timeout = 60",
        ),
        (
            "set max_execution_time = -1",
            "session set | literals_decide changes_setting | settings: max_execution_time = -1",
        ),
        (
            "set optimizer_switch = 'index_merge=off'",
            "session set | literals_decide changes_setting | settings: optimizer_switch = index_merge=off",
        ),
        (
            "set session transaction_read_only = 1",
            "session set | literals_decide changes_setting | settings: transaction_read_only = 1",
        ),
        (
            "set session transaction_read_only = 0",
            "session set | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = 0",
        ),
        (
            "set @@session.tx_read_only = off",
            "session set | literals_decide undoes_read_only changes_setting | settings: tx_read_only = off",
        ),
        (
            "set @@tx_read_only = 'ON'",
            "session set | literals_decide changes_setting | settings: tx_read_only = ON",
        ),
        (
            "set transaction_read_only = default",
            "session reset | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = ?",
        ),
        (
            "set transaction_read_only = @x",
            "session set | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = ?",
        ),
        (
            "set @@global.transaction_read_only = 0",
            "privilege set | literals_decide undoes_read_only changes_stored_setting | settings: transaction_read_only = 0",
        ),
        (
            "set global read_only = 0",
            "privilege set | literals_decide changes_stored_setting | settings: read_only = 0",
        ),
        (
            "set persist max_connections = 10",
            "privilege set | literals_decide changes_stored_setting | settings: max_connections = 10",
        ),
        (
            "set persist_only max_connections = default",
            "privilege set | literals_decide changes_stored_setting | settings: max_connections = ?",
        ),
        (
            "set @@persist.general_log = 1, @@global.slow_query_log = off",
            "privilege set | literals_decide changes_stored_setting | settings: general_log = 1, slow_query_log = off",
        ),
        (
            "set global sql_mode = 'ANSI', session sql_mode = 'ORACLE'",
            "privilege set | literals_decide changes_reading changes_stored_setting | settings: sql_mode = ANSI, sql_mode = ORACLE",
        ),
        ("set @x = 1", "session set | literals_decide"),
        (
            "set @x := (select max(a) from t), @`y z` = f(1), @'w' = @x",
            "code/session set | literals_decide unknown_function | relations: t read | functions: max reads, f unknown | columns: t.a",
        ),
        (
            "set @a = 1, sql_mode = 'ANSI', @b = 2",
            "session set | literals_decide changes_reading | settings: sql_mode = ANSI",
        ),
        (
            "set @@default.key_buffer_size = 1000",
            "session set | literals_decide changes_setting | settings: default.key_buffer_size = 1000",
        ),
        (
            "set global hot.key_buffer_size = 1000",
            "privilege set | literals_decide changes_stored_setting | settings: hot.key_buffer_size = 1000",
        ),
        (
            "set validate_password.policy = 'LOW'",
            "session set | literals_decide changes_setting | settings: validate_password.policy = LOW",
        ),
        (
            "set @@`sql_mode` = 'ANSI'",
            "session set | literals_decide changes_reading | settings: sql_mode = ANSI",
        ),
        (
            "set `sql_mode` = 'ANSI', SQL_MODE = x",
            "session set | literals_decide changes_reading | settings: sql_mode = ANSI, sql_mode = x",
        ),
        ("set global = 1", "session set | literals_decide changes_setting | settings: global = 1"),
        (
            "set global a = 1, b = 2, session c = 3, d = 4",
            "privilege set | literals_decide changes_setting changes_stored_setting | settings: a = 1, b = 2, c = 3, d = 4",
        ),
        (
            "set @@global.a = 1, b = 2",
            "privilege set | literals_decide changes_setting changes_stored_setting | settings: a = 1, b = 2",
        ),
        (
            "set insert_id = 5, timestamp = 100, last_insert_id = 3",
            "session set | literals_decide changes_setting | settings: insert_id = 5, timestamp = 100, last_insert_id = 3",
        ),
        ("set sql_log_bin = 0", "session set | literals_decide changes_setting | settings: sql_log_bin = 0"),
        (
            "set tx_isolation = 'SERIALIZABLE', @@session.transaction_isolation = 3",
            "session set | literals_decide locks_rows changes_setting | settings: tx_isolation = SERIALIZABLE, transaction_isolation = 3",
        ),
        (
            "set transaction_isolation = concat('SERIAL', 'IZABLE')",
            "session set | literals_decide locks_rows changes_setting | functions: concat reads | settings: transaction_isolation = SERIALIZABLE",
        ),
        (
            "set transaction_isolation = default",
            "session reset | literals_decide locks_rows changes_setting | settings: transaction_isolation = ?",
        ),
        (
            "set session transaction_isolation = 'REPEATABLE-READ'",
            "session set | literals_decide changes_setting | settings: transaction_isolation = REPEATABLE-READ",
        ),
        (
            "set debug = 'd:t:o,/tmp/x'",
            "session set | literals_decide changes_setting | settings: debug = d:t:o,/tmp/x",
        ),
        (
            "set autocommit 1",
            r#"unknown unknown | Unjudged(Syntax { position: Some(16), message: "syntax error" })"#,
        ),
        (
            "set",
            r#"unknown unknown | Unjudged(Syntax { position: Some(4), message: "syntax error at end of input" })"#,
        ),
        (
            "set x",
            r#"unknown unknown | Unjudged(Syntax { position: Some(6), message: "syntax error at end of input" })"#,
        ),
        (
            "set x = ",
            r#"unknown unknown | Unjudged(Syntax { position: Some(8), message: "syntax error at end of input" })"#,
        ),
        (
            "set x = 1 garbage",
            r#"unknown unknown | Unjudged(Syntax { position: Some(11), message: "syntax error at or near \"garbage\"" })"#,
        ),
    ]);
}

#[test]
fn passwords_roles_and_groups() {
    check(&[
        ("set password = 'x'", "privilege set password | literals_decide"),
        ("set password for 'u'@'h' = password('x')", "privilege set password | literals_decide"),
        ("set role r", "session set | literals_decide changes_role | settings: role = r"),
        ("set role 'r'", "session set | literals_decide changes_role | settings: role = r"),
        ("set role none", "session reset | literals_decide changes_role | settings: role = ?"),
        ("set role default", "session reset | literals_decide changes_role | settings: role = ?"),
        ("set role all", "session set | literals_decide changes_role | settings: role = ?"),
        ("set role all except r", "session set | literals_decide changes_role | settings: role = ?"),
        ("set role r1, r2", "session set | literals_decide changes_role | settings: role = ?"),
        ("set default role r for u", "privilege set default role | literals_decide changes_stored_setting"),
        ("set default role all to u", "privilege set default role | literals_decide changes_stored_setting"),
        ("set resource group x", "maintenance set resource group | literals_decide administers"),
        ("set role = 1", "session set | literals_decide changes_setting | settings: role = 1"),
    ]);
}

#[test]
fn a_statement_with_settings_of_its_own() {
    check(&[
        (
            "set statement max_statement_time = 5 for select a from t limit 3",
            "read select | literals_decide limited changes_setting returns_rows | relations: t read | columns: t.a | settings: local max_statement_time = 5 | limit 3",
        ),
        (
            "set statement sql_mode = 'ANSI_QUOTES', join_cache_level = 3 for update t set a = 1",
            "write update | literals_decide every_row changes_setting | relations: t update | columns: t.a | settings: local sql_mode = ANSI_QUOTES, local join_cache_level = 3",
        ),
        (
            "set statement tx_read_only = 0 for insert into t values (1)",
            "write insert | literals_decide undoes_read_only changes_setting | relations: t insert | columns: t.* | settings: local tx_read_only = 0",
        ),
        (
            "set statement max_statement_time = 1 for set global read_only = 0",
            r#"unknown unknown | Unjudged(Node("SET STATEMENT"))"#,
        ),
        (
            "set statement max_statement_time = 1 for execute p",
            r#"unknown unknown | Unjudged(Node("SET STATEMENT"))"#,
        ),
        (
            "set statement max_statement_time = 1 for prepare p from 'select 1'",
            r#"unknown unknown | Unjudged(Node("SET STATEMENT"))"#,
        ),
        (
            "set statement max_statement_time = 1 for commit",
            r#"unknown unknown | Unjudged(Node("SET STATEMENT"))"#,
        ),
        (
            "set statement max_statement_time = 1 for create table t (a int)",
            "ddl create table | literals_decide changes_setting | relations: t define | settings: local max_statement_time = 1",
        ),
        (
            "set statement max_statement_time = 1 for drop prepare p",
            r#"unknown unknown | Unjudged(Node("SET STATEMENT"))"#,
        ),
        (
            "set statement x = (select 1 from t) for (select 2)",
            "read select | literals_decide changes_setting returns_rows | relations: t read | settings: local x = ?",
        ),
    ]);
}
