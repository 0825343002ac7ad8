//! Transactions, names of statements, what is shown and explained, the administration of servers.

use crate::check;

#[test]
fn transactions_begin_end_and_are_marked() {
    check(&[
        ("begin", "transaction begin | literals_decide"),
        ("begin work", "transaction begin | literals_decide"),
        ("start transaction", "transaction start transaction | literals_decide"),
        (
            "start transaction read only",
            "transaction start transaction | literals_decide begins_read_only | settings: local transaction_read_only = on",
        ),
        (
            "start transaction read write",
            "transaction start transaction | literals_decide undoes_read_only | settings: local transaction_read_only = off",
        ),
        ("start transaction with consistent snapshot", "transaction start transaction | literals_decide"),
        (
            "start transaction with consistent snapshot, read only",
            "transaction start transaction | literals_decide begins_read_only | settings: local transaction_read_only = on",
        ),
        ("commit", "transaction commit | literals_decide"),
        ("commit work", "transaction commit | literals_decide"),
        ("commit and chain", "transaction commit | literals_decide"),
        ("commit and no chain no release", "transaction commit | literals_decide"),
        ("rollback", "transaction rollback | literals_decide"),
        ("rollback work and chain release", "transaction rollback | literals_decide"),
        ("savepoint a", "transaction savepoint | literals_decide"),
        ("rollback to a", "transaction rollback to savepoint | literals_decide"),
        ("rollback work to savepoint `a`", "transaction rollback to savepoint | literals_decide"),
        ("release savepoint a", "transaction release | literals_decide"),
        ("begin not atomic select 1; end", "code begin not atomic | literals_decide runs_text"),
        ("xa start 'x'", "write xa start"),
        ("xa begin 'x','y',1", "write xa start"),
        ("xa end 'x'", "write xa end"),
        ("xa prepare 'x'", "write xa prepare"),
        ("xa commit 'x' one phase", "write xa commit"),
        ("xa rollback 'x'", "write xa rollback"),
        ("xa recover", "read xa recover | reads_catalog returns_rows"),
        ("xa recover convert xid", "read xa recover | reads_catalog returns_rows"),
        (
            "set transaction read only",
            "transaction set transaction | literals_decide begins_read_only | settings: local transaction_read_only = on",
        ),
        (
            "set transaction read write",
            "transaction set transaction | literals_decide undoes_read_only | settings: local transaction_read_only = off",
        ),
        (
            "set transaction isolation level repeatable read, read only",
            "transaction set transaction | literals_decide begins_read_only | settings: local transaction_isolation = repeatable read, local transaction_read_only = on",
        ),
        (
            "set session transaction read only",
            "session set transaction | literals_decide changes_setting | settings: transaction_read_only = on",
        ),
        (
            "set session transaction read write, isolation level serializable",
            "session set transaction | literals_decide locks_rows undoes_read_only changes_setting | settings: transaction_read_only = off, transaction_isolation = serializable",
        ),
        (
            "set local transaction isolation level read committed",
            "session set transaction | literals_decide changes_setting | settings: transaction_isolation = read committed",
        ),
        (
            "set transaction isolation level serializable",
            "transaction set transaction | literals_decide locks_rows | settings: local transaction_isolation = serializable",
        ),
        (
            "set global transaction read only",
            "privilege set transaction | literals_decide changes_stored_setting | settings: transaction_read_only = on",
        ),
        (
            "set global transaction read write",
            "privilege set transaction | literals_decide undoes_read_only changes_stored_setting | settings: transaction_read_only = off",
        ),
        (
            "commit garbage",
            r#"unknown unknown | Unjudged(Syntax { position: Some(8), message: "syntax error at or near \"garbage\"" })"#,
        ),
        (
            "start transaction garbage",
            r#"unknown unknown | Unjudged(Syntax { position: Some(19), message: "syntax error at or near \"garbage\"" })"#,
        ),
        (
            "rollback to",
            r#"unknown unknown | Unjudged(Syntax { position: Some(12), message: "syntax error at end of input" })"#,
        ),
    ]);
}

#[test]
fn tables_are_locked() {
    check(&[
        ("lock tables t read", "write lock table | locks_table | relations: t lock"),
        (
            "lock table s.t as x read local, u write, v low_priority write wait 5",
            "write lock table | locks_table | relations: s.t lock, u lock, v lock",
        ),
        ("lock tables t write", "write lock table | locks_table | relations: t lock"),
        ("unlock tables", "session unlock tables | literals_decide"),
        ("unlock table", "session unlock tables | literals_decide"),
        ("lock instance for backup", "maintenance lock instance | literals_decide administers"),
        ("unlock instance", "maintenance unlock instance | literals_decide administers"),
        (
            "lock tables t",
            r#"unknown unknown | Unjudged(Syntax { position: Some(14), message: "syntax error at end of input" })"#,
        ),
    ]);
}

#[test]
fn names_are_made_used_and_dropped() {
    check(&[
        (
            "prepare p from 'select a from t where b = ?'",
            "read prepare | literals_decide filtered returns_rows uses_name | relations: t read | columns: t.a, t.b",
        ),
        (
            r#"prepare p from "delete from t""#,
            "write prepare | literals_decide every_row uses_name | relations: t delete",
        ),
        (
            "prepare p from 'set names utf8'",
            "session prepare | literals_decide changes_reading uses_name | settings: character_set_client = utf8",
        ),
        (
            "prepare p from 'it''s not sql'",
            r#"unknown unknown | Unjudged(Node("PREPARE FROM a text that is no one statement"))"#,
        ),
        ("prepare p from @x", r#"unknown unknown | Unjudged(Node("PREPARE FROM what is no literal"))"#),
        (
            "prepare p from 'select 1; select 2'",
            r#"unknown unknown | Unjudged(Node("PREPARE FROM a text that is no one statement"))"#,
        ),
        (
            r#"prepare p from 'prepare q from "select 1"'"#,
            r#"unknown unknown | Unjudged(Node("PREPARE FROM a text that is no one statement"))"#,
        ),
        (
            "prepare p from 'execute q'",
            r#"unknown unknown | Unjudged(Node("PREPARE FROM a text that is no one statement"))"#,
        ),
        (
            "prepare p from concat('sel', 'ect 1')",
            r#"unknown unknown | Unjudged(Node("PREPARE FROM what is no literal"))"#,
        ),
        (
            "prepare p from 'select ' '1'",
            r#"unknown unknown | Unjudged(Node("PREPARE FROM what is no literal"))"#,
        ),
        (
            "prepare p from _utf8'select 1'",
            r#"unknown unknown | Unjudged(Node("PREPARE FROM what is no literal"))"#,
        ),
        (
            "prepare p from 'select f(1)'",
            "code/read prepare | literals_decide unknown_function returns_rows uses_name | functions: f unknown",
        ),
        (
            r#"prepare `P` from 'select ''a\'b'''"#,
            r#"unknown unknown | Unjudged(Node("PREPARE FROM a text that is no one statement"))"#,
        ),
        ("prepare p from 'commit'", "transaction prepare | literals_decide uses_name"),
        (
            "prepare é from 'select 1'",
            r#"unknown unknown | Unjudged(Ambiguous("the name of a prepared statement"))"#,
        ),
        ("execute p", "read execute | returns_rows uses_name"),
        ("execute P using @a, @b", "read execute | returns_rows uses_name"),
        (
            "execute p using 1, f(2)",
            "code/read execute | unknown_function returns_rows uses_name | functions: f unknown",
        ),
        ("execute immediate 'delete from t'", "code execute immediate | literals_decide runs_text"),
        ("execute immediate 'select ?' using 1", "code execute immediate | literals_decide runs_text"),
        (
            "execute immediate @x",
            r#"unknown unknown | Unjudged(Node("EXECUTE IMMEDIATE of what is no literal"))"#,
        ),
        (
            "execute immediate concat('a', 'b')",
            r#"unknown unknown | Unjudged(Node("EXECUTE IMMEDIATE of what is no literal"))"#,
        ),
        ("deallocate prepare p", "session deallocate | literals_decide uses_name"),
        ("drop prepare p", "session deallocate | literals_decide uses_name"),
    ]);
}

#[test]
fn things_are_shown() {
    check(&[
        ("show tables", "read show | reads_catalog returns_rows"),
        ("show full tables from s like 'a%'", "read show | reads_catalog returns_rows"),
        (
            "show tables where f(tables_in_s)",
            "code/read show | unknown_function reads_catalog returns_rows | functions: f unknown | columns: ?.tables_in_s",
        ),
        ("show databases", "read show | reads_catalog returns_rows"),
        ("show schemas like 'x'", "read show | reads_catalog returns_rows"),
        ("show columns from t", "read show | reads_catalog returns_rows | relations: t read"),
        (
            "show full columns from t in s where field = 'a'",
            "read show | reads_catalog returns_rows | relations: s.t read | columns: ?.field",
        ),
        ("show extended fields in s.t", "read show | reads_catalog returns_rows | relations: s.t read"),
        ("show index from t", "read show | reads_catalog returns_rows | relations: t read"),
        ("show keys from t from s", "read show | reads_catalog returns_rows | relations: s.t read"),
        ("show create table t", "read show | reads_catalog returns_rows | relations: t read"),
        ("show create view s.v", "read show | reads_catalog returns_rows | relations: s.v read"),
        ("show create sequence s", "read show | reads_catalog returns_rows | relations: s read"),
        ("show create database if not exists s", "read show | reads_catalog returns_rows"),
        ("show create procedure s.p", "read show | reads_catalog returns_rows"),
        ("show create function f", "read show | reads_catalog returns_rows"),
        ("show create trigger t", "read show | reads_catalog returns_rows"),
        ("show create event e", "read show | reads_catalog returns_rows"),
        ("show create package body p", "read show | reads_catalog returns_rows"),
        ("show create user u@localhost", "read show | reads_catalog reads_secrets returns_rows"),
        ("show create user", "read show | reads_catalog reads_secrets returns_rows"),
        ("show create server 's'", "read show | reads_catalog reads_secrets returns_rows"),
        ("show grants", "read show | reads_catalog returns_rows"),
        ("show grants for current_user", "read show | reads_catalog returns_rows"),
        ("show grants for current_user()", "read show | reads_catalog returns_rows"),
        ("show grants for 'u'@'%' using r", "read show | reads_catalog reads_secrets returns_rows"),
        ("show variables", "read show | returns_rows"),
        ("show global variables like 'sql%'", "read show | returns_rows"),
        (
            "show session status where variable_name = 'Threads'",
            "read show | returns_rows | columns: ?.variable_name",
        ),
        ("show warnings", "read show | returns_rows"),
        ("show warnings limit 5, 10", "read show | returns_rows"),
        ("show errors limit 1", "read show | returns_rows"),
        ("show count(*) warnings", "read show | returns_rows"),
        ("show processlist", "read show | reads_catalog returns_rows"),
        ("show full processlist", "read show | reads_catalog returns_rows"),
        ("show engines", "read show | reads_catalog returns_rows"),
        ("show storage engines", "read show | reads_catalog returns_rows"),
        ("show engine innodb status", "read show | reads_catalog returns_rows"),
        ("show engine performance_schema mutex", "read show | reads_catalog returns_rows"),
        ("show plugins", "read show | reads_catalog returns_rows"),
        ("show privileges", "read show | reads_catalog returns_rows"),
        ("show character set like 'utf8%'", "read show | reads_catalog returns_rows"),
        ("show charset", "read show | reads_catalog returns_rows"),
        (
            "show collation where charset = 'utf8mb4'",
            "read show | reads_catalog returns_rows | columns: ?.charset",
        ),
        ("show table status from s like 't'", "read show | reads_catalog returns_rows"),
        ("show open tables from s", "read show | reads_catalog returns_rows"),
        ("show triggers from s", "read show | reads_catalog returns_rows"),
        ("show events in s", "read show | reads_catalog returns_rows"),
        ("show procedure status like 'p'", "read show | reads_catalog returns_rows"),
        ("show function code f", "read show | reads_catalog returns_rows"),
        ("show master status", "read show | reads_catalog returns_rows"),
        ("show binary logs", "read show | reads_catalog returns_rows"),
        ("show binary log status", "read show | reads_catalog returns_rows"),
        (
            "show binlog events in 'x' from 4 limit 1, 2",
            "read show | reads_catalog reads_secrets returns_rows",
        ),
        ("show relaylog events", "read show | reads_catalog reads_secrets returns_rows"),
        ("show slave status", "read show | reads_catalog returns_rows"),
        ("show replica status for channel 'x'", "read show | reads_catalog returns_rows"),
        ("show slave 'c' status", "read show | reads_catalog returns_rows"),
        ("show all slaves status", "read show | reads_catalog returns_rows"),
        ("show slave hosts", "read show | reads_catalog returns_rows"),
        ("show replicas", "read show | reads_catalog returns_rows"),
        ("show profiles", "read show | reads_catalog returns_rows"),
        ("show profile cpu, block io for query 1 limit 5", "read show | reads_catalog returns_rows"),
        ("show explain for 5", "read show | reads_catalog returns_rows"),
        ("show explain format=json for 5", "read show | reads_catalog returns_rows"),
        ("show analyze for 5", "read show | reads_catalog returns_rows"),
        ("show locales", "read show | reads_catalog returns_rows"),
        ("show user_statistics", "read show | reads_catalog returns_rows"),
        (
            "show nonsense",
            r#"unknown unknown | Unjudged(Syntax { position: Some(6), message: "syntax error at or near \"nonsense\"" })"#,
        ),
        (
            "show tables garbage here",
            r#"unknown unknown | Unjudged(Syntax { position: Some(13), message: "syntax error at or near \"garbage\"" })"#,
        ),
        ("help 'select'", "read help | reads_catalog returns_rows"),
        ("help contents", "read help | reads_catalog returns_rows"),
    ]);
}

#[test]
fn things_are_explained() {
    check(&[
        (
            "explain select a from t where b = 1",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.a, t.b",
        ),
        (
            "explain format=json select a from t",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.a",
        ),
        (
            "explain format = tree delete from t",
            "read explain | literals_decide explains returns_rows | relations: t read",
        ),
        (
            "explain extended select a from t",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.a",
        ),
        (
            "explain partitions select a from t",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.a",
        ),
        (
            "explain (select a from t) union (select b from u)",
            "read explain | literals_decide explains returns_rows | relations: t read, u read | columns: t.a, u.b",
        ),
        (
            "explain update t set a = 1",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.a",
        ),
        (
            "explain insert into t select * from u",
            "read explain | literals_decide explains returns_rows | relations: t read, u read | columns: t.*, u.*",
        ),
        (
            "explain select f(a) from t",
            "code/read explain | literals_decide unknown_function explains returns_rows | relations: t read | functions: f unknown | columns: t.a",
        ),
        (
            "explain select get_lock('a', 1), load_file('x') from t",
            "code explain | literals_decide locks_advisory server_file explains returns_rows | relations: t read | functions: get_lock acts, load_file acts",
        ),
        (
            "explain analyze select a from t",
            "read explain | literals_decide returns_rows | relations: t read | columns: t.a",
        ),
        (
            "explain analyze format=tree select f(a) from t",
            "code/read explain | literals_decide unknown_function returns_rows | relations: t read | functions: f unknown | columns: t.a",
        ),
        (
            "analyze select a from t",
            "read analyze | literals_decide returns_rows | relations: t read | columns: t.a",
        ),
        (
            "analyze format=json update t set a = 1 where b = 1",
            "write analyze | literals_decide filtered returns_rows | relations: t update | columns: t.a, t.b",
        ),
        (
            "analyze delete from t where a = 1",
            "write analyze | literals_decide filtered returns_rows | relations: t delete | columns: t.a",
        ),
        ("explain for connection 5", "read explain | literals_decide reads_catalog explains returns_rows"),
        (
            "explain format=json for connection 5",
            "read explain | literals_decide reads_catalog explains returns_rows",
        ),
        ("explain into @x format=json select 1", "session explain | literals_decide explains returns_rows"),
        ("describe t", "read explain | literals_decide reads_catalog returns_rows | relations: t read"),
        ("desc s.t a", "read explain | literals_decide reads_catalog returns_rows | relations: s.t read"),
        ("desc t 'a%'", "read explain | literals_decide reads_catalog returns_rows | relations: t read"),
        ("explain t", "read explain | literals_decide reads_catalog returns_rows | relations: t read"),
        ("describe select 1", "read explain | literals_decide explains returns_rows"),
        (
            "explain with x as (select 1) select * from x",
            "read explain | literals_decide explains returns_rows | columns: ?.*",
        ),
        (
            "explain table t",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.*",
        ),
        (
            "explain replace into t values (1)",
            "read explain | literals_decide explains returns_rows | relations: t read | columns: t.*",
        ),
        (
            "explain create table t (a int)",
            r#"unknown unknown | Unjudged(Syntax { position: Some(9), message: "syntax error at or near \"create\"" })"#,
        ),
        ("desc format", "read explain | literals_decide reads_catalog returns_rows | relations: format read"),
    ]);
}

#[test]
fn servers_are_administered() {
    check(&[
        ("kill 5", "maintenance kill | literals_decide administers"),
        ("kill query 5", "maintenance kill | literals_decide administers"),
        ("kill hard connection 5", "maintenance kill | literals_decide administers"),
        ("kill soft query id 7", "maintenance kill | literals_decide administers"),
        ("kill user 'u'@'h'", "maintenance kill | literals_decide administers"),
        (
            "kill f(5)",
            "code/maintenance kill | literals_decide unknown_function administers | functions: f unknown",
        ),
        ("flush tables", "maintenance flush | literals_decide administers"),
        ("flush tables with read lock", "maintenance flush | literals_decide locks_table administers"),
        ("flush tables t for export", "maintenance flush | literals_decide locks_table administers"),
        ("flush privileges", "maintenance flush | literals_decide administers"),
        ("flush local binary logs", "maintenance flush | literals_decide administers"),
        ("reset master", "maintenance reset replica | literals_decide administers replicates"),
        ("reset slave all", "maintenance reset replica | literals_decide administers replicates"),
        ("reset query cache", "maintenance reset query cache | literals_decide administers"),
        ("reset persist x", "privilege reset persist | literals_decide changes_stored_setting"),
        (
            "purge binary logs to 'x'",
            "maintenance purge binary logs | literals_decide administers replicates",
        ),
        ("binlog 'abc'", "code binlog | literals_decide administers runs_text replicates"),
        (
            "change master to master_host = 'x'",
            "maintenance change replication source | literals_decide administers replicates",
        ),
        (
            "change replication source to source_host = 'x'",
            "maintenance change replication source | literals_decide administers replicates",
        ),
        ("start slave", "maintenance start replica | literals_decide administers replicates"),
        (
            "start replica until sql_after_gtids = 'x'",
            "maintenance start replica | literals_decide administers replicates",
        ),
        ("start group_replication", "maintenance start replica | literals_decide administers replicates"),
        ("stop slave", "maintenance stop replica | literals_decide administers replicates"),
        ("stop all slaves", "maintenance stop replica | literals_decide administers replicates"),
        ("shutdown", "maintenance shutdown | literals_decide administers"),
        ("restart", "maintenance restart | literals_decide administers"),
        ("backup stage start", "maintenance backup | literals_decide administers"),
        ("clone local data directory = '/tmp'", "code clone | literals_decide administers server_file"),
        ("install plugin x soname 'x.so'", "code install | literals_decide administers server_file"),
        ("install component 'file://x'", "code install | literals_decide administers server_file"),
        ("uninstall plugin x", "code uninstall | literals_decide administers"),
        ("import table from '/tmp/x'", "code import table | literals_decide server_file"),
        ("cache index t in c", "maintenance cache index | literals_decide"),
        ("load index into cache t", "maintenance load index | literals_decide"),
        (
            "optimize table t, u",
            "maintenance optimize table | literals_decide returns_rows | relations: t define, u define",
        ),
        (
            "optimize local table t",
            "maintenance optimize table | literals_decide returns_rows | relations: t define",
        ),
        ("analyze table t", "maintenance analyze table | literals_decide returns_rows | relations: t define"),
        (
            "analyze table t update histogram on a",
            "maintenance analyze table | literals_decide returns_rows | relations: t define",
        ),
        (
            "analyze no_write_to_binlog table t persistent for all",
            "maintenance analyze table | literals_decide returns_rows | relations: t define",
        ),
        (
            "analyze local table t",
            "maintenance analyze table | literals_decide returns_rows | relations: t define",
        ),
        (
            "check table t extended",
            "maintenance check table | literals_decide returns_rows | relations: t define",
        ),
        ("checksum table t, s.u", "read checksum table | returns_rows | relations: t read, s.u read"),
        (
            "repair table t quick",
            "maintenance repair table | literals_decide returns_rows | relations: t define",
        ),
        (
            "start garbage",
            r#"unknown unknown | Unjudged(Syntax { position: Some(7), message: "syntax error at or near \"garbage\"" })"#,
        ),
        (
            "reset garbage",
            r#"unknown unknown | Unjudged(Syntax { position: Some(7), message: "syntax error at or near \"garbage\"" })"#,
        ),
    ]);
}

#[test]
fn code_is_run() {
    check(&[
        ("call p", "code call | literals_decide unknown_function returns_rows | functions: p unknown"),
        (
            "call p(1, @x, f(2))",
            "code call | literals_decide unknown_function returns_rows | functions: p unknown, f unknown",
        ),
        ("call s.p()", "code call | literals_decide unknown_function returns_rows | functions: s.p unknown"),
        ("do 1", "read do"),
        ("do (convert('1', signed)), (-1)", "read do | functions: convert reads"),
        ("do sleep(5), f(1)", "code/read do | unknown_function sleeps | functions: sleep acts, f unknown"),
        (
            "do release_lock('a')",
            "session do | literals_decide locks_advisory | functions: release_lock acts",
        ),
        (
            "do nextval(s), (select a from t for update)",
            "write do | literals_decide locks_rows writing_function | relations: s read+update, t read+lock | functions: nextval acts | columns: t.a",
        ),
        (
            "do 1 into outfile 'x'",
            r#"unknown unknown | Unjudged(Syntax { position: Some(6), message: "syntax error at or near \"into\"" })"#,
        ),
        ("handler t open", r#"unknown unknown | Unjudged(Node("HANDLER"))"#),
        ("handler t read first", r#"unknown unknown | Unjudged(Node("HANDLER"))"#),
        ("handler t close", r#"unknown unknown | Unjudged(Node("HANDLER"))"#),
        ("get diagnostics @p1 = number", "session get diagnostics | literals_decide"),
        ("signal sqlstate '45000' set message_text = 'x'", "session signal | literals_decide"),
        ("use s", "session use | literals_decide changes_path | settings: database = s"),
        ("use `my db`", "session use | literals_decide changes_path | settings: database = my db"),
        (
            "use",
            r#"unknown unknown | Unjudged(Syntax { position: Some(4), message: "syntax error at end of input" })"#,
        ),
        (
            "declare x int",
            r#"unknown unknown | Unjudged(Syntax { position: Some(1), message: "syntax error at or near \"declare\"" })"#,
        ),
        (
            "selec 1",
            r#"unknown unknown | Unjudged(Syntax { position: Some(1), message: "syntax error at or near \"selec\"" })"#,
        ),
    ]);
}
