//! Which statements are under way, and what is written down when they end?
//!
//! Mirrors the session's queue of outstanding replies with what the ledger wants to know: one
//! [`Open`] per exchange, which may hold several statements (a Query with a batch of them). Every
//! exchange that was opened ends in exactly one outcome for each of its statements.

mod written;

use crate::circumstances::{Brought, CHANGING, Circumstances};
use crate::judge::Bounds;
use crate::naming::{apply, names};
use crate::scope::{Scope, Wire};
use crate::sight::CurrentSight;
use crate::values::Kept;
use exchange::step::{Event, Parameter};
use exchange::{
    Claims, Class, Effects, ExchangeId, Fingerprint, Kind, Marks, Outcome, Protocol, Statement,
    TransactionState, VerdictWord,
};
use sql::Analysis;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use written::write;
pub(crate) use written::{count, describe, micros, record, verdict_index};

/// A statement that comes within this time after the answer to the same one repeats it: what a loop
/// in an application leaves. Whoever asks the same now and then is slower.
const AT_ONCE: Duration = Duration::from_millis(10);

/// Rooms for exchanges that a thread keeps for the next session that needs one: an idle session has
/// none. About as many as can be in use at the same moment.
const SPARE_MAX: usize = 256;

/// Exchanges the largest room that is kept has place for; a long pipeline's is given back.
const SPARE_OPEN_MAX: usize = 16;

thread_local! {
    static SPARE: RefCell<Vec<VecDeque<Open>>> = const { RefCell::new(Vec::new()) };
}

/// Marks of statements of MySQL that change what the session's own parts follow.
const FOLLOWED: Marks = READING.with(Marks::CHANGES_PATH).with(Marks::UNDOES_READ_ONLY);

/// Marks of statements that may change how the server reads a text.
const READING: Marks = Marks::CHANGES_READING.with(Marks::RESETS_SETTINGS).with(Marks::RUNS_TEXT);

/// An exchange under way.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) exchange: ExchangeId,
    pub(crate) kind: Kind,
    pub(crate) analysis: Arc<Analysis>,
    /// What the client says in a comment of the text, or of the one that was prepared.
    pub(crate) claims: Option<Arc<Claims>>,
    pub(crate) verdict: VerdictWord,
    /// The rule that decided.
    pub(crate) rule: Option<Arc<str>>,
    /// What a rule on trial would have decided.
    pub(crate) would: Option<(Arc<str>, &'static str)>,
    /// What the reply may not exceed; on the heap, since most have none.
    pub(crate) bounds: Option<Box<Bounds>>,
    /// What rules want kept of it, likewise.
    pub(crate) kept: Option<Box<Kept>>,
    pub(crate) epoch: u64,
    pub(crate) transaction: TransactionState,
    pub(crate) started: Instant,
    /// Since when it may run; `None` while its portal is suspended.
    pub(crate) runs_since: Option<Instant>,
    pub(crate) judge: Duration,
    pub(crate) bytes_in: u64,
    /// Room kept in the journal for the outcomes still to come.
    pub(crate) reserved: usize,
    /// Whether an intent was written for the statements that need one.
    pub(crate) intended: bool,
    /// The statement that ends next.
    pub(crate) next: usize,
    /// What the statement that ends next has returned so far, if it may return more.
    pub(crate) returned: Option<End>,
    pub(crate) forward: Option<Duration>,
    pub(crate) first: Option<Duration>,
}

/// How a statement ended, with its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    at: Instant,
    outcome: Outcome,
    bytes_out: u64,
    copied_in: u64,
}

impl End {
    /// The same, with what was returned before.
    fn with(self, before: End) -> End {
        let outcome = match self.outcome {
            Outcome::Completed { rows } => Outcome::Completed { rows: rows + before.rows() },
            other => other,
        };
        End {
            at: self.at,
            outcome,
            bytes_out: self.bytes_out + before.bytes_out,
            copied_in: self.copied_in + before.copied_in,
        }
    }

    fn rows(self) -> u64 {
        match self.outcome {
            Outcome::Completed { rows } => rows,
            _ => 0,
        }
    }
}

/// The exchanges of one session that are under way, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Exchanges {
    open: VecDeque<Open>,
    /// How many of them may give names to other statements.
    naming: usize,
    /// How many of them may change the circumstances that others are judged in.
    changing: usize,
    /// How many of them the gateway itself may have to cancel.
    bounded: usize,
    circumstances: Circumstances,
    /// How texts are read may have changed: the server reports that when it is ready.
    reads_anew: bool,
    /// What statements of MySQL that have succeeded changed of the session, and nobody has taken in yet.
    took_effect: Vec<Arc<Effects>>,
    /// How many there were in the session's life.
    begun: u64,
    /// When the bytes that are being heard arrived: their statements ended then.
    arrived: Option<Instant>,
    /// What the statement before was, and when it had ended.
    previous: Option<(Fingerprint, Instant)>,
    /// When the last of them ended: before, the server was busy with that.
    last_ended: Option<Instant>,
}

impl Exchanges {
    /// Those of a session whose login brought something with it.
    pub(crate) fn of_login(brought: Brought, protocol: Protocol) -> Exchanges {
        Exchanges { circumstances: Circumstances::of_login(brought, protocol), ..Exchanges::default() }
    }

    /// How many there were in the session's life.
    pub(crate) fn begun(&self) -> u64 {
        self.begun
    }

    /// The oldest statement under way.
    pub(crate) fn current(&self, now: Instant) -> Option<CurrentSight> {
        let open = self.open.front()?;
        let statements = &open.analysis.statements;
        let statement = statements.get(open.next).or_else(|| statements.last())?;
        Some(CurrentSight {
            statement: Arc::clone(statement),
            kind: open.kind,
            lasting: now.saturating_duration_since(open.started),
            verdict: open.verdict,
            rule: open.rule.clone(),
        })
    }

    /// As whom and with which names statements run now.
    pub(crate) fn circumstances(&self) -> &Circumstances {
        &self.circumstances
    }

    /// The server said whether the search path is that of the login.
    pub(crate) fn path_reported(&mut self, as_at_login: bool) {
        self.circumstances.path_reported(as_at_login);
    }

    /// What statements of MySQL have changed of the session since this was asked last.
    pub(crate) fn take_effects(&mut self) -> Vec<Arc<Effects>> {
        std::mem::take(&mut self.took_effect)
    }

    /// Whether something under way may change what names stand for.
    pub(crate) fn is_naming(&self) -> bool {
        self.naming > 0
    }

    /// Whether something that was not reported yet may change how a text is read.
    pub(crate) fn changes_reading(&self) -> bool {
        let changes = |one: &Arc<Statement>| one.effects.marks.intersects(READING);
        let any = |open: &Open| open.analysis.statements.iter().any(changes);
        self.reads_anew || (self.changing > 0 && self.open.iter().any(any))
    }

    /// Whether something under way may change the circumstances.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.changing > 0
    }

    /// Whether SQL under way gives names to statements or cursors, changes how others are judged, or
    /// may be cancelled by the gateway, and will be answered without anything more being sent: what
    /// follows depends on it.
    pub(crate) fn must_answer_first(&self, wire: &Wire) -> bool {
        let awaited = self.naming > 0 || self.changing > 0 || self.bounded > 0;
        awaited && !wire.is_copying_in() && !wire.is_amid_message() && wire.is_batch_closed() == Some(true)
    }

    pub(crate) fn begin(&mut self, open: Open, wire: &mut Wire) {
        self.naming += usize::from(names(&open));
        self.changing += usize::from(changes(&open));
        self.bounded += usize::from(open.bounds.is_some());
        wire.set_naming(self.naming > 0);
        self.begun += 1;
        if self.open.capacity() == 0 {
            self.open = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten().unwrap_or_default();
        }
        self.open.push_back(open);
    }

    /// Takes note of an exchange that was announced and will not be.
    pub(crate) fn abandon(&mut self, open: Open, wire: &mut Wire, scope: &Scope) {
        let exchange = open.exchange;
        self.begin(open, wire);
        self.rest_ended(exchange, Outcome::Skipped, wire, scope);
    }

    fn remove(&mut self, position: usize, wire: &mut Wire) -> Option<Open> {
        let open = self.open.remove(position)?;
        self.naming -= usize::from(names(&open));
        self.changing -= usize::from(changes(&open));
        self.bounded -= usize::from(open.bounds.is_some());
        wire.set_naming(self.naming > 0);
        if self.bounded > 0 {
            self.last_ended = Some(self.moment());
        }
        if self.open.is_empty() {
            self.rest();
        }
        Some(open)
    }

    /// Nothing is under way: whoever has something next may have the room.
    fn rest(&mut self) {
        let room = std::mem::take(&mut self.open);
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE_MAX && room.capacity() <= SPARE_OPEN_MAX {
                spare.push(room);
            }
        });
    }

    /// The requests cleared so far were handed to the upstream's socket.
    pub(crate) fn forwarded(&mut self) {
        if self.open.back().is_none_or(|open| open.forward.is_some()) {
            return;
        }
        let now = Instant::now();
        for open in self.open.iter_mut().rev() {
            if open.forward.is_some() {
                break;
            }
            open.forward = Some(now.duration_since(open.started));
        }
    }

    /// What the reply to `exchange` may not exceed.
    pub(crate) fn bounds(&self, exchange: ExchangeId) -> Option<&Bounds> {
        self.open.iter().find(|open| open.exchange == exchange)?.bounds.as_deref()
    }

    /// The statement that runs, when it takes longer than its rules allow. A server keeps short answers
    /// back up to the Sync, so what is prepared, set and ended before it may seem to run still.
    pub(crate) fn overdue(&self, now: Instant) -> Option<ExchangeId> {
        let runs = |open: &&Open| open.runs_since.is_some() && (open.bounds.is_some() || !is_brief(open));
        let open = self.open.iter().find(runs)?;
        let (longest, _) = open.bounds.as_deref()?.duration.as_ref()?;
        let since = open.runs_since.max(self.last_ended)?;
        (now.saturating_duration_since(since) > *longest).then_some(open.exchange)
    }

    /// Those behind `exchange`: in place of it, a cancel may end one of them.
    pub(crate) fn behind(&self, exchange: ExchangeId) -> impl Iterator<Item = ExchangeId> {
        self.open.iter().map(|open| open.exchange).filter(move |other| *other > exchange)
    }

    /// Everything was answered: what is open still is suspended.
    pub(crate) fn suspended(&mut self) {
        self.open.iter_mut().for_each(|open| open.runs_since = None);
    }

    /// A suspended one goes on.
    pub(crate) fn resumed(&mut self, exchange: ExchangeId) {
        if let Some(open) = self.open.iter_mut().find(|open| open.exchange == exchange) {
            open.runs_since = Some(Instant::now());
        }
    }

    /// The exchange is being cancelled for having taken too long: that is done once.
    pub(crate) fn cut_for_time(&mut self, exchange: ExchangeId) -> Option<(Duration, Arc<str>)> {
        let open = self.open.iter_mut().find(|open| open.exchange == exchange)?;
        open.bounds.as_deref_mut()?.duration.take()
    }

    /// Bytes of an answer arrived: they belong to the oldest exchange.
    pub(crate) fn answered(&mut self) {
        let Some(open) = self.open.front_mut() else { return };
        let now = Instant::now();
        open.first.get_or_insert_with(|| now.duration_since(open.started));
        self.arrived = Some(now);
    }

    /// When what is heard now arrived.
    pub(crate) fn moment(&self) -> Instant {
        self.arrived.unwrap_or_else(Instant::now)
    }

    /// What arrived last was heard.
    pub(crate) fn looked(&mut self) {
        self.arrived = None;
    }

    /// Takes in what the server's bytes told; `error` are the fields of the error in them.
    pub(crate) fn heard(&mut self, event: &Event, error: &[u8], wire: &mut Wire, scope: &Scope) {
        if matches!(event, Event::Failed { .. } | Event::Refused { .. } | Event::Cut { .. }) {
            self.circumstances.failed();
        }
        match *event {
            Event::Completed { exchange, rows, bytes, copied_in } => {
                let end = End {
                    at: self.moment(),
                    outcome: Outcome::Completed { rows },
                    bytes_out: bytes,
                    copied_in,
                };
                self.statement_ended(exchange, end, wire, scope);
            }
            Event::Failed { exchange: Some(exchange), sqlstate, bytes, copied_in, .. } => {
                scope.counters().exchanges_failed.add(1);
                let failed = self.open.iter_mut().find(|open| open.exchange == exchange);
                failed.into_iter().for_each(|open| open.failed(error, wire.protocol()));
                let end = End {
                    at: self.moment(),
                    outcome: Outcome::Failed { sqlstate },
                    bytes_out: bytes,
                    copied_in,
                };
                self.statement_ended(exchange, end, wire, scope);
            }
            Event::Cut { exchange, sqlstate, bytes_out, copied_in, .. } => {
                let end =
                    End { at: self.moment(), outcome: Outcome::Refused { sqlstate }, bytes_out, copied_in };
                self.statement_ended(exchange, end, wire, scope);
            }
            Event::Skipped { exchange } => self.rest_ended(exchange, Outcome::Skipped, wire, scope),
            Event::Returned { exchange, rows, bytes, copied_in } => {
                let end = End {
                    at: self.moment(),
                    outcome: Outcome::Completed { rows },
                    bytes_out: bytes,
                    copied_in,
                };
                self.returned(exchange, end, wire, scope);
            }
            Event::Ready { exchange, transaction } => {
                if let Some(exchange) = exchange {
                    self.settle(exchange, wire, scope);
                    self.rest_ended(exchange, Outcome::Skipped, wire, scope);
                }
                self.reads_anew = false;
                self.circumstances.ready(transaction);
            }
            Event::Parameter(Parameter::Database(_)) => self.circumstances.database_reported(),
            Event::Failed { exchange: None, .. }
            | Event::Refused { .. }
            | Event::Exceeded { .. }
            | Event::Dropped { .. }
            | Event::Guarded { .. }
            | Event::Parameter(_)
            | Event::Key { .. } => {}
        }
    }

    /// The connection is over: nobody will hear how these ended.
    pub(crate) fn lost(&mut self, wire: &mut Wire, scope: &Scope) {
        while let Some(exchange) = self.open.front().map(|open| open.exchange) {
            self.rest_ended(exchange, Outcome::Lost, wire, scope);
        }
    }

    fn position(&self, exchange: ExchangeId) -> Option<usize> {
        self.open.iter().position(|open| open.exchange == exchange)
    }

    /// The next statement of an exchange ended.
    fn statement_ended(&mut self, exchange: ExchangeId, end: End, wire: &mut Wire, scope: &Scope) {
        let Some(position) = self.position(exchange) else { return };
        let Some(open) = self.open.get_mut(position) else { return };
        let end = open.returned.take().map_or(end, |returned| end.with(returned));
        let mut statement = open.analysis.statements.get(open.next).cloned();
        open.next += 1;
        if statement.is_none() && open.kind == Kind::Run {
            // The server ran more than was seen in the text: that leaves a line all the same.
            statement = Some(sql::unseen());
            open.verdict = VerdictWord::Unjudged;
        }
        if let Some(statement) = statement {
            let place = open.next - 1;
            write(open, (place, &statement), end, &mut self.previous, wire, scope);
            if matches!(end.outcome, Outcome::Completed { .. }) && open.kind != Kind::Prepare {
                scope.with_facts(|session| {
                    let path = self.circumstances.path(&session.principal.database);
                    apply(&statement.verb, path, wire);
                });
                self.reads_anew |= statement.effects.marks.intersects(READING);
                self.circumstances.completed(&statement.effects);
                // What is prepared has not run.
                let changes =
                    statement.effects.marks.intersects(FOLLOWED) && statement.effects.verb != "prepare";
                if wire.protocol() == Protocol::Mysql && changes {
                    self.took_effect.push(Arc::clone(&statement.effects));
                }
                if matches!(statement.class, Class::Ddl | Class::Privilege) && scope.settings.probe.is_some()
                {
                    scope.with_facts(|session| scope.listener.standings.changed(&session.principal.database));
                }
            }
        }
        // A Query stays open for its other statements, until the server is ready again.
        if open.kind != Kind::Run
            && let Some(mut open) = self.remove(position, wire)
        {
            release(&mut open, scope);
        }
    }

    /// Rows came to their end. A statement that runs others may return more before it has ended.
    fn returned(&mut self, exchange: ExchangeId, end: End, wire: &mut Wire, scope: &Scope) {
        let Some(open) = self.position(exchange).and_then(|position| self.open.get_mut(position)) else {
            return;
        };
        let is_last = open.next + 1 == open.analysis.statements.len();
        let runs_others = open.analysis.statements.get(open.next).is_some_and(|statement| {
            statement.class == Class::Code || (statement.class == Class::Unknown && is_last)
        });
        if runs_others {
            open.returned = Some(open.returned.map_or(end, |before| end.with(before)));
        } else {
            self.statement_ended(exchange, end, wire, scope);
        }
    }

    /// The answer is over: a statement that returned rows and nothing after them has ended with those.
    fn settle(&mut self, exchange: ExchangeId, wire: &mut Wire, scope: &Scope) {
        let open = self.position(exchange).and_then(|position| self.open.get(position));
        if open.is_some_and(|open| open.returned.is_some()) {
            let end = End {
                at: self.moment(),
                outcome: Outcome::Completed { rows: 0 },
                bytes_out: 0,
                copied_in: 0,
            };
            self.statement_ended(exchange, end, wire, scope);
        }
    }

    /// Whatever of an exchange has not ended yet ends now.
    fn rest_ended(&mut self, exchange: ExchangeId, outcome: Outcome, wire: &mut Wire, scope: &Scope) {
        let Some(mut open) = self.position(exchange).and_then(|position| self.remove(position, wire)) else {
            return;
        };
        let at = self.moment();
        let analysis = Arc::clone(&open.analysis);
        for (place, statement) in analysis.statements.iter().enumerate().skip(open.next) {
            // What never ran leaves a line only where an intent asks for one.
            if outcome != Outcome::Skipped
                || (open.intended && scope.settings.record_before.includes(statement))
            {
                let end = End { at, outcome, bytes_out: 0, copied_in: 0 };
                write(&mut open, (place, statement), end, &mut self.previous, wire, scope);
            }
        }
        release(&mut open, scope);
    }
}

/// Whether an exchange takes no time worth counting.
fn is_brief(open: &Open) -> bool {
    let brief = |statement: &Arc<Statement>| matches!(statement.class, Class::Session | Class::Transaction);
    open.kind == Kind::Prepare || open.analysis.statements.iter().all(brief)
}

/// Whether an exchange may change the circumstances that others are judged in.
fn changes(open: &Open) -> bool {
    let changes = |statement: &Arc<Statement>| statement.effects.marks.intersects(CHANGING);
    open.kind != Kind::Prepare && open.analysis.statements.iter().any(changes)
}

fn release(open: &mut Open, scope: &Scope) {
    let mut journal = scope.thread.journal.borrow_mut();
    for _ in 0..std::mem::take(&mut open.reserved) {
        journal.release();
    }
}
