//! Where MySQL's statements are divided.

use crate::Lexing;
use crate::split::Statements;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<&str> =
        Statements::new(text.as_bytes(), Lexing::MYSQL).filter_map(|range| text.get(range)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn statements_end_at_semicolons() {
    check("select 1; select 2;", &["select 1", "select 2"]);
    check("begin; insert t values (1); commit", &["begin", "insert t values (1)", "commit"]);
    check("select case a when 1 then 2 end; select 2", &["select case a when 1 then 2 end", "select 2"]);
    check(
        "create table begin (a int); select if(a, b, c)",
        &["create table begin (a int)", "select if(a, b, c)"],
    );
    check("select `;`, \";\" # ;\n; select 2", &["select `;`, \";\"", "select 2"]);
}

#[test]
fn the_body_of_a_stored_program_is_one_statement() {
    for program in [
        "create procedure p() begin select 1; select 2; end",
        "create definer = `a`@`b` procedure p(in a int) deterministic begin if a then select 1; end if; end",
        "create procedure p() begin case a when 1 then select 1; else select 2; end case; end",
        "create procedure p() l: loop leave l; end loop l",
        "create procedure p() begin for i in 1..9 do select i; select 2; end for; end",
        "create procedure p() begin declare c cursor (a int) for select a; open c(1); end",
        "create function f() returns int begin return case a when 1 then if(a, b, c) else repeat('a', 2) end; end",
        "create trigger t before insert on u for each row begin set new.a = 1; set new.b = 2; end",
        "create trigger t before insert on u for each row if new.a then set new.b = 2; end if",
        "create event e on schedule every 1 day do begin delete from t; delete from u; end",
        "create or replace procedure p() begin while a do repeat set a = 1; until a end repeat; end while; end",
        "create procedure if not exists p() begin begin select 1; end; drop table if exists t; end",
        "begin not atomic select 1; if a then select 2; end if; end",
    ] {
        check(&format!("{program}; select 3"), &[program, "select 3"]);
    }
}

#[test]
fn a_body_without_a_block_ends_at_its_semicolon() {
    check("create procedure p() select 1; select 2", &["create procedure p() select 1", "select 2"]);
    check(
        "create event e on schedule at now() do delete from t; select 2",
        &["create event e on schedule at now() do delete from t", "select 2"],
    );
}
