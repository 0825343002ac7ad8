//! May these bytes go upstream?
//!
//! The only place that makes a [`Cleared`], and so the only way to the upstream's socket. A request
//! is analysed, judged and announced to the ledger here; the gate may wait for two things only: the
//! ledger's ticket of an intent, and a cancel that is still on its way to the server.

use crate::analyses::alone;
use crate::cancel::CancelTarget;
use crate::exchanges::{Exchanges, Open, count, describe, micros, record};
use crate::journal::Ticket;
use crate::scope::{Scope, Wire, now_us};
use crate::session::sqlstate;
use crate::settings::OnFailure;
use crate::statistics::Ended;
use exchange::{
    Ask, Class, Event as Word, Kind, Outcome, Protocol, Refusal, RefusalClass, Request, Statement, Verb,
    VerdictWord,
};
use policies::{Facts, Verdict};
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
    on_failure: OnFailure,
}

/// The gate of one session.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: Option<Held>,
    ticket: Option<Arc<Ticket>>,
    pub(crate) cancels: Option<Arc<CancelTarget>>,
    /// How the server reads a text, as far as it has told.
    lexing: Lexing,
    double_byte_client: bool,
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

    /// The server reported `standard_conforming_strings`.
    pub(crate) fn set_standard_conforming_strings(&mut self, on: bool) {
        self.lexing = Lexing::Postgres { standard_conforming_strings: on };
    }

    /// Waits until no cancel is on its way. Until then nothing more may reach the server, not even
    /// a Bind: a cancel that arrives late would hit it.
    pub(crate) fn poll_quiet(&self, context: &mut Context<'_>) -> Poll<()> {
        self.cancels.as_ref().map_or(Poll::Ready(()), |cancels| cancels.poll_quiet(context))
    }

    /// The server reported `client_encoding`. In these (PostgreSQL's client-only encodings, and those of MySQL that it warns of) the second
    /// byte of a character can be one that means something in SQL.
    pub(crate) fn set_client_encoding(&mut self, name: &[u8]) {
        let double: [&[u8]; 9] = [
            b"SJIS",
            b"SHIFT_JIS_2004",
            b"BIG5",
            b"GBK",
            b"UHC",
            b"GB18030",
            b"JOHAB",
            b"MULE_INTERNAL",
            b"CP932",
        ];
        self.double_byte_client = double.iter().any(|other| name.eq_ignore_ascii_case(other));
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
        if let Request::Execute { resumes: Some(_), .. } = ask.request {
            // More rows of what was judged and recorded when it began. If it was not known for that
            // before, it was announced as new.
            self.abandon(wire, exchanges, scope);
            wire.admit(ask, None, false);
            return Poll::Ready(Cleared(What::Original(ask.bytes)));
        }
        let held = match self.held.take() {
            Some(held) => held,
            None if wire.outstanding() >= UNDER_WAY_MAX => return Poll::Pending,
            None => match self.judge(ask, wire, scope) {
                Ok(Some(held)) => held,
                Ok(None) => return Poll::Pending,
                Err((open, refusal)) => return Poll::Ready(self.refuse(ask, *open, *refusal, wire, scope)),
            },
        };
        if !held.open.intended {
            return Poll::Ready(self.admit(ask, held.open, wire, exchanges));
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
            return Poll::Ready(self.admit(ask, held.open, wire, exchanges));
        }
        Poll::Ready(self.refuse(ask, held.open, unrecorded(), wire, scope))
    }

    /// Analyses, judges and announces; what may pass comes back, with its intent on the way.
    #[allow(clippy::type_complexity)]
    fn judge(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        wire: &Wire,
        scope: &Scope,
    ) -> Result<Option<Held>, (Box<Open>, Box<Refusal>)> {
        let started = Instant::now();
        let mut analysis = self.analysis(ask, scope);
        #[cfg(test)]
        planted_fault(&analysis);
        if self.is_disputed(ask, &analysis) {
            match wire.is_batch_closed() {
                // What is under way may change how the server will read this: its answers tell.
                Some(true) if !wire.is_copying_in() => return Ok(None),
                // They will come only behind more of the client's messages: this stays unknown.
                Some(_) => analysis = alone(sql::unjudged()),
                None if self.double_byte_client => analysis = alone(sql::unjudged()),
                None => {}
            }
        }
        let kind = ask.request.kind();
        let ruleset = scope.listener.ruleset.load();
        let facts = scope.facts();
        let transaction = wire.transaction();
        let mut word = VerdictWord::Allow;
        let mut refused = unfollowed(ask);
        for statement in &analysis.statements {
            let seen = statement.class != Class::Unknown || !Arc::ptr_eq(statement, &sql::unjudged());
            let facts = Facts { session: &facts, kind, statement: seen.then_some(statement), transaction };
            match ruleset.decide(&facts).verdict {
                Verdict::Allow => {}
                Verdict::Unjudged => word = VerdictWord::Unjudged,
                Verdict::Refuse(refusal) => {
                    refused = Some(refusal);
                    break;
                }
            }
        }
        let judge = started.elapsed();
        scope.counters().judged(judge);
        let open = Open {
            exchange: wire.upcoming_exchange(),
            kind,
            analysis,
            verdict: word,
            epoch: ruleset.epoch(),
            transaction,
            started,
            judge,
            bytes_in: (ask.bytes + ask.rest) as u64,
            reserved: 0,
            intended: false,
            next: 0,
            returned: None,
            forward: None,
            first: None,
        };
        match refused {
            Some(refusal) => Err((Box::new(open), refusal)),
            None => self.announce(open, wire, scope),
        }
    }

    /// Makes sure the ledger can hold what will have to be said: room for the outcomes, and the
    /// intents of the statements that need one.
    fn announce(
        &mut self,
        mut open: Open,
        wire: &Wire,
        scope: &Scope,
    ) -> Result<Option<Held>, (Box<Open>, Box<Refusal>)> {
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
                    return Ok(None);
                }
                self.no_room_since = None;
                drop(journal);
                return Err((Box::new(open), Box::new(unrecorded())));
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
        Ok(Some(Held { open, on_failure }))
    }

    /// Whether the server may read a text otherwise than it was read here.
    fn is_disputed(&self, ask: &Ask<'_, Arc<Analysis>>, analysis: &Analysis) -> bool {
        let (Request::Run { text } | Request::Prepare { text, .. }) = &ask.request else { return false };
        // In the double-byte encodings a backslash, a quote or a semicolon may be half a character.
        analysis.ending == Ending::Disputed || (self.double_byte_client && !text.is_ascii())
    }

    fn analysis(&self, ask: &Ask<'_, Arc<Analysis>>, scope: &Scope) -> Arc<Analysis> {
        match &ask.request {
            Request::Run { text } | Request::Prepare { text, .. } => {
                scope.thread.analyses.borrow_mut().of(text, self.lexing)
            }
            Request::Execute { statement: Some(analysis), .. } => Arc::clone(analysis),
            Request::Function { oid } => alone(Arc::new(sql::function_call(*oid))),
            Request::Command { command, object } => {
                alone(Arc::new(sql::command(command.as_str(), object, command.class())))
            }
            Request::Unsupported { what } => alone(Arc::new(sql::command(what, b"", Class::Unknown))),
            Request::Execute { statement: None, .. } | Request::Oversize { .. } => alone(sql::unjudged()),
        }
    }

    /// Gives up a request that was announced: its client will not make it, or not as it was.
    pub(crate) fn abandon(&mut self, wire: &mut Wire, exchanges: &mut Exchanges, scope: &Scope) {
        if let Some(mut held) = self.held.take() {
            held.open.exchange = wire.forgo_exchange();
            exchanges.abandon(held.open, wire, scope);
        }
    }

    fn admit(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        mut open: Open,
        wire: &mut Wire,
        exchanges: &mut Exchanges,
    ) -> Cleared {
        let copies =
            open.kind != Kind::Prepare && open.analysis.statements.iter().any(|one| self.takes_data(one));
        let admitted = wire.admit(ask, Some(Arc::clone(&open.analysis)), copies);
        open.exchange = admitted.exchange;
        open.bytes_in = admitted.bytes_in;
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
        open.verdict = VerdictWord::Refuse;
        let analysis = Arc::clone(&open.analysis);
        let mut journal = scope.thread.journal.borrow_mut();
        for _ in 0..std::mem::take(&mut open.reserved) {
            journal.release();
        }
        for statement in &analysis.statements {
            scope.counters().exchanged(statement.class, 1, None);
            let mut body = describe(&open, statement, wire);
            body.timing.judge = micros(open.judge);
            body.outcome = Some(Outcome::Refused { sqlstate });
            body.rule = refusal.rule.clone();
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
            let _ = journal.offer(record(Word::StatementRefused, body, at_us, scope));
        }
        drop(journal);
        let mut bytes = Vec::new();
        wire.refuse(ask, refusal, &mut bytes);
        Cleared(What::Poison { replaces: ask.bytes, bytes })
    }
}

/// Whether a statement may ask its client for data: COPY FROM STDIN, in any writing.
fn takes_copy_data(statement: &Statement) -> bool {
    let begins = statement.text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy"));
    begins && statement.class == Class::Write
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
