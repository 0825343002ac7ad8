//! What statements may do, by table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::{Lexing, analyse};
use exchange::{Class, Verb};

fn of(text: &str) -> (Class, Verb) {
    let statements = analyse(text.as_bytes(), Lexing::default()).statements;
    assert_eq!(statements.len(), 1, "{text}");
    (statements[0].class, statements[0].verb.clone())
}

#[track_caller]
fn check(class: Class, texts: &[&str]) {
    for text in texts {
        assert_eq!(of(text).0, class, "{text}");
        let noisy = format!("/* delete */ -- x\n {} /* into */ ;", text.replace(' ', "\n/**/"));
        assert_eq!(of(&noisy).0, class, "{noisy}");
        let upper = text.to_uppercase();
        assert_eq!(of(&upper).0, class, "{upper}");
    }
}

#[test]
fn queries_are_reads() {
    check(
        Class::Read,
        &[
            "select 1",
            "((select 1) union (select 2))",
            "values (1), (2)",
            "table t",
            "show all",
            "select a from t for update",
            "select a from t for no key update skip locked",
            "select (select b from c) from t where x in (select into_ from u)",
            "select a as into from t",
            "select t.into from t",
            "select \"into\" from t",
            "select count(update), lower(delete), (insert) from t",
            "select a, delete from t",
            "(select 1)",
            "fetch 5 from c",
            "move c",
            "close c",
        ],
    );
}

#[test]
fn select_into_makes_a_table() {
    check(
        Class::Ddl,
        &[
            "select * into t from u",
            "select 1 into temp t",
            "select a, insert into t from u",
            "((select 1 into t))",
            "select 1 into t union select 2",
            "with a as (select 1) select * into t from a",
            "with a as (insert into b values (1) returning *) select * into t from a",
            "explain analyze select 1 into t",
        ],
    );
}

#[test]
fn changes_of_rows_are_writes() {
    check(
        Class::Write,
        &[
            "insert into t values (1)",
            "update t set a = 1",
            "delete from t",
            "merge into t using u on true when matched then delete",
            "truncate t",
            "copy t from stdin",
            "copy binary t from stdin",
            "copy s.t (a, b) from stdin with (format csv)",
            "copy (delete from t returning *) to stdout",
            "copy (with a as (delete from t returning *) select * from a) to stdout",
        ],
    );
}

#[test]
fn a_change_inside_with_is_a_write() {
    check(
        Class::Write,
        &[
            "with a as (select 1) insert into t select * from a",
            "with recursive a(x) as (select 1 union all select x + 1 from a) delete from t using a",
            "with a as (insert into t values (1) returning *) select * from a",
            "with a as materialized (update t set x = 1 returning *) select * from a",
            "with a as not materialized (update only t set x = 1 returning *) table a",
            "with a as (update \"t\" set x = 1 returning *) select * from a",
            "with a as (select 1), b as (delete from t returning *) select * from b",
            "with a as (with b as (select 1) delete from t returning *) select * from a",
            "with a as (with b(x) as (select 1) search depth first by x set o delete from t returning *) select * from a",
            "with a as (with b(x) as (select 1) cycle x set c using p insert into t select 1 returning *) select * from a",
            "with a as (merge into t using u on true when matched then delete returning *) select * from a",
            "with a(x) as (select 1) search depth first by x set o delete from t",
            "with a(x) as (select 1) cycle x set c using p update t set y = 1",
            "with a as (select 1) merge into t using a on true when matched then delete",
            "(with a as (delete from t returning *) select * from a)",
        ],
    );
    check(
        Class::Read,
        &[
            "with a as (select 1) select * from a",
            "with a(x, y) as (values (1, 2)) select * from a",
            "with a as (select 1) (select * from a)",
            "with a as (select 1) values (1)",
            "with a as (select 1) table a",
            "with delete as (select 1) select * from delete",
            "with a as (select 1), update as (select 2) select * from a, update",
            "with recursive a(x) as (select 1) search breadth first by delete, x set o select * from a",
            "with recursive a(x) as (select 1) cycle x set c to 'y' default 'n' using p select * from a",
        ],
    );
}

#[test]
fn explain_is_a_read_unless_it_runs() {
    check(
        Class::Read,
        &[
            "explain delete from t",
            "explain verbose delete from t",
            "explain (costs off) delete from t",
            "explain (analyze off) delete from t",
            "explain (analyze false, buffers) delete from t",
            "explain (select 1)",
            "explain ((select 1))",
            "explain (values (1))",
            "explain analyze select 1",
            "explain (analyze) select 1",
            "explain analyze declare c cursor for select 1",
        ],
    );
    check(
        Class::Write,
        &[
            "explain analyze delete from t",
            "explain analyse verbose delete from t",
            "explain (analyze) delete from t",
            "explain (verbose, analyze true, format json) delete from t",
            "explain (analyze off, analyze) delete from t",
            "explain (buffers, analyze 1) with a as (delete from t returning *) select * from a",
            "explain analyze (with a as (delete from t returning *) select * from a)",
        ],
    );
    check(Class::Ddl, &["explain analyze create table t as select 1"]);
    check(Class::Unknown, &["explain analyze"]);
    // A quoted name of an option is case-sensitive, so these are not tried in capitals.
    assert_eq!(of("explain (\"analyze\") delete from t").0, Class::Write);
    assert_eq!(of("explain (U&\"an\\0061lyze\") delete from t").0, Class::Write);
    assert_eq!(of("explain analyze execute p").1, Verb::Execute { name: "p".into() });
    // A plan alone runs nothing of what the name stands for.
    assert_eq!(of("explain execute p").1, Verb::Other);
    assert_eq!(of("explain (verbose, analyze off) execute p(1)").1, Verb::Other);
    // What it runs is what the name stands for, which only the session knows.
    assert_eq!(of("explain analyze execute p").0, Class::Read);
}

#[test]
fn copy_is_what_it_does() {
    check(
        Class::Read,
        &[
            "copy t to stdout",
            "copy t (a, b) to stdout with (header)",
            "copy s.to to stdout",
            "copy (select 1) to stdout",
            "copy (select a from t where b = 'x') to stdin",
        ],
    );
    check(
        Class::Code,
        &[
            "copy t to '/tmp/x'",
            "copy t from '/tmp/x'",
            "copy t to program 'rm x'",
            "copy t from program 'cat x'",
            "copy (select 1) to program 'cat'",
            "copy (select 1) to $$/tmp/x$$",
            "copy t from E'/tmp/x'",
        ],
    );
    check(Class::Unknown, &["copy t", "copy t to x", "copy (1) to stdout"]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn the_other_classes_follow_their_words() {
    check(
        Class::Ddl,
        &[
            "create table t (a int)",
            "create temp table t as select 1",
            "create or replace function f() returns int language sql as 'select 1'",
            "alter table t add b int",
            "drop table t",
            "comment on table t is 'x'",
            "import foreign schema s from server x into y",
            "create rule r as on insert to t do instead delete from u",
        ],
    );
    check(
        Class::Privilege,
        &[
            "grant select on t to u",
            "revoke all on t from u",
            "reassign owned by a to b",
            "create role r",
            "alter user u password 'x'",
            "drop group g",
            "create policy p on t",
            "drop user mapping for u server s",
            "alter default privileges grant select on tables to u",
            "security label on table t is 'x'",
            "alter system set a = 1",
        ],
    );
    check(Class::Code, &["do $$ begin end $$", "call p()", "load 'x'"]);
    check(
        Class::Session,
        &[
            "set search_path = a",
            "set local x to 1",
            "set session authorization a",
            "set role a",
            "reset all",
            "discard plans",
            "discard all",
            "listen a",
            "unlisten *",
            "notify a",
            "deallocate p",
            "set session characteristics as transaction read only",
        ],
    );
    check(
        Class::Write,
        &["prepare transaction 'x'", "commit prepared 'x'", "rollback prepared 'x'", "lock t"],
    );
    check(
        Class::Transaction,
        &[
            "begin",
            "start transaction read only",
            "commit",
            "end",
            "rollback to savepoint a",
            "abort",
            "savepoint a",
            "release a",
            "set transaction read write",
            "set local transaction isolation level serializable",
        ],
    );
    check(
        Class::Maintenance,
        &[
            "vacuum full t",
            "analyze t",
            "analyse",
            "reindex table t",
            "cluster t",
            "checkpoint",
            "refresh materialized view v",
        ],
    );
    check(
        Class::Unknown,
        &[
            "selec 1",
            "(delete from t)",
            "with a as (select 1)",
            "with",
            "with b as (select 1) (with a as (delete from t returning *) select * from a)",
            "\"select\" 1",
            "'select'",
            "(",
            ")",
            "1",
            "handler t open",
        ],
    );
}

#[track_caller]
fn check_verb(text: &str, expected: Verb) {
    let (_, found) = of(text);
    // The inner statement has its own tests.
    let found = match found {
        Verb::Prepare { name, .. } => format!("prepare {name}"),
        Verb::Declare { name, hold, .. } => format!("declare {name} {hold}"),
        other => format!("{other:?}"),
    };
    assert_eq!(found, format!("{expected:?}"), "{text}");
}

#[test]
fn names_are_found_wherever_the_grammar_puts_them() {
    check_verb("execute P(1, 2)", Verb::Execute { name: "p".into() });
    check_verb("execute \"P\"", Verb::Execute { name: "P".into() });
    check_verb("execute U&\"d\\0061ta\"", Verb::Execute { name: "data".into() });
    check_verb("execute U&\"d!0061ta\" uescape '!' (1)", Verb::Execute { name: "data".into() });
    check_verb("deallocate p", Verb::Deallocate { name: Some("p".into()) });
    check_verb("deallocate prepare p", Verb::Deallocate { name: Some("p".into()) });
    check_verb("deallocate prepare", Verb::Deallocate { name: Some("prepare".into()) });
    check_verb("deallocate all", Verb::Deallocate { name: None });
    check_verb("deallocate prepare all", Verb::Deallocate { name: None });
    check_verb("deallocate \"all\"", Verb::Deallocate { name: Some("all".into()) });
    check_verb("deallocate U&\"x\" uescape E'\\x21'", Verb::DiscardAll);
    check_verb("close C", Verb::Close { name: Some("c".into()) });
    check_verb("close all", Verb::Close { name: None });
    for fetch in [
        "fetch c",
        "fetch next from c",
        "fetch forward all in c",
        "fetch absolute -5 c",
        "move 3 c",
        "fetch all c",
    ] {
        check_verb(fetch, Verb::Fetch { name: "c".into() });
    }
    check_verb("fetch from U&\"!0063\" uescape '!'", Verb::Fetch { name: "c".into() });
    check_verb("discard all", Verb::DiscardAll);
    check_verb("discard plans", Verb::Other);
    check_verb("select 1", Verb::Other);
}

#[test]
fn a_session_can_always_leave_its_transaction() {
    for text in
        ["commit", "commit and chain", "end", "end work", "rollback", "abort", "rollback to a", "release a"]
    {
        check_verb(text, Verb::Leave);
    }
    for text in
        ["begin", "savepoint a", "commit prepared 'x'", "rollback prepared 'x'", "prepare transaction 'x'"]
    {
        check_verb(text, Verb::Other);
    }
}

#[test]
fn what_is_prepared_or_declared_is_described_as_if_it_stood_alone() {
    let inner = |text: &str| match of(text) {
        (class, Verb::Prepare { name, inner }) => (class, name, None, *inner),
        (class, Verb::Declare { name, hold, inner }) => (class, name, Some(hold), *inner),
        other => panic!("{text}: {other:?}"),
    };
    let alone = |text: &str| (*analyse(text.as_bytes(), Lexing::default()).statements[0]).clone();
    let (class, name, _, statement) = inner("PREPARE P (int, varchar(10)) AS DELETE FROM t WHERE a = $1");
    assert_eq!((class, &*name), (Class::Write, "p"));
    assert_eq!(statement, alone("DELETE FROM t WHERE a = $1"));
    let (class, name, hold, statement) =
        inner("declare \"C 1\" insensitive cursor with hold for select 'x' for update");
    assert_eq!((class, &*name, hold), (Class::Read, "C 1", Some(true)));
    assert_eq!(statement, alone("select 'x' for update"));
    assert_eq!(inner("declare c cursor without hold for values (1)").2, Some(false));
    let (class, ..) = inner("prepare p as with a as (delete from t returning *) select * from a");
    assert_eq!(class, Class::Write);
    let (class, name, ..) = inner("prepare transaction as select 1");
    assert_eq!((class, &*name), (Class::Read, "transaction"));
}

#[test]
fn a_prepare_inside_a_prepare_is_not_looked_into() {
    let text = "prepare p as ".repeat(10_000) + "select 1";
    let (class, verb) = of(&text);
    assert_eq!(class, Class::Unknown);
    assert!(matches!(verb, Verb::Prepare { inner, .. } if inner.verb == Verb::Other));
}

#[test]
fn names_that_cannot_be_read_forget_all_names() {
    for text in [
        "prepare U&\"p!0061\" uescape E'!\\x' as select 1",
        "declare 'c' cursor for select 1",
        "close U&\"\\zzzz\"",
    ] {
        assert_eq!(of(text), (Class::Unknown, Verb::DiscardAll), "{text}");
    }
}

#[test]
fn names_of_columns_in_search_and_cycle_begin_no_statement() {
    check(
        Class::Read,
        &[
            "with recursive a(x) as (select 1) search depth first by x set o, delete as (select 2) select * from a",
            "with recursive a(x) as (select 1) cycle x, insert set update using p select * from a",
        ],
    );
    check(
        Class::Write,
        &[
            "with recursive a(x) as (select 1) search depth first by x, y set o, b as (select 2) delete from a",
        ],
    );
}
