//! Which columns has the table of listeners?

use super::{Column, Tone, known, number, plain, toned, us, word};
use crate::top::amounts::{bytes, count, harmless, rate};
use crate::top::picture::ListenerRow;
use proxy::live::wire::Sort;

/// The columns of listeners.
pub(in crate::top) const LISTENERS: &[Column<ListenerRow>] = &[
    Column {
        name: "name",
        title: "listener",
        width: 12,
        right: false,
        rank: 1,
        asked: Sort::Time,
        entry: |row| plain(harmless(&row.listener.name)),
        key: |row| word(&row.listener.name),
    },
    Column {
        name: "state",
        title: "state",
        width: 8,
        right: false,
        rank: 1,
        asked: Sort::Time,
        entry: |row| match (row.listener.served, row.listener.up) {
            (true, true) => toned("up".to_owned(), Tone::Good),
            (true, false) => toned("down".to_owned(), Tone::Bad),
            (false, _) => toned("retired".to_owned(), Tone::Hint),
        },
        key: |row| number(Some(u64::from(!row.listener.up))),
    },
    Column {
        name: "protocol",
        title: "protocol",
        width: 8,
        right: false,
        rank: 6,
        asked: Sort::Time,
        entry: |row| plain(row.listener.protocol.clone()),
        key: |row| word(&row.listener.protocol),
    },
    Column {
        name: "mode",
        title: "mode",
        width: 7,
        right: false,
        rank: 5,
        asked: Sort::Time,
        entry: |row| plain(row.listener.mode.clone()),
        key: |row| word(&row.listener.mode),
    },
    Column {
        name: "environment",
        title: "environment",
        width: 11,
        right: false,
        rank: 4,
        asked: Sort::Time,
        entry: |row| plain(row.listener.environment.clone()),
        key: |row| word(&row.listener.environment),
    },
    Column {
        name: "listen",
        title: "listens on",
        width: 21,
        right: false,
        rank: 4,
        asked: Sort::Time,
        entry: |row| plain(row.listener.listen.clone()),
        key: |row| word(&row.listener.listen),
    },
    Column {
        name: "sessions",
        title: "sessions",
        width: 8,
        right: true,
        rank: 2,
        asked: Sort::Time,
        entry: |row| plain(count(row.listener.sessions)),
        key: |row| number(Some(row.listener.sessions)),
    },
    Column {
        name: "rate",
        title: "calls/s",
        width: 7,
        right: true,
        rank: 2,
        asked: Sort::Time,
        entry: |row| known(row.statements_per_second, rate),
        key: |row| number(row.statements_per_second),
    },
    Column {
        name: "errors",
        title: "errors/s",
        width: 8,
        right: true,
        rank: 3,
        asked: Sort::Time,
        entry: |row| known(row.errors_per_second, rate),
        key: |row| number(row.errors_per_second),
    },
    Column {
        name: "p50",
        title: "p50",
        width: 6,
        right: true,
        rank: 9,
        asked: Sort::Time,
        entry: |row| known(row.latency.quantile(0.5), us),
        key: |row| number(row.latency.quantile(0.5)),
    },
    Column {
        name: "p95",
        title: "p95",
        width: 6,
        right: true,
        rank: 5,
        asked: Sort::Time,
        entry: |row| known(row.latency.quantile(0.95), us),
        key: |row| number(row.latency.quantile(0.95)),
    },
    Column {
        name: "p99",
        title: "p99",
        width: 6,
        right: true,
        rank: 9,
        asked: Sort::Time,
        entry: |row| known(row.latency.quantile(0.99), us),
        key: |row| number(row.latency.quantile(0.99)),
    },
    Column {
        name: "bytes",
        title: "bytes/s",
        width: 7,
        right: true,
        rank: 7,
        asked: Sort::Time,
        entry: |row| known(row.bytes_per_second, bytes),
        key: |row| number(row.bytes_per_second),
    },
    Column {
        name: "upstream",
        title: "upstream",
        width: 20,
        right: false,
        rank: 0,
        asked: Sort::Time,
        entry: |row| plain(upstreams(row)),
        key: |row| word(&upstreams(row)),
    },
];

/// The servers behind it, those that do not answer with the reason.
fn upstreams(row: &ListenerRow) -> String {
    let one = |upstream: &proxy::live::wire::UpstreamLook| match (&upstream.reason, upstream.up) {
        (Some(reason), _) => harmless(&format!("{} ({reason})", upstream.address)),
        (None, true) => harmless(&upstream.address),
        (None, false) => harmless(&format!("{} (not asked yet)", upstream.address)),
    };
    row.listener.upstreams.iter().map(one).collect::<Vec<_>>().join(", ")
}
