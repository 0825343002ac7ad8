//! What do two looks at the gateway say together?

use super::figures::{Came, Figures, Window, came, per_second};
use super::filter::Filter;
use super::flags::Flags;
use proxy::live::wire::{Distribution, ListenerLook, Look, SessionLook, StatementLook, Sums};
use std::collections::HashMap;
use std::rc::Rc;

/// An answer of the gateway, its statements apart.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) look: Look,
    pub(super) statements: Vec<Rc<StatementLook>>,
}

impl Moment {
    pub(super) fn new(mut look: Look) -> Moment {
        let statements = std::mem::take(&mut look.statements).into_iter().map(Rc::new).collect();
        Moment { look, statements }
    }
}

/// Everything that is shown, except how.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) look: Look,
    /// How far the two looks are apart, where there are two of the same gateway.
    pub(super) seconds: Option<f64>,
    pub(super) summary: Summary,
    pub(super) statements: Vec<StatementRow>,
    pub(super) errors: Vec<ErrorRow>,
    pub(super) listeners: Vec<ListenerRow>,
}

/// The head of the view: of the last interval where there is one, since the start otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) statements_per_second: Option<f64>,
    pub(super) errors_per_second: Option<f64>,
    pub(super) records_per_second: Option<f64>,
    /// Whole time of the statements.
    pub(super) latency: Distribution,
}

/// A statement and its figures.
#[derive(Clone, Debug)]
pub(super) struct StatementRow {
    pub(super) statement: Rc<StatementLook>,
    pub(super) figures: Figures,
    pub(super) flags: Flags,
    /// How long ago it was seen last, in microseconds.
    pub(super) unseen_us: u64,
}

/// Errors, refusals or failed logins of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ErrorRow {
    pub(super) source: ErrorSource,
    /// The SQLSTATE, or the reason.
    pub(super) code: String,
    pub(super) class: String,
    pub(super) count: u64,
    pub(super) per_second: Option<f64>,
    pub(super) share: Option<f64>,
    pub(super) statements: Option<usize>,
    /// The listener, of refusals and logins.
    pub(super) listener: String,
    pub(super) text: String,
}

/// Who said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorSource {
    /// The server, or the gateway with an error of its own, to a statement.
    Statement,
    /// The gateway, to a statement or a session.
    Gateway,
    /// Either, to a login.
    Login,
}

impl ErrorSource {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            ErrorSource::Statement => "statement",
            ErrorSource::Gateway => "gateway",
            ErrorSource::Login => "login",
        }
    }
}

/// A listener and its rates.
#[derive(Clone, Debug)]
pub(super) struct ListenerRow {
    pub(super) listener: ListenerLook,
    pub(super) statements_per_second: Option<f64>,
    pub(super) errors_per_second: Option<f64>,
    pub(super) bytes_per_second: Option<f64>,
    pub(super) latency: Distribution,
}

/// What a table can hold.
pub(super) trait Row {
    /// What stays the same from look to look.
    fn identity(&self) -> String;
    /// Whether a filter finds it.
    fn is_found(&self, filter: &Filter) -> bool;
}

impl Picture {
    /// Puts `now` beside `earlier`, a look at the same gateway. `began_us` is when the view began.
    pub(super) fn new(earlier: Option<&Moment>, now: &Moment, window: Window, began_us: u64) -> Picture {
        let earlier = earlier.filter(|earlier| earlier.look.started_us == now.look.started_us);
        #[allow(clippy::cast_precision_loss)]
        let seconds = earlier
            .map(|earlier| now.look.uptime_us.saturating_sub(earlier.look.uptime_us) as f64 / 1e6)
            .filter(|seconds| *seconds > 0.0);
        // Without an earlier look an interval has nothing in it: what is since the start is shown.
        let pair = earlier.zip(seconds);
        Picture {
            look: now.look.clone(),
            seconds,
            summary: summary(&now.look, pair.map(|(earlier, seconds)| (&earlier.look, seconds))),
            statements: statements(pair, now, window, began_us),
            errors: errors(&now.look, pair.map(|(earlier, seconds)| (&earlier.look, seconds))),
            listeners: listeners(&now.look, pair.map(|(earlier, seconds)| (&earlier.look, seconds))),
        }
    }
}

/// An earlier look and the seconds since.
type Before<'a> = Option<(&'a Look, f64)>;

fn summary(now: &Look, before: Before<'_>) -> Summary {
    let Some((earlier, seconds)) = before else {
        return Summary { latency: now.latency.clone(), ..Summary::default() };
    };
    let came = now.totals.since(&earlier.totals);
    Summary {
        statements_per_second: per_second(came.calls, seconds),
        errors_per_second: per_second(came.errors(), seconds),
        records_per_second: per_second(now.ledger.records.saturating_sub(earlier.ledger.records), seconds),
        latency: now.latency.since(&earlier.latency),
    }
}

fn statements(
    pair: Option<(&Moment, f64)>,
    now: &Moment,
    window: Window,
    began_us: u64,
) -> Vec<StatementRow> {
    let earlier: HashMap<_, _> =
        pair.iter().flat_map(|(earlier, _)| &earlier.statements).map(|one| (key(one), one)).collect();
    let all_came = pair.map(|(earlier, _)| now.look.totals.since(&earlier.look.totals));
    let row = |statement: &Rc<StatementLook>| {
        let came = pair.and_then(|(before, _)| {
            came(statement, earlier.get(&key(statement)).map(|one| &***one), before.look.at_us)
        });
        let mut figures = match (window, pair) {
            (Window::Interval, Some(_)) => of_interval(came.as_ref(), all_came.as_ref())?,
            (Window::Start, _) | (Window::Interval, None) => {
                Figures::since_start(statement, now.look.totals.time_us)
            }
        };
        figures.per_second =
            came.zip(pair).and_then(|(came, (_, seconds))| per_second(came.sums.calls, seconds));
        Some(StatementRow {
            statement: Rc::clone(statement),
            flags: Flags::of(statement, &figures, began_us),
            unseen_us: now.look.at_us.saturating_sub(statement.last_seen_us),
            figures,
        })
    };
    now.statements.iter().filter_map(row).collect()
}

/// The figures of an interval; `None` for a statement that did not run in it.
fn of_interval(came: Option<&Came>, all: Option<&Sums>) -> Option<Figures> {
    match came {
        Some(came) if came.sums.calls == 0 => None,
        Some(came) => Some(Figures::of_interval(came, all.map_or(0, |all| all.time_us))),
        None => Some(Figures::default()),
    }
}

fn key(statement: &StatementLook) -> (&str, &str) {
    (&statement.listener, &statement.fingerprint)
}

fn errors(now: &Look, before: Before<'_>) -> Vec<ErrorRow> {
    let all: u64 = now.errors.iter().map(|error| error.count).sum();
    let earlier = |sqlstate: &str| {
        let found =
            |look: &Look| look.errors.iter().find(|error| error.sqlstate == sqlstate).map(|one| one.count);
        before.map(|(look, seconds)| (found(look).unwrap_or(0), seconds))
    };
    let since = |count: u64, earlier: Option<(u64, f64)>| {
        earlier.and_then(|(before, seconds)| per_second(count.saturating_sub(before), seconds))
    };
    let mut rows: Vec<_> = now
        .errors
        .iter()
        .map(|error| ErrorRow {
            source: ErrorSource::Statement,
            code: error.sqlstate.clone(),
            class: error.class.clone(),
            count: error.count,
            per_second: since(error.count, earlier(&error.sqlstate)),
            share: super::figures::ratio(error.count, all),
            statements: Some(error.statements),
            listener: String::new(),
            text: error.text.clone(),
        })
        .collect();
    for listener in &now.listeners {
        let old = before.and_then(|(look, seconds)| {
            Some((look.listeners.iter().find(|one| one.name == listener.name)?, seconds))
        });
        let of = |source: ErrorSource, pick: fn(&ListenerLook) -> &Vec<(String, u64)>| {
            let row = move |(reason, count): &(String, u64)| {
                let counted = |of: &ListenerLook| {
                    pick(of).iter().find(|(other, _)| other == reason).map_or(0, |(_, count)| *count)
                };
                ErrorRow {
                    source,
                    code: reason.clone(),
                    class: String::new(),
                    count: *count,
                    per_second: since(*count, old.map(|(old, seconds)| (counted(old), seconds))),
                    share: None,
                    statements: None,
                    listener: listener.name.clone(),
                    text: String::new(),
                }
            };
            pick(listener).iter().map(row).collect::<Vec<_>>()
        };
        rows.extend(of(ErrorSource::Gateway, |listener| &listener.refusals));
        rows.extend(of(ErrorSource::Login, |listener| &listener.logins_failed));
    }
    rows
}

fn listeners(now: &Look, before: Before<'_>) -> Vec<ListenerRow> {
    let row = |listener: &ListenerLook| {
        let earlier = before.and_then(|(look, seconds)| {
            Some((look.listeners.iter().find(|one| one.name == listener.name)?, seconds))
        });
        let rate = |count: fn(&ListenerLook) -> u64| {
            let (earlier, seconds) = earlier?;
            per_second(count(listener).saturating_sub(count(earlier)), seconds)
        };
        ListenerRow {
            statements_per_second: rate(|of| of.exchanges),
            errors_per_second: rate(|of| of.failed + of.refusals.iter().map(|(_, count)| count).sum::<u64>()),
            bytes_per_second: rate(|of| of.bytes_client.saturating_add(of.bytes_upstream)),
            latency: earlier.map_or_else(
                || listener.latency.clone(),
                |(earlier, _)| listener.latency.since(&earlier.latency),
            ),
            listener: listener.clone(),
        }
    };
    now.listeners.iter().map(row).collect()
}

impl Row for StatementRow {
    fn identity(&self) -> String {
        format!("{} {}", self.statement.listener, self.statement.fingerprint)
    }

    fn is_found(&self, filter: &Filter) -> bool {
        if filter.is_empty() {
            return true;
        }
        let one = &self.statement;
        let mut fields = vec![
            ("text", one.text.as_str()),
            ("listener", &one.listener),
            ("class", &one.class),
            ("fingerprint", &one.fingerprint),
        ];
        fields.extend(one.users.iter().map(|user| ("user", user.as_str())));
        fields.extend(one.applications.iter().map(|application| ("application", application.as_str())));
        fields.extend(one.tables.iter().map(|table| ("table", table.as_str())));
        fields.extend(one.errors.iter().map(|(sqlstate, _)| ("error", sqlstate.as_str())));
        fields.extend(self.flags.words().into_iter().map(|flag| ("flag", flag)));
        filter.finds(&fields)
    }
}

impl Row for SessionLook {
    fn identity(&self) -> String {
        self.id.clone()
    }

    fn is_found(&self, filter: &Filter) -> bool {
        let current = self.current.as_ref();
        filter.finds(&[
            ("text", current.map_or("", |current| &current.text)),
            ("fingerprint", current.map_or("", |current| &current.fingerprint)),
            ("user", &self.user),
            ("application", &self.application),
            ("listener", &self.listener),
            ("database", &self.database),
            ("address", &self.address),
            ("activity", &self.activity),
            ("id", &self.id),
        ])
    }
}

impl Row for ErrorRow {
    fn identity(&self) -> String {
        format!("{} {} {}", self.source.as_str(), self.listener, self.code)
    }

    fn is_found(&self, filter: &Filter) -> bool {
        filter.finds(&[
            ("error", &self.code),
            ("error", &self.class),
            ("source", self.source.as_str()),
            ("listener", &self.listener),
            ("text", &self.text),
        ])
    }
}

impl Row for ListenerRow {
    fn identity(&self) -> String {
        self.listener.name.clone()
    }

    fn is_found(&self, filter: &Filter) -> bool {
        let one = &self.listener;
        filter.finds(&[
            ("listener", &one.name),
            ("protocol", &one.protocol),
            ("mode", &one.mode),
            ("environment", &one.environment),
            ("address", &one.listen),
        ])
    }
}
