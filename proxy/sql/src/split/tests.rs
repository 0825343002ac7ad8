//! Where statements end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<&str> = Statements::new(text.as_bytes(), Lexing::default())
        .map(|range| text.get(range).expect("a range of whole characters"))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_semicolon_ends_a_statement_and_empty_ones_are_dropped() {
    check("", &[]);
    check(" ; ;; /* ; */ -- ;\n;", &[]);
    check("select 1", &["select 1"]);
    check(" select 1 ;; select 2 /* x */ ; -- y", &["select 1", "select 2"]);
    check("select 1; select", &["select 1", "select"]);
}

#[test]
fn semicolons_inside_tokens_end_nothing() {
    check(
        "select ';', \";\", $$;$$, $a$ ; $b$ ; $a$, E'\\';' ; x",
        &["select ';', \";\", $$;$$, $a$ ; $b$ ; $a$, E'\\';'", "x"],
    );
    check("select 1 /* ; /* ; */ ; */ ; select 2 -- ;", &["select 1", "select 2"]);
}

#[test]
fn semicolons_inside_parentheses_end_nothing() {
    check(
        "create rule r as on insert to t do (select 1; select 2); select 3",
        &["create rule r as on insert to t do (select 1; select 2)", "select 3"],
    );
    check("select 1); select 2", &["select 1)", "select 2"]);
    check("select (1; select 2", &["select (1; select 2"]);
}

#[test]
fn the_body_of_a_routine_is_part_of_it() {
    let function = "create or replace function f() returns int begin atomic \
        select case when true then 1 end; select case a when 1 then 2 end end; end";
    check(&format!("{function}; select 1"), &[function, "select 1"]);
    let procedure = "CREATE PROCEDURE p() BEGIN ATOMIC END";
    check(&format!("{procedure};{procedure}"), &[procedure, procedure]);
    let nested = "create function f() returns int begin atomic create function g() returns int begin atomic select 1; end; end";
    check(&format!("{nested}; commit"), &[nested, "commit"]);
    check(
        "create function f() returns int begin atomic select 1; select begin atomic; end; x",
        &["create function f() returns int begin atomic select 1; select begin atomic; end", "x"],
    );
}

#[test]
fn begin_atomic_elsewhere_is_nothing_special() {
    check("begin; atomic; end", &["begin", "atomic", "end"]);
    check("select begin atomic from t; select 1; end", &["select begin atomic from t", "select 1", "end"]);
    check("create table begin (a int); begin; end", &["create table begin (a int)", "begin", "end"]);
    check(
        "create function f() returns int return 1; begin; end",
        &["create function f() returns int return 1", "begin", "end"],
    );
}

#[test]
fn a_million_semicolons_are_nothing() {
    check(&";".repeat(1_000_000), &[]);
}
