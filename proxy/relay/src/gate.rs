//! May these bytes go upstream?
//!
//! The only place that makes a [`Cleared`], and so the only way to the upstream's socket. A request
//! is analysed, judged and announced to the ledger here. What the gate may wait for is bounded: a long text
//! that is being read, room in the journal and the ticket of an intent, a cancel on its way to the server,
//! and answers that tell how the server will read a text.

mod certainty;
mod waiting;

use crate::cancel::CancelTarget;
use crate::connection;
use crate::current;
use crate::data;
use crate::encoding::Encoding;
use crate::exchanges::{Exchanges, Open, count, describe, micros, record, verdict_index};
use crate::journal::Ticket;
use crate::judge::{Bounds, Judge, Judgement, Matter};
use crate::kills;
use crate::limit::Limit;
use crate::login;
use crate::long::Reading;
use crate::meaning;
use crate::modes::Modes;
use crate::scope::{Scope, Wire, now_us};
use crate::session::{Remembered, sqlstate};
use crate::settings::OnFailure;
use crate::statistics::Ended;
use crate::values::{self, Asked, Prepared};
use exchange::budget::Budget;
use exchange::{
    Ask, Claims, Command, Event as Word, Kind, Outcome, Protocol, Refusal, RefusalClass, Request,
    StatementRecord, Verb, VerdictWord,
};
use sql::{Analysis, Lexing};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use waiting::Waiting;

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
    remembered: Remembered,
    on_failure: OnFailure,
}

/// A request that does not pass, while the ledger takes in that it does not.
#[derive(Debug)]
struct Turned {
    refusal: Refusal,
    since: Instant,
    /// Whether the client waits for the record.
    waits: bool,
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

/// What a request says, as far as its own bytes tell, and since when it is being judged.
struct Understood {
    analysis: Arc<Analysis>,
    started: Instant,
}

/// The gate of one session.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: Waiting,
    /// A request that was refused, and whose client is told once the record of that is kept.
    turned: Option<Box<Turned>>,
    ticket: Option<Arc<Ticket>>,
    pub(crate) cancels: Option<Arc<CancelTarget>>,
    /// How the server reads a text, as far as it has told.
    lexing: Lexing,
    pub(crate) encoding: Encoding,
    /// What is known of the rest of MySQL's `sql_mode`.
    modes: Modes,
    /// PostgreSQL's version, 0 before it has told; how MySQL reads by its own is part of `lexing`.
    server_major: u32,
    /// A long text that is being read elsewhere.
    reading: Option<Arc<Reading>>,
    pub(crate) judge: Judge,
    /// A request that was judged, and what is remembered of it, while the journal has no room for it: it
    /// is not judged twice, or it would count twice against a rate.
    without_room: Option<Box<(Open, Remembered)>>,
    /// Since when the journal has had no room for the request at the front.
    no_room_since: Option<Instant>,
    /// How much more is kept of what the session's statements carry.
    budget: Budget,
}

impl Gate {
    pub(crate) fn new(protocol: Protocol) -> Gate {
        let lexing = match protocol {
            Protocol::Postgres => Lexing::default(),
            Protocol::Mysql => Lexing::MYSQL,
        };
        Gate { lexing, held: Waiting::new(), ..Gate::default() }
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

    /// What goes to the server before anything else in a session that has lost what the gateway had set
    /// in it, or of which something is not known: the guard, where the rules of the moment make the session
    /// read-only; a question, where they are enforced.
    pub(crate) fn renew(&mut self, wire: &mut Wire, scope: &Scope) -> Cleared {
        let mut bytes = Vec::new();
        let read_only = wire.has_lost_guard() && self.judge.guard_anew(scope);
        wire.renew(read_only, scope.listener.ruleset.load().enforces(), &mut bytes);
        Cleared(What::Poison { replaces: 0, bytes })
    }

    /// Decides a request. When pending, the same request must be asked again.
    pub(crate) fn poll_judge(
        &mut self,
        ask: &Ask<'_, Remembered>,
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
        if let Some(turned) = self.turned.take() {
            return self.poll_turn_away(ask, *turned, wire, context);
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
                    let turned = self.refuse(*open, *refusal, wire, scope);
                    return self.poll_turn_away(ask, turned, wire, context);
                }
            },
        };
        if !held.open.intended {
            return Poll::Ready(self.admit(ask, held, wire, exchanges, scope));
        }
        let recorded = match self.ticket.as_ref().map(|ticket| ticket.poll(context)) {
            Some(Poll::Pending) if held.open.started.elapsed() < INTENT_WAIT => {
                self.held.put(held);
                return Poll::Pending;
            }
            Some(Poll::Pending) => false,
            Some(Poll::Ready(recorded)) => recorded,
            None => true,
        };
        if recorded || held.on_failure == OnFailure::Continue {
            return Poll::Ready(self.admit(ask, held, wire, exchanges, scope));
        }
        let turned = self.refuse(held.open, unrecorded(), wire, scope);
        self.poll_turn_away(ask, turned, wire, context)
    }

    /// Analyses, judges and announces; what may pass comes back, with its intent on the way.
    fn judge(
        &mut self,
        ask: &Ask<'_, Remembered>,
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
        let Poll::Ready(analysis) = self.poll_analysis(ask, scope, context) else { return Judged::Waits };
        #[cfg(test)]
        planted_fault(&analysis);
        let Some(analysis) = self.certain(ask, analysis, wire, exchanges) else { return Judged::Waits };
        self.decide(ask, Understood { analysis, started }, wire, exchanges, scope)
    }

    /// What becomes of a request whose text was read.
    fn decide(
        &mut self,
        ask: &Ask<'_, Remembered>,
        Understood { mut analysis, started }: Understood,
        wire: &Wire,
        exchanges: &Exchanges,
        scope: &Scope,
    ) -> Judged {
        let claims = self.claims(ask, wire);
        let session = scope.facts();
        let path = current::path(ask, exchanges.circumstances(), &session);
        let remembered = Remembered {
            analysis: Arc::clone(&analysis),
            claims: claims.clone(),
            text: None,
            prepared_in: current::at_prepare(ask, path, &session),
            written_in: self.written_in(ask),
        };
        // Within a batch that no Sync has closed, what names stand for is not known.
        let names = Some(wire).filter(|_| !exchanges.is_naming());
        analysis = meaning::of(&analysis, names, self.server_major, path, scope).unwrap_or(analysis);
        analysis = kills::own(ask, &analysis, self.lexing, scope).unwrap_or(analysis);
        let kind = ask.request.kind();
        let transaction = wire.transaction();
        let matter = Matter {
            kind,
            analysis: &analysis,
            transaction,
            circumstances: exchanges.circumstances(),
            path: matches!(ask.request, Request::Execute { .. }).then_some(path),
            in_doubt: exchanges.is_in_doubt(),
            names,
            at: started,
        };
        let Judgement { verdict, mut refusal, rule, would, bounds, keeps, epoch } =
            self.judge.judge(&matter, scope);
        let asked =
            Asked { ask, analysis: &analysis, lexing: self.lexing, wire, knows_names: names.is_some() };
        let kept = values::take(&keeps, &asked, &self.budget);
        refusal = unfollowed(ask).or_else(|| changes_unverified(ask, scope)).or(refusal);
        let judge = started.elapsed();
        scope.counters().judged(judge);
        if matches!(ask.request, Request::Oversize { .. }) {
            connection::limit_hit(Limit::StatementBytes, scope);
        }
        let open = Open {
            exchange: wire.upcoming_exchange(),
            kind,
            analysis,
            claims,
            verdict,
            rule,
            would,
            bounds: bounds_of(kind, bounds),
            kept,
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

    /// What the client says beside the request, in a comment of its text, or in that of the text it
    /// prepared.
    fn claims(&self, ask: &Ask<'_, Remembered>, wire: &Wire) -> Option<Arc<Claims>> {
        let written = match &ask.request {
            Request::Run { text } | Request::Prepare { text, .. } => claimed(text, self.lexing),
            Request::Execute { statement, .. } => statement.as_ref().and_then(|one| one.claims.clone()),
            _ => None,
        };
        beside(wire, written.as_deref()).or(written)
    }

    /// Makes sure the ledger can hold what will have to be said: room for the outcomes, and the
    /// intents of the statements that need one.
    fn announce(&mut self, mut open: Open, remembered: Remembered, wire: &Wire, scope: &Scope) -> Judged {
        let on_failure = on_failure(&open, scope);
        let analysis = Arc::clone(&open.analysis);
        // A Prepare runs nothing: what it prepares is announced when it is executed.
        let runs = open.kind != Kind::Prepare;
        let waits = scope.settings.record_before;
        let intents = analysis.statements.iter().enumerate().filter(|(_, one)| runs && waits.includes(one));
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
        for (place, statement) in intents {
            let values = open.take_values(place);
            let body = StatementRecord { values, ..describe(&open, statement, wire) };
            let record = record(Word::StatementIntent, body, now_us(), scope);
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

    /// Gives up a request that was announced: its client will not make it, or not as it was.
    pub(crate) fn abandon(&mut self, wire: &mut Wire, exchanges: &mut Exchanges, scope: &Scope) {
        self.without_room = None;
        if self.turned.take().is_some() {
            // Its record has the number already.
            wire.forgo_exchange();
        }
        if let Some(mut held) = self.held.take() {
            held.open.exchange = wire.forgo_exchange();
            exchanges.abandon(held.open, wire, scope);
        }
    }

    fn admit(
        &mut self,
        ask: &Ask<'_, Remembered>,
        held: Held,
        wire: &mut Wire,
        exchanges: &mut Exchanges,
        scope: &Scope,
    ) -> Cleared {
        let Held { mut open, mut remembered, .. } = held;
        if let Request::Prepare { text, .. } = ask.request {
            let keeps = scope.listener.ruleset.load().keeps_values();
            wire.keep_parameters(keeps.then(|| self.budget.clone()));
            remembered.text =
                if keeps { Prepared::of(text, &remembered.analysis, &self.budget) } else { None };
        }
        let copies = open.kind != Kind::Prepare
            && open.analysis.statements.iter().any(|one| data::may_take(one, self.lexing));
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

    /// Puts poison in the place of a request that was refused, as soon as the ledger holds the record of
    /// that. It is refused all the same where the ledger cannot: what it says then is no other answer.
    fn poll_turn_away(
        &mut self,
        ask: &Ask<'_, Remembered>,
        turned: Turned,
        wire: &mut Wire,
        context: &mut Context<'_>,
    ) -> Poll<Cleared> {
        let pending = turned.waits && self.ticket.as_ref().is_some_and(|one| one.poll(context).is_pending());
        if pending && turned.since.elapsed() < INTENT_WAIT {
            self.turned = Some(Box::new(turned));
            return Poll::Pending;
        }
        let mut bytes = Vec::new();
        wire.refuse(ask, turned.refusal, &mut bytes);
        Poll::Ready(Cleared(What::Poison { replaces: ask.bytes, bytes }))
    }

    /// Records a refusal.
    fn refuse(&mut self, mut open: Open, refusal: Refusal, wire: &Wire, scope: &Scope) -> Turned {
        let sqlstate = sqlstate(wire.protocol(), refusal.class);
        scope.counters().refused(refusal.class);
        let (event, before) = match open.verdict {
            VerdictWord::Hold => (Word::StatementHeld, scope.settings.record_before.held),
            VerdictWord::Allow | VerdictWord::Refuse | VerdictWord::Unjudged => {
                open.verdict = VerdictWord::Refuse;
                (Word::StatementRefused, scope.settings.record_before.refused)
            }
        };
        // Whatever a rule said of it, it is the gateway that cannot do it: no rule is to blame.
        if matches!(refusal.class, RefusalClass::Unrecorded | RefusalClass::Unsupported) {
            open.rule = None;
        }
        // Whoever could not be recorded in time has waited already.
        let before = before && refusal.class != RefusalClass::Unrecorded;
        let mut waits = false;
        let verdict = verdict_index(open.verdict);
        let analysis = Arc::clone(&open.analysis);
        let mut journal = scope.thread.journal.borrow_mut();
        for _ in 0..std::mem::take(&mut open.reserved) {
            journal.release();
        }
        for (place, statement) in analysis.statements.iter().enumerate() {
            scope.counters().exchanged(statement.class, verdict, None);
            let mut body = describe(&open, statement, wire);
            body.values = open.take_values(place);
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
            let record = record(event, body, at_us, scope);
            if !before || journal.is_failing() {
                let _ = journal.offer(record);
                continue;
            }
            match journal.intend(record, self.ticket.get_or_insert_with(Arc::default)) {
                Ok(()) => waits = true,
                Err(_) => journal.count_lost(1),
            }
        }
        Turned { refusal, since: Instant::now(), waits }
    }
}

/// What a comment of the text claims, if anything of it is recorded.
fn claimed(text: &[u8], lexing: Lexing) -> Option<Arc<Claims>> {
    let tags = sql::comment::trace_tags(text, lexing)?;
    let on_behalf_of = tags.on_behalf_of().map(|name| Box::from(&*name));
    let trace_id = tags.trace_id();
    (on_behalf_of.is_some() || trace_id.is_some()).then(|| Arc::new(Claims { on_behalf_of, trace_id }))
}

/// What the client says beside a request, and of the rest what is `written` in it; `None` if it says nothing.
fn beside(wire: &Wire, written: Option<&Claims>) -> Option<Arc<Claims>> {
    let name = wire.attribute(b"on_behalf_of").and_then(sql::comment::name_of);
    let trace = wire.attribute(b"traceparent").and_then(sql::comment::trace_id_of);
    (name.is_some() || trace.is_some()).then(|| {
        let on_behalf_of = name.map(Box::from).or_else(|| written?.on_behalf_of.clone());
        Arc::new(Claims { on_behalf_of, trace_id: trace.or_else(|| written?.trace_id) })
    })
}

/// The bounds of a reply, where there are any. What is prepared returns nothing yet.
fn bounds_of(kind: Kind, bounds: Bounds) -> Option<Box<Bounds>> {
    (kind != Kind::Prepare && !bounds.is_empty()).then(|| Box::new(bounds))
}

/// Why a session is not given to somebody else, where the listener asks whether they only read.
fn changes_unverified(ask: &Ask<'_, Remembered>, scope: &Scope) -> Option<Box<Refusal>> {
    let Request::Command { command: Command::ChangeUser, object } = ask.request else { return None };
    let (user, facts) = (String::from_utf8_lossy(object), scope.facts());
    login::unverified(&user, &facts.principal, &scope.listener, &scope.settings).map(Box::new)
}

/// Why a request is refused whatever the rules say.
fn unfollowed(ask: &Ask<'_, Remembered>) -> Option<Box<Refusal>> {
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
            "the gateway's log says what is wrong with the ledger, or with a copy of it that is required; try again \
             when it is mended",
        )
}
