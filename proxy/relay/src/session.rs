//! Which protocol does a session speak?
//!
//! The seam between the data path and the wire crates: closed, and matched exhaustively. What they
//! share are the nouns of [`exchange`]; how each gets to them stays in its crate.

use exchange::{Admitted, Ask, ExchangeId, Heard, Protocol, Refusal, RefusalClass, Step, TransactionState};
use sql::Analysis;
use std::sync::Arc;
use wire_postgres::refusal::Severity;

/// The protocol side of a session after login, which remembers the analysis of what was prepared.
#[derive(Debug)]
pub(crate) enum Session {
    Postgres(wire_postgres::Session<Arc<Analysis>>),
    Mysql(wire_mysql::Session<Arc<Analysis>>),
}

/// A peer broke its protocol.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Violation {
    #[error(transparent)]
    Postgres(#[from] wire_postgres::Violation),
    #[error(transparent)]
    Mysql(#[from] wire_mysql::Violation),
}

/// The SQLSTATE a client of `protocol` is given.
pub(crate) fn sqlstate(protocol: Protocol, class: RefusalClass) -> [u8; 5] {
    match protocol {
        Protocol::Postgres => *wire_postgres::refusal::sqlstate(class),
        Protocol::Mysql => *wire_mysql::refusal::sqlstate(class),
    }
}

macro_rules! each {
    ($session:expr, $wire:ident => $call:expr) => {
        match $session {
            Session::Postgres($wire) => $call,
            Session::Mysql($wire) => $call,
        }
    };
}

impl Session {
    pub(crate) fn protocol(&self) -> Protocol {
        match self {
            Session::Postgres(_) => Protocol::Postgres,
            Session::Mysql(_) => Protocol::Mysql,
        }
    }

    /// Reads the front of the client's bytes.
    pub(crate) fn client<'a>(&mut self, input: &'a [u8]) -> Result<Step<'a, Arc<Analysis>>, Violation> {
        each!(self, wire => Ok(wire.client(input)?))
    }

    /// Reads the front of the server's bytes.
    pub(crate) fn server(&mut self, input: &[u8]) -> Result<Heard, Violation> {
        each!(self, wire => Ok(wire.server(input)?))
    }

    /// Lets a request pass.
    pub(crate) fn admit(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        remembered: Option<Arc<Analysis>>,
        copies: bool,
    ) -> Admitted {
        each!(self, wire => wire.admit(ask, remembered, copies))
    }

    /// Does not let a request pass; what goes in its place is written into `poison`.
    pub(crate) fn refuse(
        &mut self,
        ask: &Ask<'_, Arc<Analysis>>,
        refusal: Refusal,
        poison: &mut Vec<u8>,
    ) -> Admitted {
        each!(self, wire => wire.refuse(ask, refusal, poison))
    }

    /// Appends the error that ends the session.
    pub(crate) fn last_words(&self, refusal: &Refusal, out: &mut Vec<u8>) {
        match self {
            Session::Postgres(_) => wire_postgres::refusal::error_response(Severity::Fatal, refusal, out),
            Session::Mysql(wire) => wire.last_words(refusal, out),
        }
    }

    /// Bounds the reply to an exchange: the protocol's machine tells when it goes beyond.
    pub(crate) fn limit(&mut self, exchange: ExchangeId, rows: Option<u64>, bytes: Option<u64>) {
        match self {
            Session::Postgres(wire) => wire.limit(exchange, rows, bytes),
            Session::Mysql(_) => {}
        }
    }

    /// What the client is told when the exchange ends in the cancel that follows.
    pub(crate) fn relabel(&mut self, exchange: ExchangeId, refusal: Refusal) {
        match self {
            Session::Postgres(wire) => wire.relabel(exchange, refusal),
            Session::Mysql(_) => {}
        }
    }

    pub(crate) fn transaction(&self) -> TransactionState {
        each!(self, wire => wire.transaction())
    }

    pub(crate) fn is_busy(&self) -> bool {
        each!(self, wire => wire.is_busy())
    }

    pub(crate) fn is_full(&self) -> bool {
        each!(self, wire => wire.is_full())
    }

    pub(crate) fn is_doomed(&self) -> bool {
        each!(self, wire => wire.is_doomed())
    }

    pub(crate) fn is_copying_in(&self) -> bool {
        each!(self, wire => wire.is_copying_in())
    }

    pub(crate) fn is_batch_closed(&self) -> Option<bool> {
        each!(self, wire => wire.is_batch_closed())
    }

    /// Whether the rest of a message has to follow what was let pass of it. MySQL's are held whole.
    pub(crate) fn is_amid_message(&self) -> bool {
        match self {
            Session::Postgres(wire) => wire.is_amid_message(),
            Session::Mysql(_) => false,
        }
    }

    pub(crate) fn is_terminated(&self) -> bool {
        each!(self, wire => wire.is_terminated())
    }

    pub(crate) fn is_between_messages(&self) -> bool {
        each!(self, wire => wire.is_between_messages())
    }

    pub(crate) fn outstanding(&self) -> usize {
        each!(self, wire => wire.outstanding())
    }

    pub(crate) fn upcoming_exchange(&self) -> ExchangeId {
        each!(self, wire => wire.upcoming_exchange())
    }

    pub(crate) fn forgo_exchange(&mut self) -> ExchangeId {
        each!(self, wire => wire.forgo_exchange())
    }

    pub(crate) fn statement(&self, name: &[u8]) -> Option<&Arc<Analysis>> {
        each!(self, wire => wire.statement(name))
    }

    pub(crate) fn define_statement(&mut self, name: &[u8], statement: Option<Arc<Analysis>>) {
        each!(self, wire => wire.define_statement(name, statement));
    }

    pub(crate) fn forget_statements(&mut self) {
        each!(self, wire => wire.forget_statements());
    }

    /// Whether statements under way may give names to others: MySQL's executions go by numbers.
    pub(crate) fn set_naming(&mut self, naming: bool) {
        match self {
            Session::Postgres(wire) => wire.set_naming(naming),
            Session::Mysql(_) => {}
        }
    }

    /// Cursors that SQL names: MySQL has them inside procedures only.
    pub(crate) fn portal(&self, name: &[u8]) -> Option<&Arc<Analysis>> {
        match self {
            Session::Postgres(wire) => wire.portal(name),
            Session::Mysql(_) => None,
        }
    }

    pub(crate) fn define_cursor(&mut self, name: &[u8], statement: Option<Arc<Analysis>>, hold: bool) {
        match self {
            Session::Postgres(wire) => wire.define_cursor(name, statement, hold),
            Session::Mysql(_) => {}
        }
    }

    pub(crate) fn forget_cursors(&mut self) {
        match self {
            Session::Postgres(wire) => wire.forget_cursors(),
            Session::Mysql(_) => {}
        }
    }
}
