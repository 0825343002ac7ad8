//! Which comments say something, and what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn read(text: &str, lexing: Lexing) -> Option<String> {
    let tags = trace_tags(text.as_bytes(), lexing)?;
    Some(tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "))
}

#[track_caller]
fn check(text: &str, expected: Option<&str>) {
    for lexing in [Lexing::default(), Lexing::MYSQL] {
        assert_eq!(read(text, lexing).as_deref(), expected, "{lexing:?} {text}");
    }
}

#[test]
fn tags_stand_behind_a_statement_or_before_it() {
    check("select 1 /*a='1',b='2'*/", Some("a=1 b=2"));
    check("select 1/*a='1'*/", Some("a=1"));
    check("select 1 /*a='1'*/;", Some("a=1"));
    check("select 1; /*a='1'*/ ; \n\t", Some("a=1"));
    check("/*a='1'*/ select 1", Some("a=1"));
    check(" \n/* hello */ /*a='1'*/ select 1", Some("a=1"));
    check("/*a='1'*/ select 1 /*b='2'*/", Some("b=2"));
    check("/*a='1'*/ select 1 /* no tags */", Some("a=1"));
    check("/*a='1'*/", Some("a=1"));
    check("select 1 /* a = '1' , b='2' */", Some("a=1 b=2"));
    check("select 1 /*a=''*/", Some("a="));
}

#[test]
fn values_are_decoded() {
    check("select 1 /*route='%2Fpolls%201000'*/", Some("route=/polls 1000"));
    check("select 1 /*a='it\\'s'*/", Some("a=it's"));
    check("select 1 /*a='%c3%A9'*/", Some("a=é"));
    check("select 1 /*a='é'*/", Some("a=é"));
    check(
        "select 1 /*db_driver='django.db.backends.postgresql',a-b.c='x'*/",
        Some("db_driver=django.db.backends.postgresql a-b.c=x"),
    );
}

#[test]
fn what_is_no_comment_says_nothing() {
    check("select 1", None);
    check("", None);
    check(" ; ", None);
    check("*/", None);
    check("/*/", None);
    check("select '/*a=''1''*/'", None);
    check("select '/*a=1*/", None);
    check("select 1 -- /*a='1'*/", None);
    check("select 'x /*a=' '*/'", None);
    check("select 1 /*a='1'*/ + 2", None);
    check("select \"/*a='1'*/", None);
    check("select 1 /*a='1'", None);
    // A comment within a comment that has no end.
    check("select 1 /* /*a='1'*/ 2", None);
    assert_eq!(read("select $$ /*a='1'*/", Lexing::default()), None);
    assert_eq!(read("select $$ /*a='1'*/$$", Lexing::default()), None);
    assert_eq!(read("select 1 # /*a='1'*/", Lexing::MYSQL), None);
    assert_eq!(read("select 1 /*!50001 a='1'*/", Lexing::MYSQL), None);
    assert_eq!(read("select /*!50001 1 /*a='1'*/", Lexing::MYSQL), None);
    // Whether a literal ends there depends on the session.
    assert_eq!(read(r"select 'a\' /*a='1'*/", Lexing::default()), None);
}

#[test]
fn a_comment_that_breaks_the_conventions_says_nothing() {
    for comment in [
        "hello",
        "a",
        "a=",
        "a=1",
        "a='1",
        "a=\"1\"",
        "='1'",
        "a='1' b='2'",
        "a='1',",
        ",a='1'",
        "a='1',,b='2'",
        "a='1',a='2'",
        "a b='1'",
        "a='%'",
        "a='%2'",
        "a='%zz'",
        "a='%00'",
        "a='%0a'",
        "a='x\ny'",
        "a='%ff'",
        "a='\\'",
        "+ BKA(t) ",
        "a%20b='1'",
        "a='%c2%85'",
    ] {
        check(&format!("select 1 /*{comment}*/"), None);
    }
}

#[test]
fn everything_has_a_bound() {
    let tag = |number: usize| format!("k{number}='v'");
    let list = |count: usize| (0..count).map(tag).collect::<Vec<_>>().join(",");
    assert!(read(&format!("select 1 /*{}*/", list(TAGS_MAX)), Lexing::default()).is_some());
    check(&format!("select 1 /*{}*/", list(TAGS_MAX + 1)), None);
    let long = |count: usize| format!("select 1 /*a='{}'*/", "x".repeat(count));
    assert!(read(&long(VALUE_BYTES_MAX), Lexing::default()).is_some());
    check(&long(VALUE_BYTES_MAX + 1), None);
    let encoded = format!("select 1 /*a='{}'*/", "%41".repeat(VALUE_BYTES_MAX));
    check(&encoded, Some(&format!("a={}", "A".repeat(VALUE_BYTES_MAX))));
    // The end of a long text is not looked at, its beginning is.
    let wide = " ".repeat(TEXT_BYTES_MAX);
    check(&format!("select 1{wide}/*a='1'*/"), None);
    check(&format!("/*a='1'*/ select 1{wide}"), Some("a=1"));
}

fn trace(parent: &str) -> Option<u128> {
    trace_tags(format!("select 1 /*traceparent='{parent}'*/").as_bytes(), Lexing::default())?.trace_id()
}

#[test]
fn a_trace_is_told_by_a_valid_parent_only() {
    assert_eq!(trace(TRACE), Some(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736));
    assert_eq!(trace(&TRACE.replacen("00", "cc", 1)), trace(TRACE));
    assert_eq!(trace(&(TRACE.replacen("00", "cc", 1) + "-more")), trace(TRACE));
    for wrong in [
        String::new(),
        "4bf92f3577b34da6a3ce929d0e0e4736".into(),
        TRACE.to_uppercase(),
        TRACE.replacen("00", "ff", 1),
        TRACE.replace('-', "_"),
        TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
        TRACE.replace("00f067aa0ba902b7", &"0".repeat(16)),
        TRACE.replace("01", "g1"),
        TRACE[..54].into(),
        format!("{TRACE}-more"),
        format!("{}x", TRACE.replacen("00", "cc", 1)),
    ] {
        assert_eq!(trace(&wrong), None, "{wrong}");
    }
}

#[test]
fn whom_it_is_for_stands_in_one_tag_only() {
    let of = |text: &str| {
        trace_tags(text.as_bytes(), Lexing::default())
            .and_then(|tags| tags.on_behalf_of().map(Cow::into_owned))
    };
    assert_eq!(of("select 1 /*on_behalf_of='ada%40example.org'*/").as_deref(), Some("ada@example.org"));
    assert_eq!(of("select 1 /*on_behalf_of=''*/"), None);
    assert_eq!(of("select 1 /*user='ada'*/"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_looked_at(text in "[a-c'\"$%/*;= \\\\,\\-#!]{0,40}") {
        for lexing in [Lexing::default(), Lexing::MYSQL] {
            if let Some(tags) = trace_tags(text.as_bytes(), lexing) {
                prop_assert!(tags.iter().count() == tags.used && tags.used > 0);
            }
        }
    }

    #[test]
    fn a_value_comes_back_as_it_was_encoded(value in "[^\\p{Cc}]{0,40}") {
        prop_assume!(value.len() <= VALUE_BYTES_MAX);
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let text = format!("select 1 /*a='{encoded}'*/");
        let tags = trace_tags(text.as_bytes(), Lexing::default()).unwrap();
        prop_assert_eq!(tags.value("a").unwrap(), value);
    }
}
