//! Are relations, columns and joins of a statement those that somebody reads off it?
//!
//! One line of an answer shows the relations with what happens to them, the columns with where they stand
//! (`!` where they get a value; `?` and the candidates where the text does not tell whose they are), and
//! the joins; `~` stands behind what is not complete.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "fingerprints/corpus.rs"]
mod corpus;
#[path = "usage/mysql.rs"]
mod mysql;
#[path = "usage/postgres.rs"]
mod postgres;

use corpus::Corpus;
use exchange::Basis;
use proptest::prelude::*;
use sql::usage::{Column, ITEMS_MAX, TEXT_BYTES_MAX, Usage, usage};
use sql::{Lexing, analyse};
use std::time::{Duration, Instant};

/// The columns and joins of an answer under the names of their relations, in the order of the alphabet.
fn shown(usage: &Usage) -> String {
    let relation = |place: usize| {
        let one = &usage.relations[place];
        one.schema.as_ref().map_or_else(|| one.name.to_string(), |schema| format!("{schema}.{}", one.name))
    };
    let column = |column: &Column| match column.relation {
        Some(place) => format!("{}.{}", relation(place), column.name),
        None => {
            let among: Vec<String> = column.among.iter().map(|place| relation(*place)).collect();
            format!("?{}({})", column.name, among.join(" "))
        }
    };
    let sorted = |mut parts: Vec<String>| {
        parts.sort();
        parts.join(", ")
    };
    let relations = (0..usage.relations.len()).map(|place| {
        let access: Vec<&str> = usage.relations[place].access.words().collect();
        format!("{} {}", relation(place), access.join("+"))
    });
    let columns = usage.columns.iter().map(|one| {
        let written = if one.written { "!" } else { "" };
        format!("{written}{} {}", column(&one.column), one.place.as_str())
    });
    let joins = usage
        .joins
        .iter()
        .map(|one| format!("{}={} {}", column(&one.left), column(&one.right), one.kind.as_str()));
    let parts = [sorted(relations.collect()), sorted(columns.collect()), sorted(joins.collect())];
    let complete = if usage.complete { "" } else { " ~" };
    format!("{}{complete}", parts.join(" | ").trim_end_matches([' ', '|'])).trim().to_owned()
}

#[track_caller]
fn check(cases: &[(&str, &str)], lexing: Lexing) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, shown(&usage(text, lexing))))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| format!("{text}\n  expected: {expected}\n  found:    {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn statements_of_postgres_use_what_they_name() {
    check(postgres::CASES, Lexing::default());
}

#[test]
fn statements_of_mysql_use_what_they_name() {
    check(mysql::CASES, Lexing::MYSQL);
}

#[test]
fn a_literal_and_what_stands_for_it_are_the_same() {
    for (text, _) in postgres::CASES.iter().filter(|(text, _)| !text.contains(['?', '…'])) {
        let kept = &analyse(text.as_bytes(), Lexing::default()).statements;
        if let [statement] = kept.as_slice() {
            let (one, other) = (usage(text, Lexing::default()), usage(&statement.text, Lexing::default()));
            assert_eq!(shown(&one), shown(&other), "{text}");
        }
    }
}

/// Of the texts that are kept of these statements, those that are not understood completely.
fn incomplete(texts: &[String], lexing: Lexing) -> (usize, Vec<String>) {
    let mut kept = Vec::new();
    for text in texts {
        for statement in &analyse(text.as_bytes(), lexing).statements {
            if lexing == Lexing::MYSQL || statement.effects.basis == Basis::Grammar {
                kept.push(statement.text.to_string());
            }
        }
    }
    let count = kept.len();
    // What is gone cannot be read.
    kept.retain(|text| !text.ends_with('…') && !usage(text, lexing).complete);
    (count, kept)
}

/// What tools and drivers send, as the tests of the gateway have it.
fn reads() -> Vec<String> {
    let mut texts = Vec::new();
    for folder in ["../../tests/reads/known", "../../tests/reads/unknown"] {
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            texts.extend(text.split("\n---\n").map(str::to_owned));
        }
    }
    texts
}

#[test]
fn the_grammar_accepts_what_is_kept_of_the_statements_it_accepts() {
    let (count, left) = incomplete(&reads(), Lexing::default());
    println!("{} of {count} kept texts of tools are understood", count - left.len());
    assert!(count > 700 && left.is_empty(), "{}", left.join("\n"));
    let (count, left) = incomplete(&Corpus::new(4_000).statements, Lexing::default());
    println!("{} of {count} kept texts of the corpus are understood", count - left.len());
    assert!(count > 3_500 && left.is_empty(), "{}", left.join("\n"));
}

/// Texts that begin what never ends, nest, or name much.
fn hostile() -> Vec<String> {
    let (deep, many) = (990, 4_000);
    vec![
        format!("select {}1{}", "(".repeat(deep), ")".repeat(deep)),
        "(".repeat(60_000),
        "select (".repeat(8_000),
        format!(
            "select * from {}select a from t{}",
            "(select * from (".repeat(deep / 2),
            ") a) b".repeat(deep / 2)
        ),
        format!("select 1 where {}true{}", "exists (select 1 where ".repeat(deep), ")".repeat(deep)),
        format!("select a from t{}", ", t".repeat(many)),
        format!("select a, b, c from t{}", " join u using (a)".repeat(2_000)),
        format!("select {} from t, u, v", "a = b and ".repeat(many)),
        format!("with {}a as (select x from t) select x from b", "b as (select x from b), ".repeat(2_000)),
        format!(
            "with recursive {}a as (select x from t) select x from b",
            "b as (select x from b), ".repeat(2_000)
        ),
        format!("select a from t{}", " union select a from t".repeat(2_000)),
        format!("select a from ({}select a from t) x where a = a", "select a from t union ".repeat(2_000)),
        format!("select {}1", (0..8_000).map(|number| format!("c{number}, ")).collect::<String>()),
        "?".repeat(60_000),
        "select a ? ".repeat(5_000),
        "'".to_owned() + &"…".repeat(1_000),
        "delete from ".repeat(5_000),
        "insert into t (".repeat(4_000),
        "case when ".repeat(6_000),
        "update t set ".repeat(5_000),
    ]
}

#[test]
fn a_hostile_text_ends_soon_and_stays_within_the_limits() {
    for text in hostile() {
        let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap();
        for lexing in [Lexing::default(), Lexing::MYSQL] {
            let begun = Instant::now();
            let found = usage(text, lexing);
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?} {}", begun.elapsed(), &text[..60]);
            assert!(found.relations.len() <= ITEMS_MAX && found.columns.len() <= ITEMS_MAX);
            assert!(found.joins.len() <= ITEMS_MAX);
        }
    }
}

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let text = format!("select {}a from t", " ".repeat(TEXT_BYTES_MAX));
    assert_eq!(usage(&text, Lexing::default()), Usage::default());
}

const WORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "join",
    "left",
    "on",
    "using",
    "natural",
    "(",
    ")",
    ",",
    ".",
    "*",
    "=",
    "and",
    "or",
    "in",
    "a",
    "b",
    "t",
    "`x`",
    "\"y\"",
    "?",
    "$1",
    "'l'",
    "1",
    "as",
    "with",
    "update",
    "set",
    "insert",
    "into",
    "values",
    "delete",
    "merge",
    "group",
    "by",
    "order",
    "limit",
    "union",
    "all",
    "case",
    "when",
    "end",
    "::",
    "interval",
    "date",
    ";",
    "…",
    "/*!",
    "*/",
    "||",
    "?|",
    "exists",
    "lateral",
    "returning",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_words_are_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        let text = words.join(" ");
        for lexing in [Lexing::default(), Lexing::MYSQL] {
            let found = usage(&text, lexing);
            for column in found.columns.iter().map(|one| &one.column) {
                prop_assert!(column.relation.is_none_or(|place| place < found.relations.len()));
                prop_assert!(column.among.iter().all(|place| *place < found.relations.len()));
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        for lexing in [Lexing::default(), Lexing::MYSQL] {
            usage(&text, lexing);
        }
    }
}
