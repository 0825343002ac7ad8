//! What MySQL's statements may do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::{Lexing, analyse};
use exchange::{Class, Verb};

#[track_caller]
fn check(class: Class, texts: &[&str]) {
    for text in texts {
        let statements = analyse(text.as_bytes(), Lexing::MYSQL).statements;
        assert_eq!(statements.len(), 1, "{text}");
        assert_eq!(statements[0].class, class, "{text}");
    }
}

#[test]
fn reads() {
    check(
        Class::Read,
        &[
            "select 1",
            "(select 1) union (select 2)",
            "select a into @x from t",
            "select `into`, outfile from t",
            "select * from t for update",
            "values row(1, 2)",
            "table t",
            "with a as (select 1) select * from a",
            "show tables",
            "describe t",
            "desc t",
            "explain delete from t",
            "explain analyze select 1",
            "explain analyze format=tree select 1",
            "analyze format=json select 1",
            "handler t open",
            "help 'x'",
            "/*!40001 select 1 */",
            "select /*! straight_join */ a from t",
        ],
    );
}

#[test]
fn writes() {
    check(
        Class::Write,
        &[
            "insert into t values (1)",
            "insert ignore t set a = 1",
            "replace into t values (1)",
            "update low_priority t set a = 1",
            "delete t1 from t1 join t2",
            "truncate t",
            "load data local infile 'x' into table t",
            "select * from t into outfile '/tmp/x'",
            "select a into dumpfile 'x' from t",
            "with a as (select 1) delete from t",
            "explain analyze delete t from t join u",
            "analyze update t set a = 1",
        ],
    );
}

#[test]
fn the_others() {
    check(
        Class::Ddl,
        &[
            "create table t (a int)",
            "create or replace view v as select 1",
            "alter table t add b int",
            "drop database d",
            "rename table a to b",
            "create procedure p() begin select 1; select 2; end",
        ],
    );
    check(
        Class::Privilege,
        &[
            "grant select on t to u",
            "revoke all on *.* from u",
            "create user 'a'@'b' identified by 'c'",
            "create or replace user a",
            "drop role r",
            "rename user a to b",
            "set password = 'x'",
            "set default role r to u",
        ],
    );
    check(
        Class::Session,
        &[
            "use d",
            "set names utf8mb4",
            "set a = 1, @b = 2",
            "set session sql_mode = ''",
            "set @@session.a = 1",
        ],
    );
    check(
        Class::Session,
        &["prepare p from 'delete from t'", "set @global = 1", "/*!40101 SET NAMES utf8 */"],
    );
    check(
        Class::Transaction,
        &[
            "begin",
            "begin work",
            "start transaction read only",
            "savepoint a",
            "xa start 'x'",
            "xa commit 'x'",
            "set transaction read only",
            "set session transaction isolation level serializable",
        ],
    );
    check(
        Class::Maintenance,
        &[
            "kill 1",
            "flush tables",
            "optimize table t",
            "analyze table t",
            "analyze local table t",
            "lock tables t read",
        ],
    );
    check(Class::Code, &["call p()", "do sleep(1)", "begin not atomic select 1; delete from t; end"]);
}

#[test]
fn what_cannot_be_told_is_unknown() {
    check(
        Class::Unknown,
        &[
            "execute p",
            "execute immediate 'drop table t'",
            "set global a = 1",
            "set a = 1, @@persist.b = 2",
            "set statement max_statement_time = 1 for delete from t",
            "reset master",
            "purge binary logs to 'x'",
            "change master to a = 1",
            "stop replica",
            "nonsense",
        ],
    );
}

#[test]
fn a_version_comment_cannot_hide_what_older_servers_do() {
    check(Class::Unknown, &["/*!99999 select 1 where a = */ delete from t"]);
    check(
        Class::Unknown,
        &["/*!99999 select 1 from x where a = */ /*!1 delete from t where 1 = */ (select 1)"],
    );
    check(Class::Unknown, &["/*!99999 select */ commit"]);
    check(Class::Write, &["insert /*!99999 ignore */ into t values (1)"]);
    check(
        Class::Ddl,
        &[
            "/*!50003 create*/ /*!50017 definer=`a`@`b`*/ /*!50003 trigger t before insert on u for each row set new.a = 1 */",
        ],
    );
}

#[test]
fn the_verbs_are_those_that_the_session_keeps_names_by() {
    let verb = |text: &str| analyse(text.as_bytes(), Lexing::MYSQL).statements[0].verb.clone();
    assert_eq!(verb("execute `P``1` using @a"), Verb::Execute { name: "P`1".into() });
    assert_eq!(verb("deallocate prepare p"), Verb::Deallocate { name: Some("p".into()) });
    assert_eq!(verb("drop prepare p"), Verb::Deallocate { name: Some("p".into()) });
    assert_eq!(verb("drop table p"), Verb::Other);
    for leave in ["commit", "rollback to savepoint a", "release savepoint a", "rollback work"] {
        assert_eq!(verb(leave), Verb::Leave, "{leave}");
    }
}

#[test]
fn what_follows_a_change_of_settings_in_the_same_text_is_in_doubt() {
    use crate::token::Ending;
    let ending = |text: &str| analyse(text.as_bytes(), Lexing::MYSQL).ending;
    assert_eq!(ending(r"select 1; select 'it\'s'"), Ending::Certain);
    assert_eq!(ending(r"set sql_mode = 'NO_BACKSLASH_ESCAPES'; select 'it\'s'"), Ending::Disputed);
    assert_eq!(ending(r"set sql_mode = ''; select 'its'"), Ending::Certain);
}
