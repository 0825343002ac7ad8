//! Commands that run, prepare or explain others, and those beside.

use crate::check;

#[test]
fn explain_is_what_it_runs() {
    check(&[
        (
            "explain select f(1) from t",
            "code/read explain | literals_decide unknown_function explains returns_rows | relations: t read | functions: f unknown",
        ),
        ("explain delete from t", "read explain | literals_decide explains returns_rows | relations: t read"),
        (
            "explain analyze delete from t",
            "write explain | literals_decide every_row returns_rows | relations: t delete",
        ),
        (
            "explain (analyze) insert into t select g(1)",
            "code/write explain | literals_decide unknown_function returns_rows | relations: t insert | functions: g unknown | columns: t.*",
        ),
        (
            "explain (analyze off) delete from t",
            "read explain | literals_decide explains returns_rows | relations: t read",
        ),
        (
            "explain (analyze 0, analyze) delete from t",
            "write explain | literals_decide every_row returns_rows | relations: t delete",
        ),
        (
            "explain (analyze 'maybe') delete from t",
            "unknown explain | literals_decide every_row returns_rows | relations: t delete",
        ),
        (
            "explain (analyze, verbose) select nextval('s')",
            "write explain | literals_decide writing_function returns_rows | functions: nextval acts",
        ),
        (
            "explain select nextval('s')",
            "read explain | literals_decide explains returns_rows | functions: nextval acts",
        ),
        ("explain execute p", "read explain | literals_decide explains returns_rows uses_name"),
        (
            "explain analyze execute p(f(1))",
            "code/read explain | literals_decide unknown_function returns_rows uses_name | functions: f unknown",
        ),
        (
            "explain create table x as select * from y",
            "read explain | literals_decide explains returns_rows | relations: x read, y read | columns: y.*",
        ),
    ]);
}

#[test]
fn a_command_is_what_it_does() {
    check(&[
        (
            "explain analyze create table x as execute p",
            "unknown explain | literals_decide returns_rows uses_name | relations: x define",
        ),
        (
            "explain (format json) declare c cursor for select * from t",
            "read explain | literals_decide explains returns_rows uses_name | relations: t read | columns: t.*",
        ),
        (
            "create table x as execute p(1)",
            "unknown create table as | literals_decide uses_name | relations: x define",
        ),
        (
            "create table x as select f(a) from y",
            "code/ddl create table as | literals_decide unknown_function | relations: x define, y read | functions: f unknown | columns: y.a",
        ),
        (
            "create temp table x as select a from y with no data",
            "ddl create table as | literals_decide temporary | relations: x define, y read | columns: y.a",
        ),
        (
            "create temp table x as with d as (delete from u returning *) select * from d",
            "ddl create table as | literals_decide every_row | relations: x define, u read+delete | columns: u.*, ?.*",
        ),
        (
            "create materialized view m as select a from t",
            "ddl create materialized view | literals_decide | relations: m define, t read | columns: t.a",
        ),
        (
            "refresh materialized view m",
            "maintenance refresh materialized view | literals_decide | relations: m define",
        ),
        (
            "prepare p as select * from t where a = $1",
            "read prepare | filtered returns_rows all_columns uses_name | relations: t read | columns: t.*, t.a",
        ),
        ("prepare p (int) as delete from t", "write prepare | every_row uses_name | relations: t delete"),
        (
            "declare c cursor for select * from t",
            "read declare cursor | returns_rows all_columns uses_name | relations: t read | columns: t.*",
        ),
        (
            "declare c cursor with hold for select f(1)",
            "code/read declare cursor | unknown_function returns_rows uses_name | functions: f unknown",
        ),
        ("execute p(1, 'a')", "read execute | uses_name"),
        ("execute p(f(1))", "code/read execute | unknown_function uses_name | functions: f unknown"),
        ("fetch 5 from c", "read fetch | returns_rows uses_name"),
        ("move all c", "read move | uses_name"),
        ("close all", "read close cursor all | uses_name"),
        ("deallocate all", "session deallocate all | literals_decide uses_name"),
        ("discard all", "session discard all | literals_decide resets_settings uses_name"),
        ("discard temp", "session discard temp | literals_decide"),
        (
            "copy t to stdout",
            "read copy | literals_decide returns_rows all_columns | relations: t read | columns: t.*",
        ),
        (
            "copy s.t (a, b) from stdin",
            "write copy | literals_decide takes_data | relations: s.t insert | columns: t.a, t.b",
        ),
        (
            "copy (select a from t where f(b)) to stdout",
            "code/read copy | literals_decide filtered unknown_function returns_rows | relations: t read | functions: f unknown | columns: t.a, t.b",
        ),
        (
            "copy (delete from t returning *) to stdout",
            "write copy | literals_decide every_row returns_rows all_columns | relations: t read+delete | columns: t.*",
        ),
        (
            "copy t to '/tmp/x'",
            "code copy | literals_decide server_file all_columns | relations: t read | columns: t.*",
        ),
        (
            "copy t from program 'ls'",
            "code copy | literals_decide server_program | relations: t insert | columns: t.*",
        ),
        (
            "copy t from stdin where f(a)",
            "code/write copy | literals_decide unknown_function takes_data | relations: t insert | functions: f unknown | columns: t.*, t.a",
        ),
        ("listen a", "session listen | literals_decide notifies"),
        ("notify a, 'b'", "session notify | literals_decide notifies"),
        ("unlisten *", "session unlisten | literals_decide"),
        ("lock table t, s.u in share mode", "write lock table | locks_table | relations: t lock, s.u lock"),
        ("truncate t, only s.u cascade", "write truncate table | relations: t truncate, s.u truncate"),
        ("vacuum full t", "maintenance vacuum | literals_decide | relations: t define"),
        ("analyze t (a)", "maintenance analyze | literals_decide | relations: t define"),
        ("cluster t using i", "maintenance cluster | literals_decide | relations: t define"),
        ("reindex table t", "maintenance reindex | literals_decide | relations: t define"),
        ("checkpoint", "maintenance checkpoint | literals_decide"),
        ("do $$ begin end $$", "code do | literals_decide runs_text"),
        ("do language plperlu 'x'", "code do | literals_decide runs_text"),
        ("call p(1, f(2))", "code call | literals_decide unknown_function | functions: p unknown, f unknown"),
        ("load 'x'", "code load | literals_decide server_file"),
        (
            "lock pg_authid",
            "write lock table | locks_table reads_catalog reads_secrets | relations: pg_authid lock",
        ),
    ]);
}
