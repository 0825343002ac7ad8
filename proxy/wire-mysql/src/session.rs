//! Whose turn is it, and what does each packet belong to? A session after login.
//!
//! Two streams go through [`Session`]: [`Session::client`] cuts the client's bytes into steps, each
//! either free to pass or an [`Ask`] that the gate must decide; [`Session::server`] reads the
//! server's bytes and says which request they answer. In between lies a queue of answers still to
//! come: most clients wait for each, some send ahead. The session changes no byte and waits for
//! nothing: both methods take what is there and say how far they came. Any way of cutting a stream
//! gives the same steps. The one answer it gives itself is the error to a refused request, in its
//! turn.
//!
//! `T` is whatever the caller wants to remember of a prepared statement.
//!
//! ```text
//! client -> [COM_QUERY][COM_PING]         ->  pending: Query Done
//! server <- [2 columns][..][row][row][OK] <-  a stage within the front entry, which the last pops
//! ```

mod client;
mod execution;
mod guard;
mod pending;
mod server;
#[cfg(test)]
mod tests;
mod watch;

use crate::attributes::Attributes;
use crate::authentication::Hops;
use crate::bound::{self, Given, Pieces};
use crate::capabilities::Capabilities;
use crate::compression::Turn;
use crate::message::{self, LAST_PREPARED};
use crate::names::{Statements, Suspended};
use crate::refusal::{self, Moment};
use crate::violation::Violation;
use exchange::budget::Budget;
pub use exchange::request::{Admitted, Ask, Request};
pub use exchange::step::{Event, Heard, Parameter, Step};
use exchange::{Command, ExchangeId, Kind, Refusal, TransactionState};
use guard::Renewal;
use pending::{Changing, Pending, Reply, Stage};
use std::collections::VecDeque;
pub(crate) use watch::Bound;
use watch::Watches;

/// Answers that may be outstanding before the caller should stop reading from the client
/// ([`Session::is_full`]). A bound on memory: about 100 bytes each.
pub const PENDING_MAX: usize = 64 * 1024;

/// Prepared statements remembered in one session. A client that makes more is served all the same,
/// but executions of those beyond are recorded without their text.
pub const NAMES_MAX: usize = 8 * 1024;

/// Largest part of a server's packet that is held; what is longer is read by its first part.
const HELD_MAX: usize = 64 * 1024;

/// Largest packet of the commands that carry no payload of their own.
pub const SMALL_MAX: usize = 128 * 1024;

/// What was agreed on before the session began.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// What both peers can do.
    pub capabilities: Capabilities,
    /// Whether the server is MariaDB, whose status flags tell more.
    pub is_mariadb: bool,
    /// The version the server greeted with.
    pub server_version: Box<[u8]>,
    /// The connection's number, by which it can be killed.
    pub connection: u32,
    /// How private the hops are: a change of user is a login.
    pub hops: Hops,
    /// The number of the client's character set.
    pub character_set: u16,
    /// Whether a change of user that asks for no proof is accepted.
    pub accepts_unproved: bool,
}

/// What was prepared last, for a client that does not wait for its number.
#[derive(Debug)]
enum Last<T> {
    Nothing,
    Prepared(Option<T>),
    Refused,
}

/// What is known of the request that was asked, beside the request itself.
#[derive(Debug, Default)]
struct Asked {
    sequence: u8,
    continues: bool,
    change: Option<Box<Changing>>,
    /// What is said beside a text that is run.
    attributes: Attributes,
    /// What an execution gives its statement, where that is read.
    given: Option<Box<Given>>,
}

/// The parts of `sql_mode` that change where tokens end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Modes {
    ansi_quotes: bool,
    no_backslash_escapes: bool,
}

/// What is left of a refused request.
#[derive(Clone, Copy, Debug)]
struct Refusing {
    left: usize,
    continues: bool,
}

/// A session after login.
#[derive(Debug)]
pub struct Session<T> {
    statement_bytes_max: usize,
    agreed: Agreed,
    pending: VecDeque<Pending<T>>,
    stage: Stage,
    events: VecDeque<Event>,
    watches: Watches,
    /// Within which budget the values of parameters are kept.
    keeps_parameters: Option<Budget>,
    statements: Statements<T>,
    /// Long data that was not executed yet.
    pieces: Pieces,
    last: Last<T>,
    /// The number of what was prepared last.
    last_id: Option<u32>,
    transaction: TransactionState,
    modes: Modes,
    asked: Asked,
    /// Bytes still to come of a client's packet that passes, and whether another goes on with it.
    client_body: usize,
    client_continues: bool,
    refusing: Option<Refusing>,
    /// Bytes still to come of a server's packet, and whether another goes on with it.
    server_body: usize,
    server_continues: bool,
    /// The client sends a file.
    copying_in: bool,
    /// The request at the front runs what was prepared by one that was refused.
    doomed: bool,
    /// What the session has lost of what the gateway had set in it.
    renewal: Renewal,
    /// The guard was set, and nothing has shown that it does not hold.
    guarded: bool,
    terminated: bool,
    exchanges: ExchangeId,
    outstanding: usize,
    /// Requests the server has not answered and may ask a file for.
    copies: usize,
    /// Bytes from the client since the last request.
    passed_in: u64,
    /// Bytes of a file, and of requests in several packets, since the last answer.
    copied_in: u64,
    /// Bytes of the text in the error heard last.
    error_bytes: usize,
    /// Bytes and rows of the answer that is arriving.
    bytes: u64,
    rows: u64,
}

impl<T: Clone> Session<T> {
    /// A session right before the OK that grants its login. Statements over `statement_bytes_max`
    /// bytes, and those in more than one packet, are [`Request::Oversize`].
    pub fn new(agreed: Agreed, statement_bytes_max: usize) -> Session<T> {
        let version = Event::Parameter(Parameter::ServerVersion(agreed.server_version.clone()));
        let number = Event::Key { id: agreed.connection, key: Box::default() };
        Session {
            statement_bytes_max,
            agreed,
            pending: VecDeque::from([Pending { reply: Reply::Login, exchange: 0, sequence: 0 }]),
            stage: Stage::First,
            events: VecDeque::from([version, number]),
            watches: Watches::default(),
            keeps_parameters: None,
            statements: Statements::new(),
            pieces: Pieces::default(),
            last: Last::Nothing,
            last_id: None,
            transaction: TransactionState::Idle,
            modes: Modes::default(),
            asked: Asked::default(),
            client_body: 0,
            client_continues: false,
            refusing: None,
            server_body: 0,
            server_continues: false,
            copying_in: false,
            doomed: false,
            renewal: Renewal::default(),
            guarded: false,
            terminated: false,
            exchanges: 0,
            outstanding: 0,
            copies: 0,
            passed_in: 0,
            copied_in: 0,
            error_bytes: 0,
            bytes: 0,
            rows: 0,
        }
    }

    /// The transaction's state as the server last said.
    pub fn transaction(&self) -> TransactionState {
        self.transaction
    }

    /// A statement has set `sql_mode`, of which MySQL reports less than MariaDB does.
    pub fn set_ansi_quotes(&mut self, ansi_quotes: bool) {
        if !self.agreed.is_mariadb {
            self.modes.ansi_quotes = ansi_quotes;
        }
    }

    /// Whether the server owes an answer.
    pub fn is_busy(&self) -> bool {
        !self.pending.is_empty() || self.client_body > 0 || self.client_continues
    }

    /// Whether so many answers are outstanding that nothing more should be read from the client.
    pub fn is_full(&self) -> bool {
        self.pending.len() + self.events.len() >= PENDING_MAX
    }

    /// Takes the next exchange's number for a request that was announced and will not be made.
    pub fn forgo_exchange(&mut self) -> ExchangeId {
        self.next_exchange()
    }

    /// Whether the request at the front runs what a refused one would have prepared.
    pub fn is_doomed(&self) -> bool {
        self.doomed
    }

    /// Whether the server takes a file, which the client must be able to send.
    pub fn is_copying_in(&self) -> bool {
        self.copying_in
    }

    /// Whose turn it is, for a hop that numbers its frames by turns.
    pub fn turn(&self) -> Turn {
        let asked = match self.pending.back() {
            Some(Pending { reply: Reply::ChangeUser(changing), .. }) => changing.relay.awaits_answer(),
            Some(_) | None => false,
        };
        match self.pending.front() {
            Some(front) if self.copying_in || asked => Turn::Continuation(front.sequence.wrapping_add(1)),
            // Of the gateway's own command the client knows nothing.
            Some(front) if !front.reply.is_own() => Turn::Answer,
            Some(_) | None => Turn::Command,
        }
    }

    /// Whether everything asked so far will be answered without anything more being sent: always, as
    /// each command is a batch of its own, but for a change of user, which asks for a proof. `None` when
    /// nothing is outstanding.
    pub fn is_batch_closed(&self) -> Option<bool> {
        self.pending.back().map(|last| !matches!(last.reply, Reply::ChangeUser(_)))
    }

    /// Whether the rest of a message has to follow what was let pass of it.
    pub fn is_amid_message(&self) -> bool {
        self.client_body > 0 || self.client_continues
    }

    /// Whether the client said goodbye.
    pub fn is_terminated(&self) -> bool {
        self.terminated
    }

    /// Whether the next byte to the client begins a packet, so that one of ours may go between.
    pub fn is_between_messages(&self) -> bool {
        self.server_body == 0 && !self.server_continues
    }

    /// What was remembered of a statement that `PREPARE … FROM` has named.
    pub fn statement(&self, name: &[u8]) -> Option<&T> {
        self.statements.named(name)
    }

    /// Remembers a statement that was prepared by SQL, or forgets one (`None`).
    pub fn define_statement(&mut self, name: &[u8], statement: Option<T>) {
        self.statements.set_named(name, statement, NAMES_MAX);
    }

    /// Forgets all statements that were prepared by SQL.
    pub fn forget_statements(&mut self) {
        self.statements.clear_named();
    }

    /// Says whether the values of parameters are kept from now on, and within which budget.
    pub fn keep_parameters(&mut self, budget: Option<Budget>) {
        self.keeps_parameters = budget;
    }

    /// The values that the execution asked for gives its parameters, where they were kept.
    pub fn parameters(&self) -> Option<&bound::Bound> {
        self.asked.given.as_ref()?.bound.as_ref()
    }

    /// What the attribute of this name says beside the request asked for: of a text, or of an execution.
    pub fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        let given = self.asked.given.as_ref().and_then(|given| given.attributes.value(name));
        given.or_else(|| self.asked.attributes.value(name))
    }

    /// With how many of the bytes heard last an error says what is wrong.
    pub fn error_bytes(&self) -> usize {
        self.error_bytes
    }

    /// Exchanges the server has not answered yet.
    pub fn outstanding(&self) -> usize {
        self.outstanding
    }

    /// Appends the error that ends the session, under the number the client expects of its next packet.
    pub fn last_words(&self, refusal: &Refusal, out: &mut Vec<u8>) {
        // With nothing outstanding the client reads it as the answer to its next command.
        let sequence = self.pending.front().map_or(0, |pending| pending.sequence);
        refusal::error_packet(Moment::Session, sequence.wrapping_add(1), refusal, out);
    }

    /// Lets a request pass. `remembered` is what later executions of a Prepare are told; `copies` says
    /// whether it may ask the client for a file. The first `ask.bytes` of the input may now be sent.
    pub fn admit(&mut self, ask: &Ask<'_, T>, remembered: Option<T>, copies: bool) -> Admitted {
        self.client_body = ask.rest;
        self.client_continues = self.asked.continues;
        let bytes_in = self.take_passed(ask);
        let exchange = self.next_exchange();
        let copies = copies && self.agreed.capabilities.has(Capabilities::LOCAL_FILES);
        let reply = match &ask.request {
            Request::Run { .. } | Request::Oversize { kind: Kind::Run, .. } | Request::Function { .. } => {
                Reply::Query { copies }
            }
            Request::Prepare { .. } | Request::Oversize { .. } => {
                self.last = Last::Prepared(remembered.clone());
                Reply::Prepare { remembered }
            }
            Request::Execute { name, .. } => {
                let id = message::statement(name).map_or(LAST_PREPARED, |(id, _)| id);
                // Executed again, its cursor begins anew.
                let before = self.statements.get_mut(id).and_then(|prepared| prepared.suspended.take());
                self.events.extend(before.map(over));
                self.executed(id);
                Reply::Execute { id, copies }
            }
            Request::Command { command, object } => self.command_reply(*command, object),
            Request::Unsupported { .. } => Reply::Done,
        };
        self.enqueue(reply, exchange);
        self.asked.given = None;
        Admitted { exchange, bytes_in }
    }

    fn command_reply(&mut self, command: Command, object: &[u8]) -> Reply<T> {
        match command {
            Command::UseDatabase => Reply::UseDatabase { name: object.into() },
            Command::ListColumns => Reply::Columns,
            Command::Statistics => Reply::Text,
            Command::ListSessions => Reply::Query { copies: false },
            Command::ResetSession => {
                // The server does it in any case: the guard can go right behind.
                self.renewal.guard = true;
                Reply::Reset
            }
            Command::ChangeUser => match self.asked.change.take() {
                Some(changing) => {
                    // A reset returns to it also where the change fails.
                    self.agreed.character_set = changing.character_set;
                    Reply::ChangeUser(changing)
                }
                None => Reply::Done,
            },
            Command::SetOption
            | Command::Kill
            | Command::CreateDatabase
            | Command::DropDatabase
            | Command::Refresh
            | Command::Debug
            | Command::Shutdown => Reply::Done,
        }
    }

    /// Does not let a request pass: drops the first `ask.bytes` of the input, and what follows of the
    /// message. Nothing goes in their place (`poison` stays as it is): the error comes in its turn, as
    /// an [`Event::Refused`].
    pub fn refuse(&mut self, ask: &Ask<'_, T>, refusal: Refusal, _poison: &mut Vec<u8>) -> Admitted {
        let refusing = Refusing { left: ask.rest, continues: self.asked.continues };
        self.refusing = (refusing.left > 0 || refusing.continues).then_some(refusing);
        let bytes_in = self.take_passed(ask);
        if ask.request.kind() == Kind::Prepare {
            self.last = Last::Refused;
        }
        let exchange = self.next_exchange();
        self.enqueue(Reply::Refused(Box::new(refusal)), exchange);
        self.asked.given = None;
        Admitted { exchange, bytes_in }
    }

    fn take_passed(&mut self, ask: &Ask<'_, T>) -> u64 {
        std::mem::take(&mut self.passed_in) + (ask.bytes + ask.rest) as u64
    }

    /// The number the next new exchange will get.
    pub fn upcoming_exchange(&self) -> ExchangeId {
        self.exchanges + 1
    }

    fn next_exchange(&mut self) -> ExchangeId {
        self.exchanges += 1;
        self.exchanges
    }

    fn enqueue(&mut self, reply: Reply<T>, exchange: ExchangeId) {
        self.outstanding += usize::from(exchange > 0);
        let pending = Pending { reply, exchange, sequence: self.asked.sequence };
        self.copies += usize::from(pending.copies());
        self.pending.push_back(pending);
    }

    /// Whether the client was granted what `capability` is.
    fn has(&self, capability: Capabilities) -> bool {
        self.agreed.capabilities.has(capability)
    }
}

/// A cursor that will not go on.
fn over(suspended: Suspended) -> Event {
    let Suspended { exchange, rows, bytes, .. } = suspended;
    Event::Completed { exchange, rows, bytes, copied_in: 0 }
}

/// What both directions do with a frame: where it ends, or a violation.
type Read<R> = Result<R, Violation>;
