//! How do bytes move between a client and its upstream once the login is done?
//!
//! One future per session holds both sockets and polls both directions: it decides nothing, asks
//! the session machine what bytes are and the gate whether they may pass. A direction reads only
//! when everything it read before was sent, so each peer feels the other's pace and no memory
//! grows; the other direction goes on meanwhile, so two peers that both write first cannot block
//! each other for good.

mod limits;

use crate::buffer::{Buffer, poll_flush};
use crate::circumstances::used_database;
use crate::compressed;
use crate::counters::LoginFailure;
use crate::gate::Gate;
use crate::peer::Peer;
use crate::scope::{Scope, Wire, now_us};
use crate::session::Violation;
use crate::sight::Activity;
use crate::stream::Stream;
use crate::sweep::{Ending, Mark};
use exchange::step::{Event, Parameter, Step};
use exchange::{Effects, ExchangeId, Protocol, Record, RecordBody, Refusal, TransactionState};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wire_mysql::compression::Turn;

/// Bytes that a session carries before the others of its thread have their turn: eight full reads. A stream whose peers
/// are both fast never waits, and would keep the others for as long as the runtime lets it.
const TURN_BYTES_MAX: u64 = 256 * 1024;

/// Why a session is over.
#[derive(Debug)]
pub(crate) enum End {
    /// The client said goodbye or closed its connection.
    Client,
    /// The server closed its connection.
    Upstream,
    /// The server said why, in a FATAL error, and closed.
    Fatal([u8; 5]),
    /// The client's connection broke.
    ClientBroken(io::Error),
    /// The server's connection broke.
    UpstreamBroken(io::Error),
    /// A peer broke the protocol.
    Violation(Violation),
    /// The gateway ends it.
    Gateway(Ending),
}

/// One session after login.
pub(crate) struct Pump {
    pub(crate) scope: Scope,
    pub(crate) wire: Wire,
    pub(crate) gate: Gate,
    pub(crate) client: Peer,
    pub(crate) upstream: Peer,
    /// Client to upstream.
    pub(crate) up: Buffer,
    /// Upstream to client.
    pub(crate) down: Buffer,
    pub(crate) mark: Rc<Mark>,
    pub(crate) established: bool,
    pub(crate) fatal: Option<[u8; 5]>,
    /// Told once, when the server is ready for the first time.
    pub(crate) on_established: fn(&Scope),
    pub(crate) upstream_address: crate::settings::UpstreamAddress,
    /// The search path of the login, where the server reports it.
    login_path: Option<Box<[u8]>>,
    client_half: Half,
    /// The request at the front waits at the gate.
    waits: bool,
    /// It has not arrived whole, and there is no room for more of it.
    short: bool,
    /// The server takes no more; what it said before may still be on its way.
    up_broken: bool,
    /// Something was asked or answered since the mark was left.
    active: bool,
    flush_client: bool,
    flush_upstream: bool,
    /// An answer that went beyond its bound, and what its client is told.
    limited: Option<Box<(ExchangeId, Refusal)>>,
    /// One that nobody could cancel: it ends at its next packet.
    unstoppable: Option<ExchangeId>,
    /// How the session ended: an SQLSTATE and a fixed word.
    pub(crate) ended: Option<(Option<[u8; 5]>, &'static str)>,
}

/// How far the client's direction has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Open,
    /// The client will send no more; what it sent is still going out.
    Ended,
    /// The upstream was told.
    Closed,
}

/// What one look at a direction brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Made,
    None,
}

/// Which peers were found to have sent nothing more in this look. Each wakes the session when it
/// does, so asking again would only cost.
#[derive(Default)]
struct Dry {
    client: bool,
    upstream: bool,
}

/// The ends of a session, handed to [`Pump::new`].
pub(crate) struct Ends {
    pub(crate) client: Stream,
    pub(crate) upstream: Stream,
    pub(crate) up: Buffer,
    pub(crate) down: Buffer,
    pub(crate) upstream_address: crate::settings::UpstreamAddress,
}

impl Pump {
    pub(crate) fn new(
        scope: Scope,
        wire: Wire,
        ends: Ends,
        mark: Rc<Mark>,
        on_established: fn(&Scope),
    ) -> Pump {
        let gate = Gate::new(wire.protocol());
        Pump {
            scope,
            wire,
            gate,
            client: Peer::new(ends.client),
            upstream: Peer::new(ends.upstream),
            up: ends.up,
            down: ends.down,
            mark,
            established: false,
            fatal: None,
            on_established,
            upstream_address: ends.upstream_address,
            login_path: None,
            client_half: Half::Open,
            waits: false,
            short: false,
            up_broken: false,
            active: true,
            flush_client: false,
            flush_upstream: false,
            limited: None,
            unstoppable: None,
            ended: None,
        }
    }

    /// Takes in what came behind the login's last message. Called once, before the first poll, which
    /// only looks at what arrives.
    pub(crate) fn begin(&mut self) -> Result<(), End> {
        self.hear()
    }

    fn look(&mut self, context: &mut Context<'_>) -> Result<(), End> {
        let mut dry = Dry::default();
        let carried = |mark: &Mark| mark.bytes_in.get() + mark.bytes_out.get();
        let before = carried(&self.mark);
        loop {
            let down = self.downward(&mut dry, context)?;
            let up = self.upward(&mut dry, context)?;
            if down == Progress::None && up == Progress::None {
                return Ok(());
            }
            if carried(&self.mark) - before >= TURN_BYTES_MAX {
                context.waker().wake_by_ref();
                return Ok(());
            }
        }
    }

    /// Upstream to client: observed, never held back.
    fn downward(&mut self, dry: &mut Dry, context: &mut Context<'_>) -> Result<Progress, End> {
        if self.drain_down(context)?.is_pending() || dry.upstream {
            return Ok(Progress::None);
        }
        let filled = match self.down.poll_fill(Pin::new(&mut self.upstream), context) {
            Poll::Pending => {
                dry.upstream = true;
                return Ok(Progress::None);
            }
            Poll::Ready(Ok(0)) => return Err(self.upstream_ended()),
            Poll::Ready(Ok(len)) => len as u64,
            Poll::Ready(Err(error)) => return Err(self.upstream_broken(error)),
        };
        self.active = true;
        self.mark.bytes_out.set(self.mark.bytes_out.get() + filled);
        self.scope.counters().bytes_upstream.add(filled);
        self.mark.exchanges.borrow_mut().answered();
        self.hear()?;
        self.mark.exchanges.borrow_mut().looked();
        let _ = self.drain_down(context)?;
        Ok(Progress::Made)
    }

    /// Reads what the server's bytes tell and clears them for the client.
    fn hear(&mut self) -> Result<(), End> {
        loop {
            let heard = self.wire.server(self.down.unjudged()).map_err(End::Violation)?;
            let Some(event) = heard.event else {
                self.down.clear(heard.len);
                return Ok(());
            };
            let error = match event {
                Event::Failed { .. } => {
                    let heard = self.down.unjudged().get(..heard.len).unwrap_or_default();
                    heard.get(heard.len().saturating_sub(self.wire.error_bytes())..).unwrap_or_default()
                }
                _ => b"",
            };
            let mut exchanges = self.mark.exchanges.borrow_mut();
            exchanges.heard(&event, error, &mut self.wire, &self.scope);
            let effects = exchanges.take_effects();
            drop(exchanges);
            for effects in effects {
                self.took_effect(&effects);
            }
            self.down.clear(heard.len);
            if let Event::Ready { transaction, .. } = event {
                self.mark.in_transaction(transaction);
            }
            match event {
                Event::Refused { replaces, bytes, .. } | Event::Cut { replaces, bytes, .. } => {
                    self.down.replace(replaces, &bytes);
                }
                Event::Dropped { len } => self.down.replace(len, b""),
                Event::Guarded { ok: true, drop } => self.down.replace(drop, b""),
                Event::Guarded { ok: false, .. } => return Err(End::Gateway(Ending::Unguarded)),
                Event::Failed { fatal: true, sqlstate, .. } => {
                    self.fatal = Some(sqlstate.unwrap_or(*b"XX000"))
                }
                Event::Ready { .. } if !self.established => {
                    self.established = true;
                    (self.on_established)(&self.scope);
                }
                Event::Parameter(parameter) => self.reported(parameter),
                Event::Exceeded { exchange, what } => self.exceeded(exchange, what)?,
                Event::Key { id, key } => {
                    let target = self.cancel_target(id, key);
                    self.mark.cancel.replace(Some(Arc::clone(&target)));
                    self.gate.cancels = Some(target);
                }
                Event::Completed { .. }
                | Event::Returned { .. }
                | Event::Failed { .. }
                | Event::Skipped { .. }
                | Event::Ready { .. } => {}
            }
        }
    }

    /// The server, or what it says of a login, told a setting of the session.
    fn reported(&mut self, parameter: Parameter) {
        match parameter {
            Parameter::ApplicationName(name) => self.scope.set_application(&name),
            Parameter::ClientEncoding(name) => match self.wire.protocol() {
                Protocol::Postgres => self.gate.encoding.set_client(&name),
                Protocol::Mysql => self.gate.encoding.set_character_set(Some(&name)),
            },
            Parameter::ServerEncoding(name) => self.gate.encoding.set_server(&name),
            Parameter::StandardConformingStrings(on) => self.gate.set_standard_conforming_strings(on),
            Parameter::User(name) => {
                self.scope.set_user(&name);
                if let Some(target) = &self.gate.cancels {
                    self.scope.with_facts(|session| target.set_user(&session.principal.user));
                }
            }
            Parameter::Database(name) => self.scope.set_database(&name),
            Parameter::SqlMode { ansi_quotes, no_backslash_escapes } => {
                self.gate.set_sql_mode(ansi_quotes, no_backslash_escapes);
            }
            Parameter::SqlModes(modes) => self.gate.modes_told(&modes, &mut self.wire),
            Parameter::SearchPath(path) => self.path_reported(path),
            Parameter::DefaultTransactionReadOnly(on) => self.gate.judge.read_only_reported(on),
            Parameter::ServerVersion(version) => self.gate.set_server_version(&version),
            Parameter::SessionAuthorization(_) => {}
        }
    }

    /// A statement of MySQL has changed the session.
    fn took_effect(&mut self, effects: &Effects) {
        self.gate.took_effect(effects, &mut self.wire);
        if let ("use", Some(name)) = (effects.verb, used_database(effects)) {
            self.scope.set_database(name.as_bytes());
        }
    }

    /// The server said which search path is in force.
    fn path_reported(&mut self, path: Box<[u8]>) {
        let as_at_login = match &self.login_path {
            Some(login) if self.established => *login == path,
            _ => {
                self.login_path = Some(path);
                true
            }
        };
        self.mark.exchanges.borrow_mut().path_reported(as_at_login);
    }

    /// Client to upstream: nothing passes but what the gate cleared.
    fn upward(&mut self, dry: &mut Dry, context: &mut Context<'_>) -> Result<Progress, End> {
        // Before the server is ready nothing is asked: how it reads SQL is not known yet.
        if !self.established || self.up_broken || self.drain_up(context)?.is_pending() {
            return Ok(Progress::None);
        }
        let mut progress = Progress::None;
        // What was said and is not judged yet, or answered and not sent, is no turn of the client's.
        let amid = !self.up.is_empty() || self.down.has_cleared() || self.flush_client;
        let turn = || if amid { Turn::Answer } else { self.wire.turn() };
        if self.client.take_turn(turn) {
            dry.client = false;
        }
        let held = self.waits || self.wire.is_full();
        self.short = !held && !self.has_room();
        if !held && !self.short && self.client_half == Half::Open {
            let filled = match dry.client {
                true => Poll::Pending,
                false => self.up.poll_fill(Pin::new(&mut self.client), context),
            };
            dry.client = filled.is_pending();
            match filled {
                Poll::Pending if self.up.is_empty() && !self.wire.is_unguarded() => {
                    return Ok(Progress::None);
                }
                Poll::Pending => {}
                Poll::Ready(Ok(0)) => self.client_half = Half::Ended,
                Poll::Ready(Ok(len)) => {
                    self.mark.bytes_in.set(self.mark.bytes_in.get() + len as u64);
                    self.scope.counters().bytes_client.add(len as u64);
                    self.note_held(true);
                    // Even if it is not enough for a step: only a read that finds nothing is woken.
                    progress = Progress::Made;
                }
                Poll::Ready(Err(error)) => return Err(client_broken(error)),
            }
        }
        if self.ask(context)? == Progress::Made {
            progress = Progress::Made;
        }
        if held && !self.waits && !self.wire.is_full() {
            // Nothing was read because of what has passed by now: look again, or nobody is woken.
            progress = Progress::Made;
        }
        let sent = self.drain_up(context)?;
        let done = progress == Progress::None && !self.waits && !self.wire.is_full();
        if self.client_half == Half::Ended && done && sent.is_ready() {
            return self.close_upstream_half(context);
        }
        Ok(progress)
    }

    /// Cuts the client's bytes into steps and takes each to the gate.
    fn ask(&mut self, context: &mut Context<'_>) -> Result<Progress, End> {
        let mut progress = Progress::None;
        self.waits = false;
        while !self.wire.is_full() {
            let must_wait = self.mark.exchanges.borrow().must_answer_first(&self.wire);
            if must_wait || self.gate.poll_quiet(context).is_pending() {
                self.waits = true;
                break;
            }
            let cleared = match self.wire.client(self.up.unjudged()).map_err(End::Violation)? {
                Step::More => break,
                Step::Wait => {
                    self.waits = true;
                    break;
                }
                Step::Pass(len) => self.gate.pass(len),
                Step::Unguarded => self.gate.renew(&mut self.wire, &self.scope),
                Step::Discard(len) => {
                    self.up.replace(len, b"");
                    progress = Progress::Made;
                    continue;
                }
                Step::Ask(ask) => {
                    match self.gate.poll_judge(
                        &ask,
                        &mut self.wire,
                        &mut self.mark.exchanges.borrow_mut(),
                        &self.scope,
                        context,
                    ) {
                        Poll::Pending => {
                            self.waits = true;
                            break;
                        }
                        Poll::Ready(cleared) => cleared,
                    }
                }
            };
            cleared.apply(&mut self.up);
            self.active = true;
            progress = Progress::Made;
        }
        // Requests the server skips were settled without it.
        self.hear()?;
        Ok(progress)
    }

    fn drain_up(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, End> {
        if self.up.has_cleared() {
            match self.up.poll_drain(Pin::new(&mut self.upstream), context) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Err(error)) => return self.upstream_takes_no_more(error),
                Poll::Ready(Ok(())) => {}
            }
            self.flush_upstream = self.upstream.needs_flush();
            self.mark.exchanges.borrow_mut().forwarded();
        }
        if self.flush_upstream || self.upstream.is_behind() {
            match poll_flush(&mut self.upstream, context) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Err(error)) => return self.upstream_takes_no_more(error),
                Poll::Ready(Ok(())) => self.flush_upstream = false,
            }
        }
        Ok(Poll::Ready(()))
    }

    /// Writing to the upstream failed. It may have said why before: that is read first, up to its end.
    fn upstream_takes_no_more(&mut self, error: io::Error) -> Result<Poll<()>, End> {
        if self.fatal.is_some() || self.wire.is_terminated() {
            return Err(self.upstream_broken(error));
        }
        self.up_broken = true;
        Ok(Poll::Pending)
    }

    fn drain_down(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, End> {
        if self.down.has_cleared() {
            match self.down.poll_drain(Pin::new(&mut self.client), context) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Err(error)) => return Err(End::ClientBroken(error)),
                Poll::Ready(Ok(())) => {}
            }
            self.flush_client = self.client.needs_flush();
        }
        if self.flush_client || self.client.is_behind() {
            match poll_flush(&mut self.client, context) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Err(error)) => return Err(End::ClientBroken(error)),
                Poll::Ready(Ok(())) => self.flush_client = false,
            }
        }
        Ok(Poll::Ready(()))
    }

    /// The client will send no more. The server is told the same way and may finish its answers.
    fn close_upstream_half(&mut self, context: &mut Context<'_>) -> Result<Progress, End> {
        match Pin::new(&mut self.upstream).poll_shutdown(context) {
            Poll::Pending => Ok(Progress::None),
            Poll::Ready(Ok(())) => {
                self.client_half = Half::Closed;
                Ok(Progress::None)
            }
            Poll::Ready(Err(error)) => Err(self.upstream_broken(error)),
        }
    }

    fn upstream_ended(&self) -> End {
        match (self.fatal, self.client_half) {
            (Some(sqlstate), _) => End::Fatal(sqlstate),
            (None, Half::Open) if !self.wire.is_terminated() => End::Upstream,
            (None, _) => End::Client,
        }
    }

    fn upstream_broken(&self, error: io::Error) -> End {
        match self.fatal {
            Some(sqlstate) => End::Fatal(sqlstate),
            None if self.wire.is_terminated() => End::Client,
            None => End::UpstreamBroken(error),
        }
    }

    /// Whether the client has said goodbye and everything it asked before was answered. Until then the server works for
    /// it as long as it would without a gateway.
    fn has_left(&self) -> bool {
        self.wire.is_terminated() && self.client_half == Half::Closed && !self.wire.is_busy()
    }

    /// Whether bytes wait for a peer to take them.
    fn owes(&self) -> bool {
        self.up.has_cleared()
            || self.down.has_cleared()
            || self.upstream.is_behind()
            || self.client.is_behind()
    }

    /// Tells the sweep what this session does.
    fn leave_mark(&mut self) {
        let activity = if !self.established {
            Activity::Login
        } else if self.up_broken || self.has_left() {
            Activity::Leaving
        } else if self.wire.is_busy() || self.waits || self.short || self.owes() {
            Activity::Busy
        } else {
            Activity::Idle(self.wire.transaction())
        };
        let sessions = &self.scope.thread.sessions;
        self.mark.waiting.set(self.waits);
        self.mark.short.set(self.short);
        self.note_held(false);
        // A client that sends half a message and stops is as idle as one that sends none.
        if activity != Activity::Login && (self.active || activity != self.mark.activity.get()) {
            self.mark.set(activity, sessions.coarse());
            self.active = false;
        }
        if sessions.is_draining() && activity == Activity::Idle(TransactionState::Idle) {
            sessions.end_if_idle(&self.mark);
        }
    }
}

impl Drop for Pump {
    /// Whatever happened, also a fault of our own: every exchange and the session get their end.
    fn drop(&mut self) {
        self.let_go();
        let (sqlstate, message_class) = match self.ended {
            Some(ended) => ended,
            None if std::thread::panicking() => (None, "panic"),
            None => (None, "dropped"),
        };
        let mut exchanges = self.mark.exchanges.borrow_mut();
        self.gate.abandon(&mut self.wire, &mut exchanges, &self.scope);
        exchanges.lost(&mut self.wire, &self.scope);
        drop(exchanges);
        if let Some(cancels) = self.gate.cancels.take() {
            self.scope.listener.cancels.unregister(&cancels);
        }
        let (bytes_in, bytes_out) = (self.mark.bytes_in.get(), self.mark.bytes_out.get());
        let body = RecordBody::Ended { sqlstate, message_class, bytes_in, bytes_out };
        let event = if self.established { exchange::Event::SessionEnd } else { exchange::Event::LoginFailed };
        if !self.established {
            let reason = match (self.fatal, message_class) {
                (Some(_), _) => LoginFailure::Upstream,
                (None, "timeout") => LoginFailure::Timeout,
                (None, "closed" | "client_broken") => LoginFailure::Abandoned,
                (None, "protocol_violation") => LoginFailure::Malformed,
                (None, _) => LoginFailure::Unreachable,
            };
            self.scope.counters().login_failed(reason);
        }
        let record = Record { event, at_us: now_us(), session: Some(self.scope.facts()), body };
        let _ = self.scope.thread.journal.borrow_mut().offer(record);
    }
}

impl Future for Pump {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<End> {
        let pump = &mut *self;
        // Asked to end while idle: before anything more is read, so that no request is half done.
        if let Some(ending) = pump.mark.ending(context.waker()) {
            return Poll::Ready(End::Gateway(ending));
        }
        let ended = pump.end_uncancelled().and_then(|()| pump.end_overdue());
        if let Err(end) = ended.and_then(|()| pump.look(context)) {
            return Poll::Ready(end);
        }
        pump.leave_mark();
        match pump.mark.ending(context.waker()) {
            Some(ending) => Poll::Ready(End::Gateway(ending)),
            None => Poll::Pending,
        }
    }
}

/// A read of the client's failed: its connection did, or what it sent.
fn client_broken(error: io::Error) -> End {
    match compressed::violation(&error) {
        Some(violation) => End::Violation(violation.clone().into()),
        None => End::ClientBroken(error),
    }
}

/// Sends what is cleared in `buffer` and ends the stream's sending side. Not cancel safe.
pub(crate) async fn finish(stream: &mut Peer, buffer: &mut Buffer) -> io::Result<()> {
    std::future::poll_fn(|context| buffer.poll_drain(Pin::new(&mut *stream), context)).await?;
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_flush(context)).await?;
    std::future::poll_fn(|context| Pin::new(&mut *stream).poll_shutdown(context)).await
}
