//! What does the ledger's thread add up?
//!
//! INVARIANT: what was handed over and what is still here comes to what the ledger was given since the
//! reports were switched on, but for what `untold` counts.

use super::callers::{Callers, Known};
use super::{Ended, Handed, Hasher, Refused, Reports, Row, Table};
use control::{GatewayEvent, Sums};
use exchange::{
    Class, Event, Fingerprint, Kind, Outcome, Record, RecordBody, Session, Statement, StatementRecord,
    TransactionState,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Different statements of different callers in one part and minute: what comes after them is summed.
const ROWS_MAX: usize = 20_000;
/// Different errors of one part and minute.
const ERRORS_MAX: usize = 5_000;
/// Minutes of one part: records are seldom late, and then because the disk was full.
const TABLES_MAX: usize = 8;
/// Sessions, refusals and events of one part, each.
const HAPPENINGS_MAX: usize = 4_096;
/// Texts that are remembered as told. What comes after them makes all of them be told anew.
const TOLD_MAX: usize = 100_000;

/// How often what somebody waits to see is handed over: sessions, refusals, events.
const HAPPENINGS_EVERY: Duration = Duration::from_secs(1);
/// How often sums are.
const SUMS_EVERY: Duration = Duration::from_secs(5);
/// The same while somebody watches: with the time it takes to be told, a second.
const SUMS_EVERY_WATCHED: Duration = Duration::from_millis(750);

const MINUTE_US: i64 = 60_000_000;

/// The sums of one ledger's thread.
#[derive(Debug)]
pub(crate) struct Tally {
    reports: Arc<Reports>,
    on: bool,
    callers: Callers,
    /// Fingerprints, by the number of the listener, whose text was told.
    told: HashSet<(u32, Fingerprint), Hasher>,
    /// Changes of schemas that this part tells already.
    changed: HashSet<(u64, Fingerprint), Hasher>,
    part: Handed,
    happened: bool,
    handed: Instant,
    summed: Instant,
}

impl Tally {
    pub(crate) fn new(reports: Arc<Reports>) -> Tally {
        let on = reports.is_on();
        Tally {
            reports,
            on,
            callers: Callers::new(),
            told: HashSet::default(),
            changed: HashSet::default(),
            part: Handed::default(),
            happened: false,
            handed: Instant::now(),
            summed: Instant::now(),
        }
    }

    /// Adds up one record.
    pub(crate) fn note(&mut self, record: &Record) {
        // What the process before this one has made a line of it has added up itself.
        if !self.is_on() || matches!(record.body, RecordBody::Line(_)) {
            return;
        }
        let at_us = i64::try_from(record.at_us).unwrap_or(i64::MAX);
        match (record.event, &record.body, &record.session) {
            (Event::StatementOutcome, RecordBody::Statement(body), Some(session)) => {
                self.ended(session, body, at_us);
            }
            (Event::StatementRefused, RecordBody::Statement(body), Some(session)) => {
                self.refused(session, body, at_us, "refuse");
            }
            (Event::StatementHeld, RecordBody::Statement(body), Some(session)) => {
                self.refused(session, body, at_us, "hold");
            }
            (Event::SessionStart, _, Some(session)) => self.session_started(session, at_us),
            (Event::SessionEnd, body, Some(session)) => self.session_ended(session, body, at_us),
            (
                Event::ConfigChanged
                | Event::PolicyChanged
                | Event::ModeChanged
                | Event::WriterStart
                | Event::WriterStop
                | Event::WriterGap
                | Event::LedgerRemoved
                | Event::LedgerErased
                | Event::LimitHit,
                body,
                session,
            ) => self.gateway(record.event, body, session.as_ref(), at_us),
            // An intent is told by its outcome; a failed login is in the ledger, and so is who reads it.
            (
                Event::StatementOutcome
                | Event::StatementRefused
                | Event::StatementHeld
                | Event::SessionStart
                | Event::SessionEnd
                | Event::StatementIntent
                | Event::LoginFailed
                | Event::Checkpoint
                | Event::LedgerRead
                | Event::LedgerExport,
                _,
                _,
            ) => {}
        }
    }

    /// Between two batches of records: hands over what is due. `all` of it before the end.
    pub(crate) fn turn(&mut self, now: Instant, wall_us: i64, all: bool) {
        if !self.is_on() {
            return;
        }
        let every = if self.reports.is_watched(wall_us) { SUMS_EVERY_WATCHED } else { SUMS_EVERY };
        let sums_due = all || now.saturating_duration_since(self.summed) >= every;
        let due = self.happened && now.saturating_duration_since(self.handed) >= HAPPENINGS_EVERY;
        if !sums_due && !due {
            return;
        }
        if self.reports.take_forget() {
            self.told.clear();
        }
        let tables = if sums_due { Vec::new() } else { std::mem::take(&mut self.part.tables) };
        let part = Box::new(std::mem::take(&mut self.part));
        let given = if part.is_empty() { Ok(()) } else { self.reports.give(part) };
        match given {
            Ok(()) => {
                self.part.tables = tables;
                self.happened = false;
                self.changed.clear();
                if sums_due {
                    self.reports.noted_until_us.store(wall_us, std::sync::atomic::Ordering::Release);
                }
            }
            Err(part) => {
                self.part = *part;
                if !sums_due {
                    self.part.tables = tables;
                }
            }
        }
        self.handed = now;
        if sums_due {
            self.summed = now;
        }
    }

    /// Once it is, it stays.
    fn is_on(&mut self) -> bool {
        self.on = self.on || self.reports.is_on();
        self.on
    }

    fn ended(&mut self, session: &Arc<Session>, body: &StatementRecord, at_us: i64) {
        let caller = self.callers.of(session);
        // What a name stands for is what was run.
        let ran = body.source.as_ref().unwrap_or(&body.statement);
        let Some(outcome) = body.outcome else { return };
        let failed = match outcome {
            Outcome::Failed { sqlstate } => Some(sqlstate),
            // Cut in the middle, by a limit.
            Outcome::Refused { sqlstate } => Some(Some(sqlstate)),
            Outcome::Completed { .. } | Outcome::Skipped | Outcome::Lost => None,
        };
        self.add(at_us, &caller, ran, |sums| {
            sums.calls += 1;
            sums.errors += u64::from(failed.is_some());
            if let Outcome::Completed { rows } = outcome {
                sums.rows = sums.rows.saturating_add(rows);
            }
            sums.bytes_in = sums.bytes_in.saturating_add(body.bytes_in);
            sums.bytes_out = sums.bytes_out.saturating_add(body.bytes_out);
            let total_us = u64::from(body.timing.total);
            sums.total_us = sums.total_us.saturating_add(total_us);
            sums.latency.observe(total_us);
        });
        if let Some(sqlstate) = failed {
            self.error(at_us, &caller, sqlstate, ran.fingerprint);
        }
        let completed = matches!(outcome, Outcome::Completed { .. }) && body.kind != Kind::Prepare;
        if ran.class == Class::Ddl && completed {
            self.schema_changed(&caller, ran, body.transaction, at_us);
        }
    }

    fn refused(&mut self, session: &Arc<Session>, body: &StatementRecord, at_us: i64, verdict: &'static str) {
        let caller = self.callers.of(session);
        let meant = body.source.as_ref().unwrap_or(&body.statement);
        self.add(at_us, &caller, meant, |sums| sums.refusals += 1);
        let sqlstate = body.outcome.and_then(|outcome| outcome.sqlstate()).unwrap_or(*b"     ");
        self.happened = true;
        let refused = Refused {
            session: Arc::clone(session),
            statement: Arc::clone(meant),
            at_us,
            verdict,
            rule: body.rule.clone(),
            sqlstate,
        };
        push(&mut self.part.refusals, refused, &mut self.part.untold);
    }

    fn session_started(&mut self, session: &Arc<Session>, at_us: i64) {
        self.happened = true;
        push(&mut self.part.starts, (Arc::clone(session), at_us), &mut self.part.untold);
    }

    fn session_ended(&mut self, session: &Arc<Session>, body: &RecordBody, at_us: i64) {
        self.callers.forget(session);
        let RecordBody::Ended { message_class, bytes_in, bytes_out, .. } = body else { return };
        self.happened = true;
        let ended = Ended {
            session: session.id,
            at_us,
            cause: message_class,
            bytes_in: *bytes_in,
            bytes_out: *bytes_out,
        };
        push(&mut self.part.ends, ended, &mut self.part.untold);
    }

    fn gateway(&mut self, event: Event, body: &RecordBody, session: Option<&Arc<Session>>, at_us: i64) {
        let note = match body {
            RecordBody::Note(note) => note.to_string(),
            RecordBody::Gap { lost } => format!("{lost} records are missing"),
            RecordBody::None
            | RecordBody::Statement(_)
            | RecordBody::Ended { .. }
            | RecordBody::Access(_)
            | RecordBody::Line(_) => String::new(),
        };
        self.happened = true;
        let listener = session.map(|session| session.listener.to_string()).unwrap_or_default();
        let event = GatewayEvent { at_us, event: event.as_str().to_owned(), listener, note };
        push(&mut self.part.events, event, &mut self.part.untold);
    }

    /// A statement that changes a schema has completed: told once a part, as `database: tables`.
    fn schema_changed(&mut self, caller: &Known, ran: &Statement, state: TransactionState, at_us: i64) {
        if !self.changed.insert((caller.number, ran.fingerprint)) {
            return;
        }
        let within = if state == TransactionState::Idle { "" } else { " (in a transaction)" };
        let note = format!("{}: {}{within}", caller.caller.database, ran.tables.join(", "));
        self.happened = true;
        let listener = caller.listener.to_string();
        let event = GatewayEvent { at_us, event: "ddl".to_owned(), listener, note };
        push(&mut self.part.events, event, &mut self.part.untold);
    }

    fn add(&mut self, at_us: i64, caller: &Arc<Known>, ran: &Arc<Statement>, count: impl FnOnce(&mut Sums)) {
        let Some(table) = table(&mut self.part.tables, at_us) else { return };
        let key = (caller.number, ran.fingerprint);
        if let Some(row) = table.places.get(&key).and_then(|place| table.rows.get_mut(*place)) {
            return count(&mut row.sums);
        }
        if table.rows.len() >= ROWS_MAX {
            return count(&mut table.other(&caller.listener).0);
        }
        table.places.insert(key, table.rows.len());
        let mut sums = Sums::default();
        count(&mut sums);
        table.rows.push(Row { fingerprint: ran.fingerprint, caller: Arc::clone(caller), sums });
        self.tell_text(caller, ran);
    }

    fn tell_text(&mut self, caller: &Known, ran: &Arc<Statement>) {
        let key = (caller.listener_number, ran.fingerprint);
        if self.told.contains(&key) || self.part.texts.len() >= HAPPENINGS_MAX {
            return;
        }
        if self.told.len() >= TOLD_MAX {
            self.told.clear();
        }
        self.told.insert(key);
        self.part.texts.push((Arc::clone(&caller.listener), Arc::clone(ran)));
    }

    fn error(&mut self, at_us: i64, caller: &Known, sqlstate: Option<[u8; 5]>, fingerprint: Fingerprint) {
        let Some(table) = table(&mut self.part.tables, at_us) else { return };
        let key = (caller.listener_number, sqlstate, fingerprint);
        if let Some(count) = table.errors.get_mut(&key) {
            *count += 1;
        } else if table.errors.len() < ERRORS_MAX {
            table.errors.insert(key, 1);
            table.name(caller.listener_number, &caller.listener);
        } else {
            table.other(&caller.listener).1 += 1;
        }
    }
}

/// Keeps one more of what is told one by one, or counts it.
fn push<T>(kept: &mut Vec<T>, one: T, untold: &mut u64) {
    if kept.len() < HAPPENINGS_MAX {
        kept.push(one);
    } else {
        *untold += 1;
    }
}

/// The table of a time. Where there are too many already, the last one: its minute is then not exact.
fn table(tables: &mut Vec<Table>, at_us: i64) -> Option<&mut Table> {
    let minute = at_us.div_euclid(MINUTE_US);
    let known = tables.iter().rposition(|table| table.minute == minute);
    if known.is_none() && tables.len() < TABLES_MAX {
        tables.push(Table { minute, ..Table::default() });
    }
    let place = known.unwrap_or(tables.len().saturating_sub(1));
    tables.get_mut(place)
}

impl Table {
    /// The sums and the errors of what has no row.
    fn other(&mut self, listener: &Arc<str>) -> &mut (Sums, u64) {
        let known = self.others.iter().position(|(name, _)| name == listener);
        let place = known.unwrap_or_else(|| {
            self.others.push((Arc::clone(listener), Default::default()));
            self.others.len() - 1
        });
        // It was found or put there just now.
        &mut self.others[place].1
    }

    /// Remembers what a listener's number stands for.
    fn name(&mut self, number: u32, listener: &Arc<str>) {
        if !self.listeners.iter().any(|(known, _)| *known == number) {
            self.listeners.push((number, Arc::clone(listener)));
        }
    }
}
