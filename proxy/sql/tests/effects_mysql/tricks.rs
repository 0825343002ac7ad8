//! Does a name that is written so that it looks like something else stay what it is to the server?

use crate::{MYSQL, check, check_as};

#[test]
fn a_word_before_a_literal_is_a_column_unless_it_is_a_character_set() {
    check(&[
        (
            "select _secret'x', _gb18030 'y' from t",
            "read select | returns_rows | relations: t read | columns: t._secret, t._gb18030",
        ),
        (
            "select _utf8mb4'x', _BINARY 'y', _latin1 0x41 from t",
            "read select | returns_rows | relations: t read",
        ),
        (
            "select 1 + _secret \"x\" from t",
            "read select | returns_rows | relations: t read | columns: t._secret",
        ),
    ]);
    check_as(MYSQL, &[("select _gb18030'x' from t", "read select | returns_rows | relations: t read")]);
}

#[test]
fn a_qualified_column_may_be_one_further_out_where_the_nearest_has_none_of_its_name() {
    check(&[
        (
            "select (select c.note from sums c) from canary c",
            "read select | returns_rows | relations: sums read, canary read | columns: sums.note, canary.note",
        ),
        (
            "select (select s.canary.note from sums canary) from s.canary",
            "read select | returns_rows | relations: sums read, s.canary read | columns: canary.note, sums.note",
        ),
        (
            "select t.note from a.t, b.t",
            "read select | returns_rows | relations: a.t read, b.t read | columns: t.note, t.note",
        ),
        (
            "select b.t.note from a.t, b.t",
            "read select | returns_rows | relations: a.t read, b.t read | columns: t.note",
        ),
        (
            "select (select c.note from (select 1 x) c) from canary c",
            "read select | returns_rows | relations: canary read | columns: ?.note, canary.note",
        ),
        (
            "select (select c.* from sums c) from canary c",
            "read select | returns_rows all_columns | relations: sums read, canary read | columns: sums.*",
        ),
    ]);
}

#[test]
fn what_ends_the_server_is_not_judged() {
    check(&[
        (
            "show tables where (with w as (select 1) select * from w)",
            r#"unknown unknown | Unjudged(Node("WITH in SHOW"))"#,
        ),
        ("show tables where (select 1)", "read show | reads_catalog returns_rows"),
    ]);
}

#[test]
fn what_one_server_groups_by_the_other_calls() {
    check(&[(
        "select 1 from t group by rollup (a, b), cube(c)",
        "code/read select | unknown_function returns_rows | relations: t read | functions: rollup unknown, cube unknown | columns: t.a, t.b, t.c",
    )]);
    check_as(
        MYSQL,
        &[(
            "select a from t group by rollup (a, b)",
            "read select | returns_rows | relations: t read | columns: t.a, t.b",
        )],
    );
}

#[test]
fn a_text_that_another_character_set_brings_to_life_is_not_prepared() {
    let lost = r#"unknown unknown | Unjudged(Ambiguous("the connection's character set may lack what a literal or name in it has"))"#;
    check(&[
        (r"prepare p from 'select ''\\'' , f() -- '' '", lost),
        ("prepare p from 'select `+ f() +` from t'", lost),
        ("prepare p from 'select é from t'", lost),
        (
            "prepare p from 'select `a`, ''é'', @b | 1 from `t`'",
            "read prepare | literals_decide returns_rows uses_name | relations: t read | columns: t.a",
        ),
    ]);
}
