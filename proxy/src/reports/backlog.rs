//! What is to be told to the control plane and was not taken by it yet?
//!
//! One report at a time is on its way, and is sent again with the same number until it was taken.

use super::callers::caller;
use super::minutes::{Bounds, Minutes};
use super::{Ended, Handed, Refused};
use control::{Acknowledgement, GatewayEvent, Refusal, Report, SessionEnd, SessionStart, StatementText};
use exchange::{Session, Statement};
use std::collections::VecDeque;
use std::sync::Arc;

/// Memory of minutes that nobody took.
const MINUTES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Minutes, or hours, that nobody took.
const MINUTES_MAX: usize = 10_000;
/// Sessions that began, sessions that ended, refusals and events, each, that nobody took.
const HAPPENINGS_MAX: usize = 5 * Report::EVENTS_MAX;
/// Texts that nobody took, in bytes.
const TEXTS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Texts of one report, in bytes; one text that is longer still is told.
const TEXTS_OF_REPORT_BYTES: usize = 1024 * 1024;

/// What is to be told.
#[derive(Debug)]
pub(crate) struct Backlog {
    plane: String,
    start: String,
    number: u64,
    minutes: Minutes,
    texts: VecDeque<StatementText>,
    texts_bytes: usize,
    starts: VecDeque<SessionStart>,
    ends: VecDeque<SessionEnd>,
    refusals: VecDeque<Refusal>,
    events: VecDeque<GatewayEvent>,
    untold: u64,
    acknowledgement: Option<Acknowledgement>,
    /// Not known to be taken.
    under_way: Option<Report>,
}

impl Backlog {
    /// Nothing yet, of the data plane `plane` since it was started as `start`.
    pub(crate) fn new(plane: &str, start: &str) -> Backlog {
        let bounds = Bounds { bytes: MINUTES_BYTES_MAX, count: MINUTES_MAX };
        Backlog {
            plane: plane.to_owned(),
            start: start.to_owned(),
            number: 0,
            minutes: Minutes::new(bounds),
            texts: VecDeque::new(),
            texts_bytes: 0,
            starts: VecDeque::new(),
            ends: VecDeque::new(),
            refusals: VecDeque::new(),
            events: VecDeque::new(),
            untold: 0,
            acknowledgement: None,
            under_way: None,
        }
    }

    /// Adds what the ledger's thread handed over. `false`: there was no room for all texts.
    pub(crate) fn add(&mut self, handed: Handed) -> bool {
        let Handed { tables, texts, starts, ends, refusals, events, untold } = handed;
        tables.into_iter().for_each(|table| self.minutes.add(table));
        self.untold += untold;
        let starts = starts.iter().map(|(session, at_us)| session_start(session, *at_us));
        keep(&mut self.starts, starts, &mut self.untold);
        keep(&mut self.ends, ends.into_iter().map(session_end), &mut self.untold);
        keep(&mut self.refusals, refusals.into_iter().map(refusal), &mut self.untold);
        keep(&mut self.events, events.into_iter(), &mut self.untold);
        let mut all = true;
        for (listener, statement) in &texts {
            let text = text(listener, statement);
            let bytes = text_bytes(&text);
            if self.texts_bytes + bytes > TEXTS_BYTES_MAX {
                all = false;
                continue;
            }
            self.texts_bytes += bytes;
            self.texts.push_back(text);
        }
        all
    }

    /// Everything up to `until_us` has been added.
    pub(crate) fn settle(&mut self, until_us: i64) {
        self.untold += self.minutes.settle(until_us);
    }

    /// What became of a snapshot: the newest counts.
    pub(crate) fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        self.acknowledgement = Some(acknowledgement);
    }

    /// The report to send: the one that was not taken yet, or a new one when there is something to tell. With
    /// `live` it tells also of the minute that goes on.
    pub(crate) fn next(&mut self, live: bool) -> Option<&Report> {
        if self.under_way.is_none() {
            let report = self.report(live);
            if report.is_empty() {
                return None;
            }
            self.number += 1;
            self.under_way = Some(Report { number: self.number, ..report });
        }
        self.under_way.as_ref()
    }

    /// The report under way was taken.
    pub(crate) fn taken(&mut self) {
        self.under_way = None;
    }

    /// The report under way is not wanted, however often it is sent.
    pub(crate) fn unwanted(&mut self) {
        let Some(report) = self.under_way.take() else { return };
        let told = report.session_starts.len()
            + report.session_ends.len()
            + report.refusals.len()
            + report.events.len()
            + report.minutes.len();
        self.untold += told as u64 + report.untold;
        self.acknowledgement = self.acknowledgement.take().or(report.acknowledgement);
    }

    /// Whether a next report would tell something that does not change any more.
    pub(crate) fn has_more(&self) -> bool {
        self.under_way.is_some()
            || !self.texts.is_empty()
            || !self.starts.is_empty()
            || !self.ends.is_empty()
            || !self.refusals.is_empty()
            || !self.events.is_empty()
            || self.minutes.has_settled()
    }

    #[cfg(test)]
    pub(super) fn minutes_bytes(&self) -> usize {
        self.minutes.bytes()
    }

    fn report(&mut self, live: bool) -> Report {
        Report {
            plane: self.plane.clone(),
            start: self.start.clone(),
            number: 0,
            statements: self.some_texts(),
            minutes: self.minutes.take(live),
            session_starts: some(&mut self.starts),
            session_ends: some(&mut self.ends),
            refusals: some(&mut self.refusals),
            events: some(&mut self.events),
            untold: std::mem::take(&mut self.untold),
            acknowledgement: self.acknowledgement.take(),
        }
    }

    fn some_texts(&mut self) -> Vec<StatementText> {
        let mut texts = Vec::new();
        let mut bytes = 0;
        while texts.len() < Report::STATEMENTS_MAX
            && bytes < TEXTS_OF_REPORT_BYTES
            && let Some(text) = self.texts.pop_front()
        {
            bytes += text_bytes(&text);
            texts.push(text);
        }
        self.texts_bytes -= bytes;
        texts
    }
}

fn keep<T>(kept: &mut VecDeque<T>, new: impl Iterator<Item = T>, untold: &mut u64) {
    for one in new {
        if kept.len() < HAPPENINGS_MAX {
            kept.push_back(one);
        } else {
            *untold += 1;
        }
    }
}

fn some<T>(kept: &mut VecDeque<T>) -> Vec<T> {
    let count = kept.len().min(Report::EVENTS_MAX);
    kept.drain(..count).collect()
}

fn text_bytes(text: &StatementText) -> usize {
    let tables: usize = text.tables.iter().map(|table| table.len() + size_of::<String>()).sum();
    size_of::<StatementText>() + text.text.len() + tables
}

fn text(listener: &str, statement: &Statement) -> StatementText {
    StatementText {
        listener: listener.to_owned(),
        fingerprint: statement.fingerprint.to_string(),
        text: statement.text.to_string(),
        class: statement.class.as_str().to_owned(),
        tables: statement.tables.iter().map(ToString::to_string).collect(),
    }
}

fn session_start(session: &Arc<Session>, at_us: i64) -> SessionStart {
    let principal = &session.principal;
    SessionStart {
        session: session.id.to_string(),
        listener: session.listener.to_string(),
        at_us,
        caller: caller(session),
        address: principal.address.to_string(),
        tls: principal.tls.as_ref().map(|tls| tls.version.to_owned()).unwrap_or_default(),
    }
}

fn session_end(ended: Ended) -> SessionEnd {
    let Ended { session, at_us, cause, bytes_in, bytes_out } = ended;
    SessionEnd { session: session.to_string(), at_us, cause: cause.to_owned(), bytes_in, bytes_out }
}

fn refusal(refused: Refused) -> Refusal {
    let Refused { session, statement, at_us, verdict, rule, sqlstate } = refused;
    Refusal {
        listener: session.listener.to_string(),
        session: session.id.to_string(),
        at_us,
        caller: caller(&session),
        fingerprint: statement.fingerprint.to_string(),
        class: statement.class.as_str().to_owned(),
        verdict: verdict.to_owned(),
        rule: rule.as_deref().unwrap_or_default().to_owned(),
        sqlstate: self::sqlstate(Some(sqlstate)),
    }
}

/// An SQLSTATE as text: the server's own five characters, if it keeps to the standard.
pub(super) fn sqlstate(sqlstate: Option<[u8; 5]>) -> String {
    sqlstate.map_or_else(|| "none".to_owned(), |sqlstate| String::from_utf8_lossy(&sqlstate).into_owned())
}
