//! Which fields does a look have for scripts? docs/top.md tells what they mean.

use super::super::columns::{ERRORS, LISTENERS, SESSIONS, STATEMENTS};
use super::super::figures::Window;
use super::super::picture::{ErrorRow, ListenerRow, Picture, StatementRow};
use super::super::{TopError, TopOptions};
use super::Choice;
use crate::top::view::Tab;
use proxy::live::wire::{Distribution, LedgerLook, SessionCounts, SessionLook};
use serde::Serialize;

/// The version of this form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Printed<'a> {
    v: u32,
    at_us: u64,
    window: &'static str,
    interval_seconds: Option<f64>,
    gateway: Gateway<'a>,
    summary: Summary,
    sessions: SessionCounts,
    ledger: &'a LedgerLook,
    listeners: Vec<Listener<'a>>,
    statements_kept: usize,
    statements_evicted: u64,
    statements: Vec<Statement<'a>>,
    errors: Vec<Failure<'a>>,
    session_list: Vec<&'a SessionLook>,
}

#[derive(Serialize)]
struct Gateway<'a> {
    version: &'a str,
    pid: u32,
    started_us: u64,
    uptime_us: u64,
}

/// Of the window; the counts are since the start.
#[derive(Serialize)]
struct Summary {
    calls: u64,
    errors: u64,
    refused: u64,
    time_us: u64,
    calls_per_second: Option<f64>,
    errors_per_second: Option<f64>,
    records_per_second: Option<f64>,
    #[serde(flatten)]
    quantiles: Quantiles,
}

#[derive(Serialize)]
struct Quantiles {
    p50_us: Option<u64>,
    p95_us: Option<u64>,
    p99_us: Option<u64>,
}

impl Quantiles {
    fn of(times: &Distribution) -> Quantiles {
        Quantiles { p50_us: times.quantile(0.5), p95_us: times.quantile(0.95), p99_us: times.quantile(0.99) }
    }
}

#[derive(Serialize)]
struct Listener<'a> {
    name: &'a str,
    protocol: &'a str,
    mode: &'a str,
    environment: &'a str,
    listen: &'a str,
    served: bool,
    up: bool,
    sessions: u64,
    logins: u64,
    exchanges: u64,
    failed: u64,
    calls_per_second: Option<f64>,
    errors_per_second: Option<f64>,
    #[serde(flatten)]
    quantiles: Quantiles,
}

#[derive(Serialize)]
struct Statement<'a> {
    listener: &'a str,
    fingerprint: &'a str,
    text: &'a str,
    class: &'a str,
    tables: &'a [String],
    flags: Vec<&'static str>,
    calls: Option<u64>,
    calls_per_second: Option<f64>,
    time_share: Option<f64>,
    mean_us: Option<f64>,
    p50_us: Option<u64>,
    p95_us: Option<u64>,
    p99_us: Option<u64>,
    first_byte_p50_us: Option<u64>,
    max_us: u64,
    rows_per_call: Option<f64>,
    bytes_per_call: Option<f64>,
    errors: Option<u64>,
    repeated_share: Option<f64>,
    errors_by_sqlstate: Vec<Coded<'a>>,
    users: &'a [String],
    applications: &'a [String],
    first_seen_us: u64,
    last_seen_us: u64,
}

#[derive(Serialize)]
struct Coded<'a> {
    sqlstate: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct Failure<'a> {
    source: &'static str,
    code: &'a str,
    class: &'a str,
    listener: &'a str,
    count: u64,
    per_second: Option<f64>,
    text: &'a str,
}

/// One JSON object on one line.
pub(super) fn text(picture: &Picture, window: Window, options: &TopOptions) -> Result<String, TopError> {
    let look = &picture.look;
    let printed = Printed {
        v: VERSION,
        at_us: look.at_us,
        window: match window {
            Window::Start => "start",
            Window::Interval => "interval",
        },
        interval_seconds: picture.seconds,
        gateway: Gateway {
            version: &look.version,
            pid: look.pid,
            started_us: look.started_us,
            uptime_us: look.uptime_us,
        },
        summary: Summary {
            calls: look.totals.calls,
            errors: look.totals.failed,
            refused: look.totals.refused,
            time_us: look.totals.time_us,
            calls_per_second: picture.summary.statements_per_second,
            errors_per_second: picture.summary.errors_per_second,
            records_per_second: picture.summary.records_per_second,
            quantiles: Quantiles::of(&picture.summary.latency),
        },
        sessions: look.session_counts,
        ledger: &look.ledger,
        listeners: Choice::of(options, Tab::Listeners)
            .rows(&picture.listeners, LISTENERS, "name")
            .into_iter()
            .map(listener)
            .collect(),
        statements_kept: look.statements_kept,
        statements_evicted: look.statements_evicted,
        statements: Choice::of(options, Tab::Statements)
            .rows(&picture.statements, STATEMENTS, "time")
            .into_iter()
            .map(statement)
            .collect(),
        errors: Choice::of(options, Tab::Errors)
            .rows(&picture.errors, ERRORS, "count")
            .into_iter()
            .map(failure)
            .collect(),
        session_list: Choice::of(options, Tab::Sessions).rows(&look.sessions, SESSIONS, "activity"),
    };
    let mut text = serde_json::to_string(&printed).map_err(|error| TopError::Output(error.into()))?;
    text.push('\n');
    Ok(text)
}

fn listener(row: &ListenerRow) -> Listener<'_> {
    let one = &row.listener;
    Listener {
        name: &one.name,
        protocol: &one.protocol,
        mode: &one.mode,
        environment: &one.environment,
        listen: &one.listen,
        served: one.served,
        up: one.up,
        sessions: one.sessions,
        logins: one.logins,
        exchanges: one.exchanges,
        failed: one.failed,
        calls_per_second: row.statements_per_second,
        errors_per_second: row.errors_per_second,
        quantiles: Quantiles::of(&row.latency),
    }
}

fn statement(row: &StatementRow) -> Statement<'_> {
    let (one, figures) = (&row.statement, &row.figures);
    Statement {
        listener: &one.listener,
        fingerprint: &one.fingerprint,
        text: &one.text,
        class: &one.class,
        tables: &one.tables,
        flags: row.flags.words(),
        calls: figures.calls,
        calls_per_second: figures.per_second,
        time_share: figures.share,
        mean_us: figures.mean,
        p50_us: figures.p50,
        p95_us: figures.p95,
        p99_us: figures.p99,
        first_byte_p50_us: figures.first,
        max_us: one.total.max_us,
        rows_per_call: figures.rows,
        bytes_per_call: figures.bytes,
        errors: figures.errors,
        repeated_share: figures.repeated,
        errors_by_sqlstate: one
            .errors
            .iter()
            .map(|(sqlstate, count)| Coded { sqlstate, count: *count })
            .collect(),
        users: &one.users,
        applications: &one.applications,
        first_seen_us: one.first_seen_us,
        last_seen_us: one.last_seen_us,
    }
}

fn failure(row: &ErrorRow) -> Failure<'_> {
    Failure {
        source: row.source.as_str(),
        code: &row.code,
        class: &row.class,
        listener: &row.listener,
        count: row.count,
        per_second: row.per_second,
        text: &row.text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::super::picture::Moment;
    use super::super::super::samples::{shop, shop_later};
    use super::super::{Format, Size};
    use super::*;
    use serde_json::Value;

    fn options(show: Tab) -> TopOptions {
        TopOptions {
            config: "dragoman.toml".into(),
            once: true,
            format: Format::Json,
            interval: None,
            show,
            sort: None,
            limit: 1,
            filter: String::new(),
            size: Size { width: 80, height: 24 },
        }
    }

    fn printed(show: Tab) -> Value {
        let (earlier, now) = (Moment::new(shop()), Moment::new(shop_later()));
        let picture = Picture::new(Some(&earlier), &now, Window::Interval, u64::MAX);
        serde_json::from_str(&text(&picture, Window::Interval, &options(show)).unwrap()).unwrap()
    }

    /// The names of all fields, at any depth.
    fn fields(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    names.push(name.clone());
                    fields(value, names);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| fields(value, names)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_documented() {
        let mut names = Vec::new();
        fields(&printed(Tab::Listeners), &mut names);
        assert!(names.len() > 80, "{names:?}");
        let page = include_str!("../../../docs/top.md");
        for name in names {
            assert!(page.contains(&format!("`{name}`")) || page.contains(&format!("`{name}[]`")), "{name}");
        }
    }

    #[test]
    fn the_limit_holds_for_the_table_that_was_asked_for() {
        let count = |look: &Value, table: &str| look[table].as_array().unwrap().len();
        let of_statements = printed(Tab::Statements);
        assert_eq!((count(&of_statements, "statements"), count(&of_statements, "session_list")), (1, 3));
        let of_sessions = printed(Tab::Sessions);
        assert_eq!((count(&of_sessions, "statements"), count(&of_sessions, "session_list")), (2, 1));
        let report = &of_statements["statements"][0];
        assert_eq!((&report["calls"], &report["calls_per_second"]), (&2.into(), &1.0.into()));
        assert_eq!(of_statements["summary"]["calls_per_second"], 11.0);
    }
}
