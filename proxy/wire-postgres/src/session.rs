//! Whose turn is it, and what does each message belong to? A session after login.
//!
//! Two streams go through [`Session`]: [`Session::client`] cuts the client's bytes into steps, each
//! either free to pass or an [`Ask`] that the gate must decide; [`Session::server`] reads the
//! server's bytes and says which request they answer. In between lies a queue of replies still to
//! come. The session changes no byte, invents no reply and waits for nothing: both methods take
//! what is there and say how far they came. Any way of cutting a stream gives the same steps.
//!
//! `T` is whatever the caller wants to remember of a prepared statement.
//!
//! ```text
//! client -> [Parse][Bind][Execute][Sync] ->  pending: Parse Bind Execute Sync
//! server <- [1][2][D][D][C][Z]           <-  each reply pops the entry it answers
//! ```

mod client;
mod guard;
mod pending;
mod server;
#[cfg(test)]
mod tests;
mod watch;

use crate::bound::Bound;
use crate::names::{Name, Named, Portal};
use crate::refusal;
use crate::violation::Violation;
use exchange::budget::Budget;
pub use exchange::request::{Admitted, Ask, Request};
pub use exchange::step::{Event, Excess, Heard, Parameter, Step};
use exchange::{ExchangeId, Kind, Refusal, TransactionState};
use pending::{Change, Copy, Pending, Reply};
use std::collections::VecDeque;
use std::sync::Arc;
use watch::Watches;

/// Replies that may be outstanding before the caller should stop reading from the client
/// ([`Session::is_full`]). A bound on memory: about 100 bytes each.
pub const PENDING_MAX: usize = 64 * 1024;

/// Named statements or portals remembered in one session. A client that makes more is served all
/// the same, but executions of the names beyond are recorded without their text.
pub const NAMES_MAX: usize = 8 * 1024;

/// Largest server message that is held until it is whole; longer ones are read by their first part.
const HELD_MAX: usize = 64 * 1024;

/// A session after login.
#[derive(Debug)]
pub struct Session<T> {
    statement_bytes_max: usize,
    pending: VecDeque<Pending<T>>,
    events: VecDeque<Event>,
    /// Those of the requests under way that are bounded.
    watches: Watches,
    statements: Named<T>,
    portals: Named<Portal<T>>,
    transaction: TransactionState,
    /// Bytes still to come of a client's message that passes.
    client_body: usize,
    /// Bytes still to come of a client's message that was refused.
    client_refused: usize,
    /// Bytes still to come of a server's message.
    server_body: usize,
    /// Bytes still to come of a server's message that does not reach the client.
    server_dropped: usize,
    /// An extended request failed and its Sync was not yet sent: the server ignores everything.
    skipping: bool,
    /// The server takes COPY data: it ignores Sync and Flush.
    copying_in: bool,
    /// Extended requests were sent that no Sync has closed.
    open_batch: bool,
    /// Statements under way may give names to other statements: what a name means is not known.
    naming: bool,
    /// Whether the values of parameters are kept, and how much room there is for them.
    keeps_parameters: Option<Budget>,
    /// Bytes of the error's fields that were heard last.
    error: usize,
    serials: u64,
    /// Exchanges the server has not answered yet.
    outstanding: usize,
    /// Messages that change the name of a statement and were not answered yet.
    changes: usize,
    /// A request of the batch was refused: the server will look at nothing up to its Sync.
    doomed: bool,
    /// The client said goodbye.
    terminated: bool,
    exchanges: ExchangeId,
    /// Batches (Query, FunctionCall, Sync) sent and answered.
    batches_sent: u64,
    batches_done: u64,
    /// Bytes from the client since the last request, without COPY data.
    passed_in: u64,
    /// Bytes of COPY data since the last answer.
    copied_in: u64,
    /// Bytes and rows of the answer that is arriving.
    bytes: u64,
    rows: u64,
}

impl<T: Clone> Session<T> {
    /// A session right after AuthenticationOk. Statements over `statement_bytes_max` bytes are
    /// [`Request::Oversize`].
    pub fn new(statement_bytes_max: usize) -> Session<T> {
        Session {
            statement_bytes_max,
            // The login ends in a ReadyForQuery of its own.
            pending: VecDeque::from([Pending::new(Reply::Sync, 0, None)]),
            events: VecDeque::new(),
            watches: Watches::new(),
            statements: Named::new(),
            portals: Named::new(),
            transaction: TransactionState::Idle,
            client_body: 0,
            client_refused: 0,
            server_body: 0,
            server_dropped: 0,
            skipping: false,
            copying_in: false,
            open_batch: false,
            naming: false,
            keeps_parameters: None,
            error: 0,
            serials: 0,
            outstanding: 0,
            changes: 0,
            doomed: false,
            terminated: false,
            exchanges: 0,
            batches_sent: 1,
            batches_done: 0,
            passed_in: 0,
            copied_in: 0,
            bytes: 0,
            rows: 0,
        }
    }

    /// The transaction's state as the server last said.
    pub fn transaction(&self) -> TransactionState {
        self.transaction
    }

    /// Whether the server owes an answer.
    pub fn is_busy(&self) -> bool {
        !self.pending.is_empty() || self.client_body > 0 || self.copying_in
    }

    /// Whether so many answers are outstanding that nothing more should be read from the client.
    pub fn is_full(&self) -> bool {
        self.pending.len() + self.events.len() >= PENDING_MAX
    }

    /// Says whether statements under way may give names to other statements. While they may, what a
    /// Bind or a named Execute means is not known.
    pub fn set_naming(&mut self, naming: bool) {
        self.naming = naming;
    }

    /// Says whether the values of parameters are kept from now on, and within which budget.
    pub fn keep_parameters(&mut self, budget: Option<Budget>) {
        self.keeps_parameters = budget;
    }

    /// The values that were kept of a portal's parameters.
    pub fn parameters(&self, portal: &[u8]) -> Option<&Arc<Bound>> {
        self.portals.get(portal)?.bound.as_ref()
    }

    /// With how many of the bytes heard last an error tells its fields, after [`Event::Failed`].
    pub fn error_bytes(&self) -> usize {
        self.error
    }

    /// Takes the next exchange's number for a request that was announced and will not be made.
    pub fn forgo_exchange(&mut self) -> ExchangeId {
        self.next_exchange()
    }

    /// Whether a request of this batch was refused before, so that the server will not look at what
    /// follows up to the Sync.
    pub fn is_doomed(&self) -> bool {
        self.doomed
    }

    /// Whether the server takes COPY data, which the client must be able to send.
    pub fn is_copying_in(&self) -> bool {
        self.copying_in
    }

    /// Whether everything asked so far was closed by a Sync or a Query of its own, so that its answers
    /// will come without anything more being sent. `None` when nothing is outstanding.
    pub fn is_batch_closed(&self) -> Option<bool> {
        match self.pending.back() {
            Some(pending) => Some(pending.ends_batch()),
            // All was answered, but what the batch has set is reported at its end only.
            None => self.open_batch.then_some(false),
        }
    }

    /// Whether a message of the client was let pass whose body is not there yet: the server waits for it.
    pub fn is_amid_message(&self) -> bool {
        self.client_body > 0
    }

    /// Whether the client said goodbye.
    pub fn is_terminated(&self) -> bool {
        self.terminated
    }

    /// Whether the next byte to the client begins a message, so that one of ours may go between.
    pub fn is_between_messages(&self) -> bool {
        self.server_body == 0
    }

    /// What was remembered of a prepared statement.
    pub fn statement(&self, name: &[u8]) -> Option<&T> {
        self.statements.get(name)
    }

    /// What was remembered of the statement a portal or cursor runs.
    pub fn portal(&self, name: &[u8]) -> Option<&T> {
        self.portals.get(name).and_then(|portal| portal.statement.as_ref())
    }

    /// Remembers a statement that was prepared by SQL, or forgets one (`None`).
    pub fn define_statement(&mut self, name: &[u8], statement: Option<T>) {
        if statement.is_none() || self.statements.len() < NAMES_MAX {
            self.statements.set(&Name::new(name), statement);
        }
    }

    /// Forgets all prepared statements (`DEALLOCATE ALL`).
    pub fn forget_statements(&mut self) {
        self.statements.clear();
    }

    /// Remembers a cursor that was declared by SQL, or forgets one (`None`).
    pub fn define_cursor(&mut self, name: &[u8], statement: Option<T>, hold: bool) {
        if statement.is_some() && self.portals.len() >= NAMES_MAX {
            return;
        }
        let (batch, serial) = (self.batches_done + 1, self.next_serial());
        let portal = statement.map(|statement| Portal {
            serial,
            statement: Some(statement),
            suspended: None,
            batch,
            hold,
            bound: None,
        });
        let before = self.portals.set(&Name::new(name), portal);
        self.portal_ended(before);
    }

    /// Forgets all cursors (`CLOSE ALL`).
    pub fn forget_cursors(&mut self) {
        let events = &mut self.events;
        self.portals.retain(|portal| {
            events.extend(portal.suspended.map(server::over));
            false
        });
    }

    /// A portal is gone: what it had left undone will not go on.
    fn portal_ended(&mut self, portal: Option<Portal<T>>) {
        self.events.extend(portal.and_then(|portal| portal.suspended).map(server::over));
    }

    fn next_serial(&mut self) -> u64 {
        self.serials += 1;
        self.serials
    }

    /// Exchanges the server has not answered yet.
    pub fn outstanding(&self) -> usize {
        self.outstanding
    }

    /// Lets a request pass. `remembered` is what later executions of a Prepare are told; `copies` says
    /// whether it may begin a COPY FROM STDIN. The first `ask.bytes` of the input may now be sent.
    pub fn admit(&mut self, ask: &Ask<'_, T>, remembered: Option<T>, copies: bool) -> Admitted {
        self.client_body = ask.rest;
        let bytes_in = self.passed_in + (ask.bytes + ask.rest) as u64;
        self.passed_in = 0;
        let exchange = match ask.request {
            Request::Execute { resumes: Some(exchange), .. } => exchange,
            _ => self.next_exchange(),
        };
        let copy = if copies { Copy::Expected } else { Copy::None };
        self.enqueue(ask, remembered, exchange, None, copy);
        Admitted { exchange, bytes_in }
    }

    /// Does not let a request pass: drops the first `ask.bytes` of the input (and what follows of
    /// the message) and writes into `poison` what must be sent in their place.
    pub fn refuse(&mut self, ask: &Ask<'_, T>, refusal: Refusal, poison: &mut Vec<u8>) -> Admitted {
        self.client_refused = ask.rest;
        let bytes_in = self.passed_in + (ask.bytes + ask.rest) as u64;
        self.passed_in = 0;
        match ask.request {
            // Commands without a text are another protocol's: none is asked for here.
            Request::Run { .. }
            | Request::Function { .. }
            | Request::Command { .. }
            | Request::Unsupported { .. }
            | Request::Oversize { kind: Kind::Run, .. } => refusal::poison_query(poison),
            Request::Prepare { name, .. } | Request::Oversize { name, .. } => {
                refusal::poison_parse(Some(name), poison);
            }
            Request::Execute { name, .. } => {
                if self.is_nothing_known_of(name) {
                    refusal::look_at_portal(name, poison);
                    self.push(Reply::Look);
                }
                refusal::poison_parse(None, poison);
            }
        }
        let extended = matches!(ask.request.kind(), Kind::Prepare | Kind::Execute);
        self.doomed |= extended && !self.skipping;
        let exchange = self.next_exchange();
        self.enqueue(ask, None, exchange, Some(Box::new(refusal)), Copy::None);
        Admitted { exchange, bytes_in }
    }

    /// Whether no portal of this name was seen, so that there is none, or one that a function has opened. Which of the two
    /// it is the server can be asked, but where it may be taking COPY data: if there is none, its own error is the answer.
    fn is_nothing_known_of(&mut self, portal: &[u8]) -> bool {
        let expects = |pending: &mut Pending<T>| pending.copy().is_some_and(|copy| *copy == Copy::Expected);
        let may_copy = self.copying_in || self.pending.iter_mut().any(expects);
        !self.skipping && !may_copy && self.portals.get(portal).is_none()
    }

    /// The number the next new exchange will get.
    pub fn upcoming_exchange(&self) -> ExchangeId {
        self.exchanges + 1
    }

    fn next_exchange(&mut self) -> ExchangeId {
        self.exchanges += 1;
        self.exchanges
    }

    fn enqueue(
        &mut self,
        ask: &Ask<'_, T>,
        remembered: Option<T>,
        exchange: ExchangeId,
        refusal: Option<Box<Refusal>>,
        copy: Copy,
    ) {
        self.open_batch = matches!(ask.request.kind(), Kind::Prepare | Kind::Execute);
        if self.skipping {
            // The server will not look at it.
            if refusal.is_none() && !matches!(ask.request, Request::Execute { resumes: Some(_), .. }) {
                self.events.push_back(Event::Skipped { exchange });
            }
            return;
        }
        let reply = match &ask.request {
            Request::Run { .. }
            | Request::Command { .. }
            | Request::Unsupported { .. }
            | Request::Oversize { kind: Kind::Run, .. } => {
                self.batches_sent += 1;
                Reply::Query { copy }
            }
            Request::Function { .. } => {
                self.batches_sent += 1;
                Reply::Function
            }
            Request::Prepare { name, .. } | Request::Oversize { name, .. } => {
                let name = Name::new(name);
                let change = self.prepare(&name, remembered, refusal.is_some());
                self.changes += 1;
                Reply::Parse { name, change }
            }
            Request::Execute { name, resumes, .. } => {
                let serial = self.portals.get(name).map_or(0, |portal| portal.serial);
                self.watches.go_on(exchange, serial);
                Reply::Execute { portal: Name::new(name), serial, resumes: resumes.is_some(), copy }
            }
        };
        self.outstanding += 1;
        self.pending.push_back(Pending::new(reply, exchange, refusal));
    }

    /// A failing Parse leaves a name as it was, but for the unnamed statement, which it drops first.
    fn prepare(&mut self, name: &Name, remembered: Option<T>, refused: bool) -> Change<T> {
        let unnamed = *name == Name::Unnamed;
        let room = unnamed || self.statements.len() < NAMES_MAX;
        let remembered = remembered.filter(|_| room);
        if refused && !unnamed {
            Change::None
        } else {
            // If the name is in use the server will say so, and what follows in the batch will not run.
            Change::Took(self.statements.set(name, remembered))
        }
    }

    /// Keeps count of an entry that leaves the queue.
    fn leaves(&mut self, pending: &Pending<T>) {
        self.outstanding -= usize::from(pending.exchange > 0);
        self.changes -= usize::from(pending.changes);
        if !self.watches.is_empty() {
            self.watches.forget(pending.exchange);
        }
    }

    fn push(&mut self, reply: Reply<T>) {
        self.pending.push_back(Pending::new(reply, 0, None));
    }
}

/// What both directions do with a frame: where it ends, or a violation.
type Read<R> = Result<R, Violation>;
