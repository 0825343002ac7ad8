//! Which columns has the table of errors?

use super::{Column, Tone, known, none_is_quiet, number, plain, toned, word};
use crate::top::amounts::{harmless, rate, share};
use crate::top::conditions::condition;
use crate::top::picture::{ErrorRow, ErrorSource};
use proxy::live::wire::Sort;

/// The columns of errors.
pub(in crate::top) const ERRORS: &[Column<ErrorRow>] = &[
    Column {
        name: "source",
        title: "from",
        width: 9,
        right: false,
        rank: 4,
        asked: Sort::Time,
        entry: |row| {
            let tone = if row.source == ErrorSource::Statement { Tone::Plain } else { Tone::Hint };
            toned(row.source.as_str().to_owned(), tone)
        },
        key: |row| word(row.source.as_str()),
    },
    Column {
        name: "code",
        title: "code",
        width: 18,
        right: false,
        rank: 1,
        asked: Sort::Time,
        entry: |row| plain(code(row)),
        key: |row| word(&row.code),
    },
    Column {
        name: "rate",
        title: "per s",
        width: 6,
        right: true,
        rank: 2,
        asked: Sort::Errors,
        entry: |row| known(row.per_second, rate),
        key: |row| number(row.per_second),
    },
    Column {
        name: "count",
        title: "errors",
        width: 7,
        right: true,
        rank: 1,
        asked: Sort::Errors,
        entry: |row| none_is_quiet(row.count),
        key: |row| number(Some(row.count)),
    },
    Column {
        name: "share",
        title: "share",
        width: 5,
        right: true,
        rank: 5,
        asked: Sort::Errors,
        entry: |row| known(row.share, share),
        key: |row| number(row.share),
    },
    Column {
        name: "statements",
        title: "shapes",
        width: 6,
        right: true,
        rank: 6,
        asked: Sort::Errors,
        entry: |row| known(row.statements, |number| number.to_string()),
        key: |row| number(row.statements.map(|number| number as u64)),
    },
    Column {
        name: "listener",
        title: "listener",
        width: 10,
        right: false,
        rank: 7,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.listener)),
        key: |row| word(&row.listener),
    },
    Column {
        name: "meaning",
        title: "meaning",
        width: 20,
        right: false,
        rank: 1,
        asked: Sort::Time,
        entry: |row| plain(meaning(row).to_owned()),
        key: |row| word(meaning(row)),
    },
    Column {
        name: "text",
        title: "most often in",
        width: 24,
        right: false,
        rank: 0,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.text)),
        key: |row| word(&row.text),
    },
];

fn code(row: &ErrorRow) -> String {
    if row.code.is_empty() { "other".to_owned() } else { harmless(&row.code) }
}

/// What it says in words. The reasons of the gateway are words already.
fn meaning(row: &ErrorRow) -> &str {
    match row.source {
        ErrorSource::Statement => condition(&row.code, &row.class),
        ErrorSource::Gateway => "refused by the gateway",
        ErrorSource::Login => "login that failed",
    }
}
