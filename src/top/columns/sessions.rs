//! Which columns has the table of sessions?

use super::{Column, Tone, age, number, plain, toned, us, word};
use crate::top::amounts::{count, harmless};
use proxy::live::wire::{SessionLook, Sort};

/// From here on a statement under way, or a transaction that waits, is worth a look.
const LONG_US: u64 = 1_000_000;

/// The columns of sessions.
pub(in crate::top) const SESSIONS: &[Column<SessionLook>] = &[
    Column {
        name: "activity",
        title: "activity",
        width: 13,
        right: false,
        rank: 1,
        asked: Sort::Time,
        entry: |row| toned(short(&row.activity).to_owned(), tone(row)),
        key: |row| number(Some(rank(&row.activity))),
    },
    Column {
        name: "for",
        title: "for",
        width: 6,
        right: true,
        rank: 2,
        asked: Sort::Time,
        entry: |row| plain(time_of(row)),
        key: |row| number(Some(lasting(row))),
    },
    Column {
        name: "user",
        title: "user",
        width: 12,
        right: false,
        rank: 3,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.user)),
        key: |row| word(&row.user),
    },
    Column {
        name: "application",
        title: "application",
        width: 14,
        right: false,
        rank: 4,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.application)),
        key: |row| word(&row.application),
    },
    Column {
        name: "database",
        title: "database",
        width: 10,
        right: false,
        rank: 7,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.database)),
        key: |row| word(&row.database),
    },
    Column {
        name: "address",
        title: "address",
        width: 21,
        right: false,
        rank: 6,
        asked: Sort::Time,
        entry: |row| plain(row.address.clone()),
        key: |row| word(&row.address),
    },
    Column {
        name: "listener",
        title: "listener",
        width: 10,
        right: false,
        rank: 8,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.listener)),
        key: |row| word(&row.listener),
    },
    Column {
        name: "requests",
        title: "requests",
        width: 8,
        right: true,
        rank: 5,
        asked: Sort::Time,
        entry: |row| plain(count(row.exchanges)),
        key: |row| number(Some(row.exchanges)),
    },
    Column {
        name: "age",
        title: "age",
        width: 6,
        right: true,
        rank: 9,
        asked: Sort::Time,
        entry: |row| plain(age(row.age_us)),
        key: |row| number(Some(row.age_us)),
    },
    Column {
        name: "text",
        title: "current statement",
        width: 24,
        right: false,
        rank: 0,
        asked: Sort::Time,
        entry: |row| match &row.current {
            Some(current) => plain(harmless(&current.text)),
            None => toned("-".to_owned(), Tone::Quiet),
        },
        key: |row| word(row.current.as_ref().map_or("", |current| &current.text)),
    },
];

fn short(activity: &str) -> &str {
    match activity {
        "transaction" => "in tx, idle",
        "failed transaction" => "in failed tx",
        other => other,
    }
}

/// What others may wait for comes first.
fn rank(activity: &str) -> u64 {
    match activity {
        "busy" => 4,
        "transaction" | "failed transaction" => 3,
        "login" => 2,
        "leaving" => 1,
        _ => 0,
    }
}

fn tone(row: &SessionLook) -> Tone {
    match row.activity.as_str() {
        "busy" | "transaction" if lasting(row) >= LONG_US => Tone::Hint,
        "busy" => Tone::Good,
        "failed transaction" => Tone::Hint,
        "idle" => Tone::Quiet,
        _ => Tone::Plain,
    }
}

/// How long it does what it does: of a statement exactly, of anything else within half a second.
fn lasting(row: &SessionLook) -> u64 {
    row.current.as_ref().map_or(row.activity_us, |current| current.for_us)
}

fn time_of(row: &SessionLook) -> String {
    if row.current.is_some() { us(lasting(row)) } else { age(row.activity_us) }
}
