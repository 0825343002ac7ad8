//! Which names pass for tables, and which do not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::{Lexing, analyse};
use exchange::{Statement, Verb};

fn tables_by(text: &str, lexing: Lexing) -> Vec<String> {
    let statements = analyse(text.as_bytes(), lexing).statements;
    assert_eq!(statements.len(), 1, "{text}");
    statements[0].tables.iter().map(|name| name.to_string()).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(tables_by(text, Lexing::default()), expected, "{text}");
}

#[track_caller]
fn check_mysql(text: &str, expected: &[&str]) {
    assert_eq!(tables_by(text, Lexing::MYSQL), expected, "{text}");
}

#[test]
fn the_tables_of_queries() {
    check("select a, b from t", &["t"]);
    check(
        "select * from a, b x, only c, lateral (select * from d) y where z in (select 1 from e)",
        &["a", "b", "c", "d", "e"],
    );
    check("select * from a join b on a.x = b.x left join c using (x, y), d where p", &["a", "b", "c", "d"]);
    check("select * from (a join b on true) cross join c", &["a", "b", "c"]);
    check("select 1 from a order by b, c", &["a"]);
    check("select 1 from a group by b, c having d, e", &["a"]);
    check("(select 1 from a) union all (table b) limit 1", &["a", "b"]);
    check("select * from a tablesample system (1), b", &["a", "b"]);
    check("select 1 from a where b = (select c from d, e), f", &["a", "d", "e"]);
    check("select 1 from a for update of b, c", &["a"]);
}

#[test]
fn the_tables_of_changes() {
    check("insert into a (b, c) select 1 from d on conflict (b) do update set c = 1, e = 2", &["a", "d"]);
    check("update only a x set b = 1, c = 2 from d, e where f", &["a", "d", "e"]);
    check("delete from a using b, (select 1 from c) d where e", &["a", "b", "c"]);
    check(
        "merge into a using b on c when matched then update set d = 1, e = 2 when not matched then insert (a, b) values (1, 2)",
        &["a", "b"],
    );
    check("truncate table a, only b restart identity", &["a", "b"]);
    check("copy a (b, c) from stdin", &["a"]);
    check("copy (select 1 from a, b) to stdout", &["a", "b"]);
    check("select 1 into temp a from b", &["a", "b"]);
    check("insert into temp values (1)", &["temp"]);
}

#[test]
fn the_tables_of_definitions() {
    check(
        "create table if not exists a (b int references c (d), foreign key (e) references f)",
        &["a", "c", "f"],
    );
    check("alter table if exists only a add b int, add c int", &["a"]);
    check("drop table if exists a, b cascade", &["a", "b"]);
    check("create index i on a using btree (b, c)", &["a"]);
    check("create trigger t before update of b on a for each row execute function f()", &["a"]);
    check("create temp table a on commit drop as select 1 from b", &["a", "b"]);
    check("lock table a, b in share mode", &["a", "b"]);
    check("create function f() returns table (a int) language sql as 'select 1'", &[]);
    check("grant select on table a to b", &["a"]);
}

#[test]
fn names_are_folded_as_the_server_folds_them() {
    check("select * from Shop.Orders, \"Shop\".\"Orders\", shop . orders", &["Shop.Orders", "shop.orders"]);
    check("select * from \"a.b\", a.b, \"c\"\"d\"", &["\"a.b\"", "a.b", "c\"d"]);
    check("select * from U&\"d\\0061ta\"", &["data"]);
    check("select * from b, a, b, A, \"a\"", &["a", "b"]);
}

#[test]
fn functions_and_named_queries_are_no_tables() {
    check("select * from f(1), a, rows from (g(), h()) r, generate_series(1, 2)", &["a"]);
    check("with a as (select * from b), c (x) as materialized (select 1) select * from a, c, d", &["b", "d"]);
    check("with recursive a as (select 1 union all select * from a) delete from e using a", &["e"]);
    check("with a as (insert into t select 1 returning *) select * from a, s.a", &["s.a", "t"]);
    check("select extract(year from a), substring(b from 1 for 2), trim(both from c) from d", &["d"]);
    check("select a is distinct from b from c", &["c"]);
    check("select t.from, t.table, x.join from a", &["a"]);
    check("select a from b with_ordinality, c", &["b", "c"]);
    check("fetch 1 from c", &[]);
    check("set a to b, c", &[]);
    check("select 1", &[]);
}

#[test]
fn what_a_prepared_statement_names_is_known_of_it_and_of_what_it_stands_for() {
    let statements = analyse(b"prepare p as select * from t", Lexing::default()).statements;
    let Verb::Prepare { inner, .. } = &statements[0].verb else { panic!("{statements:?}") };
    assert_eq!((&*statements[0].tables[0], &*inner.tables[0]), ("t", "t"));
}

#[test]
fn mysql_has_its_own_ways() {
    check_mysql("select * from `a b`.`c`, D, dual", &["D", "a b.c"]);
    check_mysql("insert ignore t set a = 1", &["t"]);
    check_mysql("replace t values (1)", &["t"]);
    check_mysql("update low_priority a, b set a.x = 1, c = 2", &["a", "b"]);
    check_mysql("delete from a using a, b where c", &["a", "b"]);
    check_mysql("select 1 from a join b into outfile 'x'", &["a", "b"]);
    check_mysql("select 1 into @a from b", &["b"]);
    check_mysql("load data infile 'x' into table t", &["t"]);
    check_mysql("insert into a values (1) on duplicate key update b = 1, c = 2", &["a"]);
    check_mysql("lock tables a read, b write", &["a", "b"]);
}

#[test]
fn nothing_is_taken_from_behind_a_disputed_or_missing_end() {
    check(r"select 'a\' from b, c, 'd'", &[]);
    check("select * from a where x = 'unfinished from b", &["a"]);
    check("select * from \"unfinished", &[]);
}

#[test]
fn there_are_never_more_than_the_bounds_allow() {
    let many: Vec<String> = (0..40).map(|number| format!("t{number:02}")).collect();
    let found = tables_by(&format!("select * from {}", many.join(", ")), Lexing::default());
    assert_eq!(found, many[..Statement::TABLES_MAX]);
    let long: Vec<String> = (0..12).map(|number| format!("{}{number:02}", "n".repeat(60))).collect();
    let found = tables_by(&format!("select * from {}", long.join(", ")), Lexing::default());
    assert_eq!(found, long[..Statement::TABLES_BYTES_MAX / 62]);
    let deep = format!("select * from a where b in {}select 1 from c{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(tables_by(&deep, Lexing::default()), ["a"]);
}
