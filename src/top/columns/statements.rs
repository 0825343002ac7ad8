//! Which columns has the table of statements?

use super::{Column, Tone, age, known, names, none_is_quiet, number, plain, toned, us, word};
use crate::top::amounts::{bytes, count, harmless, rate, share, time};
use crate::top::picture::StatementRow;
use proxy::live::wire::Sort;
use std::cmp::Reverse;

/// The columns of statements.
pub(in crate::top) const STATEMENTS: &[Column<StatementRow>] = &[
    Column {
        name: "flags",
        title: "flags",
        width: 11,
        right: false,
        rank: 3,
        asked: Sort::Time,
        entry: |row| {
            let tone = if row.flags.heavy || row.flags.failing { Tone::Bad } else { Tone::Hint };
            let words = row.flags.words();
            toned(words.join(" "), if words == ["new"] { Tone::Plain } else { tone })
        },
        key: |row| number(Some(row.flags.weight())),
    },
    Column {
        name: "rate",
        title: "calls/s",
        width: 7,
        right: true,
        rank: 1,
        asked: Sort::Calls,
        entry: |row| known(row.figures.per_second, rate),
        key: |row| number(row.figures.per_second),
    },
    Column {
        name: "calls",
        title: "calls",
        width: 6,
        right: true,
        rank: 6,
        asked: Sort::Calls,
        entry: |row| known(row.figures.calls, count),
        key: |row| number(row.figures.calls),
    },
    Column {
        name: "time",
        title: "time",
        width: 5,
        right: true,
        rank: 1,
        asked: Sort::Time,
        entry: |row| known(row.figures.share, share),
        key: |row| number(row.figures.share),
    },
    Column {
        name: "mean",
        title: "mean",
        width: 6,
        right: true,
        rank: 4,
        asked: Sort::Mean,
        entry: |row| known(row.figures.mean, time),
        key: |row| number(row.figures.mean),
    },
    Column {
        name: "p50",
        title: "p50",
        width: 6,
        right: true,
        rank: 8,
        asked: Sort::P50,
        entry: |row| known(row.figures.p50, us),
        key: |row| number(row.figures.p50),
    },
    Column {
        name: "p95",
        title: "p95",
        width: 6,
        right: true,
        rank: 2,
        asked: Sort::P95,
        entry: |row| {
            let entry = known(row.figures.p95, us);
            let tone = match (row.flags.slow, row.flags.heavy) {
                (true, true) => Tone::Bad,
                (true, false) => Tone::Hint,
                (false, _) => entry.tone,
            };
            toned(entry.text, tone)
        },
        key: |row| number(row.figures.p95),
    },
    Column {
        name: "p99",
        title: "p99",
        width: 6,
        right: true,
        rank: 7,
        asked: Sort::P99,
        entry: |row| known(row.figures.p99, us),
        key: |row| number(row.figures.p99),
    },
    Column {
        name: "first",
        title: "first",
        width: 6,
        right: true,
        rank: 13,
        asked: Sort::First,
        entry: |row| known(row.figures.first, us),
        key: |row| number(row.figures.first),
    },
    Column {
        name: "rows",
        title: "rows",
        width: 5,
        right: true,
        rank: 9,
        asked: Sort::Rows,
        entry: |row| known(row.figures.rows, rate),
        key: |row| number(row.figures.rows),
    },
    Column {
        name: "bytes",
        title: "bytes",
        width: 5,
        right: true,
        rank: 12,
        asked: Sort::Bytes,
        entry: |row| known(row.figures.bytes, bytes),
        key: |row| number(row.figures.bytes),
    },
    Column {
        name: "errors",
        title: "errors",
        width: 6,
        right: true,
        rank: 5,
        asked: Sort::Errors,
        entry: |row| match row.figures.errors {
            Some(errors) => none_is_quiet(errors),
            None => known(None, count),
        },
        key: |row| number(row.figures.errors),
    },
    Column {
        name: "users",
        title: "users",
        width: 11,
        right: false,
        rank: 15,
        asked: Sort::Time,
        entry: |row| plain(names(&row.statement.users, row.statement.more_users)),
        key: |row| word(&row.statement.users.join(",")),
    },
    Column {
        name: "applications",
        title: "applications",
        width: 14,
        right: false,
        rank: 10,
        asked: Sort::Time,
        entry: |row| plain(names(&row.statement.applications, row.statement.more_applications)),
        key: |row| word(&row.statement.applications.join(",")),
    },
    Column {
        name: "seen",
        title: "seen",
        width: 6,
        right: true,
        rank: 11,
        asked: Sort::LastSeen,
        entry: |row| plain(age(row.unseen_us)),
        // The latest first, as the highest of any other figure.
        key: |row| number(Some(row.statement.last_seen_us)),
    },
    Column {
        name: "class",
        title: "class",
        width: 11,
        right: false,
        rank: 14,
        asked: Sort::Time,
        entry: |row| plain(row.statement.class.clone()),
        key: |row| word(&row.statement.class),
    },
    Column {
        name: "listener",
        title: "listener",
        width: 10,
        right: false,
        rank: 16,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.statement.listener)),
        key: |row| word(&row.statement.listener),
    },
    Column {
        name: "fingerprint",
        title: "fingerprint",
        width: 18,
        right: false,
        rank: 17,
        asked: Sort::Time,
        entry: |row| plain(row.statement.fingerprint.clone()),
        key: |row| word(&row.statement.fingerprint),
    },
    Column {
        name: "text",
        title: "statement",
        width: 30,
        right: false,
        rank: 0,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.statement.text)),
        key: |row| word(&row.statement.text),
    },
];

/// The order in which columns of statements go when the screen is narrow, for the documentation.
pub(in crate::top) fn dropped() -> Vec<&'static str> {
    let mut ranked: Vec<_> = STATEMENTS.iter().filter(|column| column.rank > 1).collect();
    ranked.sort_by_key(|column| Reverse(column.rank));
    ranked.into_iter().map(|column| column.name).collect()
}
