//! May these bytes go upstream?
//!
//! The only place that makes a [`Cleared`], and so the only way to the upstream's socket. A request
//! is analysed, judged and announced to the ledger here. What the gate may wait for is bounded: a long text
//! that is being read, room in the journal and the ticket of an intent, a cancel on its way to the server,
//! and answers that tell how the server will read a text.

use crate::analyses::alone;
use crate::cancel::CancelTarget;
use crate::encoding::Encoding;
use crate::exchanges::{Exchanges, Open, count, describe, micros, record, verdict_index};
use crate::journal::Ticket;
use crate::judge::{Bounds, Judge, Judgement, Matter};
use crate::long::{self, Reading};
use crate::meaning;
use crate::scope::{Scope, Wire, now_us};
use crate::session::sqlstate;
use crate::settings::OnFailure;
use crate::statistics::Ended;
use exchange::{
    Ask, Basis, Class, Event as Word, Kind, Marks, Outcome, Protocol, Refusal, RefusalClass, Request,
    Statement, Verb, VerdictWord,
};
use sql::token::Ending;
use sql::{Analysis, Lexing};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Bytes that may go upstream. The one constructor is in this module.
#[derive(Debug)]
pub(crate) struct Cleared(What);

#[derive(Debug)]
enum What {
    Original(usize),
    Poison { replaces: usize, bytes: Vec<u8> },
}

impl Cleared {
    /// Marks the front of `buffer` as sendable.
    pub(crate) fn apply(self, buffer: &mut crate::buffer::Buffer) {
        match self.0 {
            What::Original(len) => buffer.clear(len),
            What::Poison { replaces, bytes } => buffer.replace(replaces, &bytes),
        }
    }
}

/// Longest wait for the ledger to hold an intent: a disk that does not answer counts as failed.
const INTENT_WAIT: Duration = Duration::from_secs(10);

/// Outcomes for which one request takes room in the journal beforehand. Generated batches of more
/// share what is left: one session must not take the room of all.
const RESERVED_MAX: usize = 256;

/// Exchanges one session may have under way; a longer pipeline waits at the gate.
const UNDER_WAY_MAX: usize = 2_048;

/// A request that was judged and waits for its ticket.
#[derive(Debug)]
struct Held {
    open: Open,
    /// What the request's text says by itself: what it names may be another thing by the time it is
    /// executed.
    remembered: Arc<Analysis>,
    on_failure: OnFailure,
}

/// What judging a request came to.
#[allow(clippy::large_enum_variant, reason = "most requests pass, and that costs no allocation")]
enum Judged {
    /// It may pass once its intent is held.
    Passes(Held),
    /// It may not pass.
    Refused(Box<Open>, Box<Refusal>),
    /// Something has to be waited for first.
    Waits,
}

/// The gate of one session.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: Option<Held>,
    ticket: Option<Arc<Ticket>>,
    pub(crate) cancels: Option<Arc<CancelTarget>>,
    /// How the server reads a text, as far as it has told.
    lexing: Lexing,
    pub(crate) encoding: Encoding,
    /// The server's version, 0 before it has told; a gateway in front of MySQL looks at none.
    server_major: u32,
    /// A long text that is being read elsewhere.
    reading: Option<Arc<Reading>>,
    pub(crate) judge: Judge,
    /// A request that was judged, and what is remembered of it, while the journal has no room for it: it
    /// is not judged twice, or it would count twice against a rate.
    without_room: Option<Box<(Open, Arc<Analysis>)>>,
    /// Since when the journal has had no room for the request at the front.
    no_room_since: Option<Instant>,
}

impl Gate {
    pub(crate) fn new(protocol: Protocol) -> Gate {
        let lexing = match protocol {
            Protocol::Postgres => Lexing::default(),
            Protocol::Mysql => Lexing::MYSQL,
        };
        Gate { lexing, ..Gate::default() }
    }

    /// The server reported the parts of `sql_mode` that change how a text is read.
    pub(crate) fn set_sql_mode(&mut self, ansi_quotes: bool, no_backslash_escapes: bool) {
        self.lexing = Lexing::Mysql { ansi_quotes, no_backslash_escapes };
    }

    /// The server reported `server_version`: `17.2`, `18beta1`, `16.4 (Debian 16.4-1)`.
    pub(crate) fn set_server_version(&mut self, version: &[u8]) {
        let digits = version.iter().take_while(|byte| byte.is_ascii_digit());
        self.server_major = digits
            .fold(0, |major: u32, digit| major.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    }

    /// The server reported `standard_conforming_strings`.
    pub(crate) fn set_standard_conforming_strings(&mut self, on: bool) {
        self.lexing = Lexing::Postgres { standard_conforming_strings: on };
    }

    /// Waits until no cancel is on its way. Until then nothing more may reach the server, not even
    /// a Bind: a cancel that arrives late would hit it.
    pub(crate) fn poll_quiet(&self, context: &mut Context<'_>) -> Poll<()> {
        self.cancels.as_ref().map_or(Poll::Ready(()), |cancels| cancels.poll_quiet(context))
    }

    /// Clears bytes that carry no request.
    pub(crate) fn pass(&self, len: usize) -> Cleared {
        Cleared(What::Original(len))
    }

    /// Decides a request. When pending, the same request must be asked again.
    pub(crate) fn poll_judge(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        wire: &mut Wire,
        exchanges: &mut Exchanges,
        scope: &Scope,
        context: &mut Context<'_>,
    ) -> Poll<Cleared> {
        if wire.is_doomed() {
            // The server will skip it, as it would skip what follows an error of its own. What goes in
            // its place could do no harm even if it did not.
            let refusal = Refusal::new(RefusalClass::NotPermitted, "a request before it was refused");
            let mut bytes = Vec::new();
            wire.refuse(ask, refusal, &mut bytes);
            return Poll::Ready(Cleared(What::Poison { replaces: ask.bytes, bytes }));
        }
        if wire.outstanding() == 0 {
            exchanges.suspended();
        }
        if let Request::Execute { resumes: Some(exchange), .. } = ask.request {
            // More rows of what was judged and recorded when it began. If it was not known for that
            // before, it was announced as new.
            self.abandon(wire, exchanges, scope);
            exchanges.resumed(exchange);
            wire.admit(ask, None, false);
            return Poll::Ready(Cleared(What::Original(ask.bytes)));
        }
        let held = match self.held.take() {
            Some(held) => held,
            None if wire.outstanding() >= UNDER_WAY_MAX => return Poll::Pending,
            None => match self.judge(ask, wire, exchanges, scope, context) {
                Judged::Passes(held) => held,
                Judged::Waits => return Poll::Pending,
                Judged::Refused(open, refusal) => {
                    return Poll::Ready(self.refuse(ask, *open, *refusal, wire, scope));
                }
            },
        };
        if !held.open.intended {
            return Poll::Ready(self.admit(ask, held, wire, exchanges));
        }
        let recorded = match self.ticket.as_ref().map(|ticket| ticket.poll(context)) {
            Some(Poll::Pending) if held.open.started.elapsed() < INTENT_WAIT => {
                self.held = Some(held);
                return Poll::Pending;
            }
            Some(Poll::Pending) => false,
            Some(Poll::Ready(recorded)) => recorded,
            None => true,
        };
        if recorded || held.on_failure == OnFailure::Continue {
            return Poll::Ready(self.admit(ask, held, wire, exchanges));
        }
        Poll::Ready(self.refuse(ask, held.open, unrecorded(), wire, scope))
    }

    /// Analyses, judges and announces; what may pass comes back, with its intent on the way.
    fn judge(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        wire: &Wire,
        exchanges: &Exchanges,
        scope: &Scope,
        context: &mut Context<'_>,
    ) -> Judged {
        if let Some(waiting) = self.without_room.take() {
            let (open, remembered) = *waiting;
            return self.announce(open, remembered, wire, scope);
        }
        let started = Instant::now();
        let Poll::Ready(mut analysis) = self.poll_analysis(ask, scope, context) else { return Judged::Waits };
        #[cfg(test)]
        planted_fault(&analysis);
        if self.is_disputed(ask, &analysis, exchanges) {
            match wire.is_batch_closed() {
                // What is under way may change how the server will read this: its answers tell.
                Some(true) if !wire.is_copying_in() => return Judged::Waits,
                // They will come only behind more of the client's messages: this stays unknown.
                Some(_) => analysis = alone(sql::ambiguous()),
                None if self.is_encoded(ask) => analysis = alone(sql::ambiguous()),
                None => {}
            }
        }
        let remembered = Arc::clone(&analysis);
        // Within a batch that no Sync has closed, what names stand for is not known.
        let names = Some(wire).filter(|_| !exchanges.is_naming());
        analysis = meaning::of(&analysis, names, self.server_major, scope).unwrap_or(analysis);
        let kind = ask.request.kind();
        let transaction = wire.transaction();
        let matter = Matter {
            kind,
            analysis: &analysis,
            transaction,
            circumstances: exchanges.circumstances(),
            in_doubt: exchanges.is_in_doubt(),
            names,
            at: started,
        };
        let Judgement { verdict, mut refusal, rule, would, bounds, epoch } = self.judge.judge(&matter, scope);
        refusal = unfollowed(ask).or(refusal);
        let judge = started.elapsed();
        scope.counters().judged(judge);
        let open = Open {
            exchange: wire.upcoming_exchange(),
            kind,
            analysis,
            verdict,
            rule,
            would,
            bounds: bounds_of(kind, bounds),
            epoch,
            transaction,
            started,
            runs_since: Some(started),
            judge,
            bytes_in: (ask.bytes + ask.rest) as u64,
            reserved: 0,
            intended: false,
            next: 0,
            returned: None,
            forward: None,
            first: None,
        };
        match refusal {
            Some(refusal) => Judged::Refused(Box::new(open), refusal),
            None => self.announce(open, remembered, wire, scope),
        }
    }

    /// Makes sure the ledger can hold what will have to be said: room for the outcomes, and the
    /// intents of the statements that need one.
    fn announce(&mut self, mut open: Open, remembered: Arc<Analysis>, wire: &Wire, scope: &Scope) -> Judged {
        let on_failure = on_failure(&open, scope);
        let analysis = Arc::clone(&open.analysis);
        // A Prepare runs nothing: what it prepares is announced when it is executed.
        let runs = open.kind != Kind::Prepare;
        let intents = analysis.statements.iter().filter(|one| runs && one.class.needs_intent());
        let mut journal = scope.thread.journal.borrow_mut();
        let failing = journal.is_failing();
        if on_failure == OnFailure::Refuse {
            let wanted = analysis.statements.len().min(RESERVED_MAX);
            if failing || !journal.has_room(wanted + intents.clone().count()) {
                // A disk that is slow for a moment is waited for; one that fails is not.
                let since = *self.no_room_since.get_or_insert(open.started);
                if !failing && since.elapsed() < INTENT_WAIT {
                    drop(journal);
                    self.without_room = Some(Box::new((open, remembered)));
                    return Judged::Waits;
                }
                self.no_room_since = None;
                drop(journal);
                return Judged::Refused(Box::new(open), Box::new(unrecorded()));
            }
            self.no_room_since = None;
            while open.reserved < wanted && journal.reserve().is_ok() {
                open.reserved += 1;
            }
        }
        for statement in intents {
            let record = record(Word::StatementIntent, describe(&open, statement, wire), now_us(), scope);
            let ticket = self.ticket.get_or_insert_with(Arc::default);
            match journal.intend(record, ticket) {
                Ok(()) => open.intended = true,
                Err(_) => journal.count_lost(1),
            }
        }
        // The caller must not wait for a ledger that is known to be stuck.
        open.intended &= !failing || on_failure == OnFailure::Refuse;
        Judged::Passes(Held { open, remembered, on_failure })
    }

    /// Whether the server may read a text otherwise than it was read here.
    fn is_disputed(&self, ask: &Ask<'_, Arc<Analysis>>, analysis: &Analysis, exchanges: &Exchanges) -> bool {
        let (Request::Run { text } | Request::Prepare { text, .. }) = &ask.request else { return false };
        analysis.ending == Ending::Disputed
            || (exchanges.changes_reading() && !text.is_ascii())
            || self.is_encoded(ask)
    }

    /// Whether the session's encoding alone makes a text, or a name, uncertain.
    fn is_encoded(&self, ask: &Ask<'_, Arc<Analysis>>) -> bool {
        let (text, name) = match &ask.request {
            Request::Run { text } => (*text, &b""[..]),
            Request::Prepare { text, name } => (*text, *name),
            _ => return false,
        };
        // In the double-byte encodings a backslash, a quote or a semicolon may be half a character.
        (self.encoding.is_double_byte() && !text.is_ascii())
            || self.encoding.disputes(text, self.lexing)
            || self.encoding.disputes_name(name)
    }

    /// What the request's text consists of. Pending while a long one is read elsewhere.
    fn poll_analysis(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        scope: &Scope,
        context: &mut Context<'_>,
    ) -> Poll<Arc<Analysis>> {
        Poll::Ready(match &ask.request {
            Request::Run { text } | Request::Prepare { text, .. } if text.len() > long::LONG => {
                return self.poll_long(text, scope, context);
            }
            Request::Run { text } | Request::Prepare { text, .. } => {
                scope.thread.analyses.borrow_mut().of(text, self.lexing)
            }
            Request::Execute { statement: Some(analysis), .. } => Arc::clone(analysis),
            Request::Function { oid } => alone(Arc::new(sql::function_call(*oid))),
            Request::Command { command, object } => {
                alone(Arc::new(sql::command(command.as_str(), object, command.class())))
            }
            Request::Unsupported { what } => alone(Arc::new(sql::command(what, b"", Class::Unknown))),
            Request::Execute { statement: None, .. } => alone(sql::unjudged()),
            Request::Oversize { .. } => alone(Arc::new(sql::oversize(scope.settings.limits.statement_bytes))),
        })
    }

    fn poll_long(&mut self, text: &[u8], scope: &Scope, context: &mut Context<'_>) -> Poll<Arc<Analysis>> {
        if self.reading.is_none() {
            if let Some(analysis) = scope.thread.analyses.borrow_mut().known(text, self.lexing) {
                return Poll::Ready(analysis);
            }
            self.reading = long::begin(text, self.lexing, context);
        }
        let Some(reading) = &self.reading else { return Poll::Pending };
        let Poll::Ready(analysis) = reading.poll(context) else { return Poll::Pending };
        self.reading = None;
        if analysis.lexing != self.lexing {
            // The server reads it by other rules by now.
            return self.poll_long(text, scope, context);
        }
        scope.thread.analyses.borrow_mut().learn(text, self.lexing, &analysis);
        Poll::Ready(analysis)
    }

    /// Gives up a request that was announced: its client will not make it, or not as it was.
    pub(crate) fn abandon(&mut self, wire: &mut Wire, exchanges: &mut Exchanges, scope: &Scope) {
        self.without_room = None;
        if let Some(mut held) = self.held.take() {
            held.open.exchange = wire.forgo_exchange();
            exchanges.abandon(held.open, wire, scope);
        }
    }

    fn admit(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        held: Held,
        wire: &mut Wire,
        exchanges: &mut Exchanges,
    ) -> Cleared {
        let Held { mut open, remembered, .. } = held;
        let copies =
            open.kind != Kind::Prepare && open.analysis.statements.iter().any(|one| self.takes_data(one));
        let admitted = wire.admit(ask, Some(remembered), copies);
        open.exchange = admitted.exchange;
        open.bytes_in = admitted.bytes_in;
        if let Some(bounds) = &open.bounds {
            let [rows, bytes] = [&bounds.rows, &bounds.bytes].map(|bound| bound.as_ref().map(|one| one.0));
            wire.limit(admitted.exchange, rows, bytes);
        }
        exchanges.begin(open, wire);
        Cleared(What::Original(ask.bytes))
    }

    /// Whether a statement may ask its client for data.
    fn takes_data(&self, statement: &Statement) -> bool {
        match self.lexing {
            Lexing::Postgres { .. } => takes_copy_data(statement),
            Lexing::Mysql { .. } => takes_file(statement),
        }
    }

    /// Records a refusal and puts poison in the request's place.
    fn refuse(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        mut open: Open,
        refusal: Refusal,
        wire: &mut Wire,
        scope: &Scope,
    ) -> Cleared {
        let sqlstate = sqlstate(wire.protocol(), refusal.class);
        scope.counters().refused(refusal.class);
        let event = match open.verdict {
            VerdictWord::Hold => Word::StatementHeld,
            VerdictWord::Allow | VerdictWord::Refuse | VerdictWord::Unjudged => {
                open.verdict = VerdictWord::Refuse;
                Word::StatementRefused
            }
        };
        let verdict = verdict_index(open.verdict);
        let analysis = Arc::clone(&open.analysis);
        let mut journal = scope.thread.journal.borrow_mut();
        for _ in 0..std::mem::take(&mut open.reserved) {
            journal.release();
        }
        for statement in &analysis.statements {
            scope.counters().exchanged(statement.class, verdict, None);
            let mut body = describe(&open, statement, wire);
            body.timing.judge = micros(open.judge);
            body.outcome = Some(Outcome::Refused { sqlstate });
            let at_us = now_us();
            let ended = Ended {
                outcome: Outcome::Refused { sqlstate },
                first_us: None,
                total_us: 0,
                bytes_in: body.bytes_in,
                bytes_out: 0,
                at_us,
                repeats: false,
            };
            count(body.source.as_ref().unwrap_or(statement), &ended, scope);
            let _ = journal.offer(record(event, body, at_us, scope));
        }
        drop(journal);
        let mut bytes = Vec::new();
        wire.refuse(ask, refusal, &mut bytes);
        Cleared(What::Poison { replaces: ask.bytes, bytes })
    }
}

/// The bounds of a reply, where there are any. What is prepared returns nothing yet.
fn bounds_of(kind: Kind, bounds: Bounds) -> Option<Box<Bounds>> {
    (kind != Kind::Prepare && !bounds.is_empty()).then(|| Box::new(bounds))
}

/// Whether a statement may ask its client for data: COPY FROM STDIN, in any writing.
fn takes_copy_data(statement: &Statement) -> bool {
    match &statement.effects.basis {
        Basis::Grammar => statement.effects.marks.contains(Marks::TAKES_DATA),
        // What could not be judged may be anything.
        _ => statement.text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy")),
    }
}

/// LOAD DATA LOCAL, in any writing, or what nobody can tell.
fn takes_file(statement: &Statement) -> bool {
    let loads = |text: &str| text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"load"));
    match statement.class {
        Class::Unknown | Class::Code => true,
        Class::Write => loads(&statement.text),
        _ => false,
    }
}

/// Why a request is refused whatever the rules say.
fn unfollowed(ask: &Ask<'_, Arc<Analysis>>) -> Option<Box<Refusal>> {
    let Request::Unsupported { what } = &ask.request else { return None };
    let message = format!("the gateway cannot follow this command ({what}), so it does not pass");
    let hint = "replicate from the server itself";
    Some(Box::new(Refusal::new(RefusalClass::Unsupported, message).with_hint(hint)))
}

/// The strictest of what is set for the classes of a request. What leaves a transaction always may.
fn on_failure(open: &Open, scope: &Scope) -> OnFailure {
    let strict = open.analysis.statements.iter().any(|statement| {
        statement.verb != Verb::Leave && scope.settings.on_failure.of(statement.class) == OnFailure::Refuse
    });
    if strict { OnFailure::Refuse } else { OnFailure::Continue }
}

/// A fault of our own, for the test that one session's fault is no other's.
#[cfg(test)]
#[allow(clippy::panic)]
fn planted_fault(analysis: &Analysis) {
    if analysis.statements.iter().any(|statement| statement.text.contains("planted_fault")) {
        panic!("planted by a test");
    }
}

fn unrecorded() -> Refusal {
    Refusal::new(RefusalClass::Unrecorded, "the ledger cannot record this statement, so it does not run")
        .with_hint(
            "the gateway's log says what is wrong with the ledger's directory; try again when it is mended",
        )
}
