//! Every way known to write behind a check of read-only statements, as far as the text tells: none is a plain read.
//!
//! A plain read is of class `read`, and no mark says that it does more than read.

use crate::only;
use exchange::{Class, Marks, Verb};
use sql::{Lexing, analyse};

/// What a statement that only reads has none of.
const MORE: Marks = Marks::LOCKS_ROWS
    .with(Marks::LOCKS_TABLE)
    .with(Marks::LOCKS_ADVISORY)
    .with(Marks::UNKNOWN_FUNCTION)
    .with(Marks::WRITING_FUNCTION)
    .with(Marks::ADMINISTERS)
    .with(Marks::SERVER_FILE)
    .with(Marks::SERVER_PROGRAM)
    .with(Marks::RUNS_TEXT)
    .with(Marks::NOTIFIES)
    .with(Marks::UNDOES_READ_ONLY)
    .with(Marks::RESETS_SETTINGS)
    .with(Marks::CHANGES_ROLE)
    .with(Marks::CHANGES_STORED_SETTING)
    .with(Marks::REPLICATES);

#[track_caller]
fn none_is_a_plain_read(texts: &[&str]) {
    for text in texts {
        let mut noisy = format!("/* select */ -- '\n{}\n/* /* */ */;", text.replace(' ', " /**/\n"));
        if text.contains('\'') || text.contains('$') {
            noisy = format!("/* select */ -- '\n{text} -- x");
        }
        for text in [(*text).to_owned(), noisy] {
            let statements = analyse(text.as_bytes(), Lexing::default()).statements;
            let plain = |class: Class, marks: Marks| class == Class::Read && !marks.intersects(MORE);
            assert!(!statements.is_empty(), "{text}");
            assert!(
                !statements.iter().all(|one| plain(one.class, one.effects.marks)),
                "{text}: {:?}",
                statements.iter().map(|one| (one.class, &one.effects)).collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn statements_behind_others() {
    none_is_a_plain_read(&[
        "select 1; drop table t",
        "select 1;;update t set a = 1",
        "show all; delete from t; select 1",
    ]);
}

#[test]
fn changes_within_what_looks_like_a_query() {
    none_is_a_plain_read(&[
        "with a as (delete from t returning *) select * from a",
        "with a as (with b as (insert into t values (1) returning *) select * from b) select * from a",
        "with a as materialized (update t set x = 1 returning *) table a",
        "with a as (merge into t using u on true when matched then delete returning *) select * from a",
        "select * from (with a as (delete from t returning *) select * from a) b",
        "select (with a as (delete from t returning 1) select * from a)",
        "values ((with a as (update t set x = 1 returning 1) select * from a))",
        "select * into t from u",
        "select 1 into t union select 2",
        "(select 1 into temp t)",
        "table t for update",
        "explain analyze delete from t",
        "explain (analyze) insert into t values (1)",
        "explain (verbose, analyze on) update t set a = 1",
        "explain (analyze off, analyze) delete from t",
        "explain (ANALYZE TRUE) create table t as select 1",
        "explain (\"analyze\") delete from t",
        "explain analyze select nextval('s')",
        "prepare p as delete from t",
        "prepare p (int) as select nextval('s')",
        "declare c cursor with hold for select nextval('s')",
        "copy (delete from t returning *) to stdout",
        "create table t as select 1",
        "create table t as execute p",
        "create materialized view v as select 1",
        "merge into t using u on true when matched then delete",
        "refresh materialized view v",
    ]);
}

#[test]
fn what_a_name_stands_for_is_not_left_out() {
    for text in ["execute p", "explain analyze execute p", "explain (analyze) execute p(1)"] {
        let statement = only(text);
        assert_eq!(statement.verb, Verb::Execute { name: "p".into() }, "{text}");
        assert!(statement.effects.marks.contains(Marks::USES_NAME), "{text}");
    }
    for text in ["create table t as execute p", "explain analyze create table t as execute p"] {
        assert_eq!(only(text).class, Class::Unknown, "{text}");
    }
}

#[test]
fn locks_notifications_and_temporary_tables() {
    none_is_a_plain_read(&[
        "select * from t for update",
        "select * from t for no key update of t nowait",
        "select * from t for share skip locked",
        "select * from (select * from t for key share) u",
        "lock table t",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_xact_lock(1)",
        "listen a",
        "notify a",
        "select pg_notify('a', 'b')",
        "create temp table t (a int)",
        "drop table pg_temp.t",
    ]);
}

#[test]
fn functions_with_side_effects() {
    none_is_a_plain_read(&[
        "select f()",
        "select s.f()",
        "select pg_catalog.f()",
        "select nextval('s')",
        "select setval('s', 1)",
        "select ('s'::regclass).nextval",
        "select x.nextval from cast('s' as regclass) x",
        "select (s).nextval from (select 's'::regclass s) x",
        "select lo_create(0), lo_unlink(1)",
        "select lo_import('/etc/passwd')",
        "select lo_export(1, '/tmp/x')",
        "select lowrite(0, 'x')",
        "select pg_terminate_backend(1)",
        "select pg_cancel_backend(1)",
        "select pg_reload_conf()",
        "select pg_switch_wal()",
        "select pg_logical_emit_message(true, 'a', 'b')",
        "select pg_create_logical_replication_slot('a', 'b')",
        "select pg_drop_replication_slot('a')",
        "select pg_read_file('/etc/passwd')",
        "select pg_read_binary_file('x')",
        "select * from pg_ls_dir('.')",
        "select * from dblink('x', 'delete from t') as a(b int)",
        "select dblink_exec('x', 'delete from t')",
        "select query_to_xml('select f()', true, true, '')",
        "select table_to_xml('t', true, true, '')",
        "select database_to_xml(true, true, '')",
        "select * from ts_stat('select f()')",
        "select txid_current()",
        "select pg_current_xact_id()",
        "select pg_export_snapshot()",
        "select pg_stat_reset()",
        "select pg_import_system_collations('s')",
        "select crosstab('delete from t')",
        "select set_config('transaction_read_only', 'off', true)",
        "select set_config('default_transaction_read_only', 'off', false)",
        "select set_config($1, 'off', true)",
        "select set_config('transaction_' || 'read_only', 'off', true)",
        "select set_config('role', 'postgres', false)",
        "select set_config('session_authorization', 'postgres', false)",
        "select 1 where f() is null",
        "select 1 order by f()",
        "select 1 group by f()",
        "select 1 having f()",
        "select 1 limit f()",
        "select 1 offset f()",
        "select count(*) filter (where f()) from t",
        "select rank() over (order by f())",
        "select rank() over w from t window w as (partition by f())",
        "select string_agg(a, b order by f()) from t",
        "select percentile_cont(f()) within group (order by a) from t",
        "select * from f()",
        "select * from rows from (f())",
        "select * from t join u on f()",
        "select * from t, lateral f(t.a)",
        "select * from t tablesample f(1)",
        "select * from t tablesample system (f())",
        "select distinct on (f()) 1",
        "select case when f() then 1 end",
        "select array[f()], row(f()), (array[1])[f()]",
        "select a between f() and 1 from t",
        "select a in (1, f()) from t",
        "select a operator(s.=) 1 from t",
        "select a from t order by a using operator(s.<)",
        "select 1 = any (select f())",
        "select exists (select f())",
        "select xmlelement(name a, f())",
        "select json_object('a': f())",
        "select * from json_table(f(), '$' columns (a int path '$'))",
        "select * from xmltable('/' passing f() columns a int)",
        "select f() union select 1",
        "values (f())",
        "execute p(f())",
        "explain select f()",
    ]);
}

#[test]
fn commands_that_run_code_or_change_who_acts() {
    none_is_a_plain_read(&[
        "do $$ begin delete from t; end $$",
        "call p()",
        "copy t from stdin",
        "copy t from '/etc/passwd'",
        "copy t to '/tmp/x'",
        "copy t to program 'sh'",
        "copy (select 1) to program 'sh'",
        "create function f() returns int language sql as 'select 1'",
        "alter system set a = 1",
        "load 'x'",
        "set role postgres",
        "set session authorization postgres",
        "reset role",
        "reset session authorization",
        "prepare transaction 'x'",
        "commit prepared 'x'",
        "vacuum t",
        "analyze t",
        "reindex table t",
        "cluster t",
        "checkpoint",
        "truncate t",
        "grant all on t to public",
        "security label on table t is 'x'",
        "comment on table t is 'x'",
        "import foreign schema a from server b into c",
    ]);
}

#[test]
fn what_undoes_the_sessions_default() {
    let undone = Marks::UNDOES_READ_ONLY;
    for (text, marks) in [
        ("set default_transaction_read_only = off", undone),
        ("set session default_transaction_read_only to 'fal'", undone),
        ("set \"default_transaction_read_only\" = 0", undone),
        ("set Transaction_Read_Only = no", undone),
        ("set local transaction_read_only to off", undone),
        ("set transaction read write", undone),
        ("set session characteristics as transaction read write", undone),
        ("begin read write", undone),
        ("begin isolation level serializable read write", undone),
        ("start transaction read write", undone),
        ("reset transaction_read_only", undone),
        ("select set_config('Default_Transaction_Read_Only', 'f', false)", undone),
        ("select pg_catalog.set_config('transaction_read_only', a, false) from t", undone),
        ("with a as (select set_config('transaction_read_only', 'off', true)) select * from a", undone),
        ("alter role x set default_transaction_read_only = off", undone),
        ("alter database x set default_transaction_read_only = off", undone),
        ("alter system set default_transaction_read_only = off", undone),
        ("reset all", Marks::RESETS_SETTINGS),
        ("discard all", Marks::RESETS_SETTINGS),
    ] {
        assert!(only(text).effects.marks.contains(marks), "{text}: {:?}", only(text).effects);
    }
    for text in
        ["set default_transaction_read_only = on", "begin read only", "reset default_transaction_read_only"]
    {
        assert!(!only(text).effects.marks.contains(undone), "{text}");
    }
}

#[test]
fn quotes_and_escapes_do_not_hide_a_statement() {
    none_is_a_plain_read(&[
        "select 'a'; delete from t",
        "select E'a\\''; delete from t; --'",
        "select $$a$$; delete from t",
        "select $a$ $$ $a$; delete from t; select $$ $$",
        "select U&'\\0027'; delete from t",
        "select U&\"f\"()",
        "select \"lower\"(1), \"Lower\"(2)",
        "select/**/f()",
        "select f/**/()",
        "select\u{b}f()",
        "select\u{c}1;delete\u{c}from\u{c}t",
        "/* /* */ select 1 */ delete from t",
    ]);
    let off = Lexing::Postgres { standard_conforming_strings: false };
    let text = br"select 'a\'; delete from t; --'";
    assert_eq!(analyse(text, off).statements.len(), 1);
    assert_eq!(analyse(text, Lexing::default()).statements.len(), 2);
    assert!(
        analyse(br"select 'a\'', f('b\'')", off).statements[0]
            .effects
            .marks
            .contains(Marks::UNKNOWN_FUNCTION)
    );
}
