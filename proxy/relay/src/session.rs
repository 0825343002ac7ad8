//! Which protocol does a session speak?
//!
//! The seam between the data path and the wire crates: closed, and matched exhaustively. What they
//! share are the nouns of [`exchange`]; how each gets to them stays in its crate.

use crate::values::Prepared;
use exchange::budget::Budget;
use exchange::step::Event;
use exchange::{
    Admitted, Ask, Claims, ExchangeId, Heard, Protocol, Refusal, RefusalClass, Step, TransactionState,
};
use sql::Analysis;
use std::sync::Arc;
use wire_mysql::compression::Turn;
use wire_postgres::refusal::Severity;

/// What is remembered of a text that was prepared.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    /// What the text says by itself: what it names may be another thing by the time it is executed.
    pub(crate) analysis: Arc<Analysis>,
    /// What the client said in a comment of the text.
    pub(crate) claims: Option<Arc<Claims>>,
    /// The text itself, where rules may want it kept.
    pub(crate) text: Option<Arc<Prepared>>,
    /// Whose current database its names without a schema are of, however often that changes before it is
    /// executed (MySQL); `None` where it was not known.
    pub(crate) prepared_in: Option<Arc<exchange::Session>>,
    /// In which character set the text is what was judged (MySQL), where that matters: a server that finds a
    /// table changed reads the text again, in the character set of that moment.
    pub(crate) written_in: Option<Arc<str>>,
}

impl From<Arc<Analysis>> for Remembered {
    /// Of a text in which the client says nothing.
    fn from(analysis: Arc<Analysis>) -> Remembered {
        Remembered { analysis, claims: None, text: None, prepared_in: None, written_in: None }
    }
}

/// The values of parameters, `None` for NULL; and whether there were more.
pub(crate) type Given<'a> = (&'a [Option<Box<[u8]>>], bool);

/// The protocol side of a session after login, which remembers the analysis of what was prepared.
#[derive(Debug)]
pub(crate) enum Session {
    Postgres(wire_postgres::Session<Remembered>),
    Mysql(wire_mysql::Session<Remembered>),
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
    pub(crate) fn client<'a>(&mut self, input: &'a [u8]) -> Result<Step<'a, Remembered>, Violation> {
        each!(self, wire => Ok(wire.client(input)?))
    }

    /// Reads the front of the server's bytes.
    pub(crate) fn server(&mut self, input: &[u8]) -> Result<Heard, Violation> {
        each!(self, wire => Ok(wire.server(input)?))
    }

    /// Lets a request pass.
    pub(crate) fn admit(
        &mut self,
        ask: &Ask<'_, Remembered>,
        remembered: Option<Remembered>,
        copies: bool,
    ) -> Admitted {
        each!(self, wire => wire.admit(ask, remembered, copies))
    }

    /// Does not let a request pass; what goes in its place is written into `poison`.
    pub(crate) fn refuse(
        &mut self,
        ask: &Ask<'_, Remembered>,
        refusal: Refusal,
        poison: &mut Vec<u8>,
    ) -> Admitted {
        each!(self, wire => wire.refuse(ask, refusal, poison))
    }

    /// Whether what the gateway had set in the session is to be set anew before anything passes.
    pub(crate) fn is_unguarded(&self) -> bool {
        match self {
            Session::Postgres(_) => false,
            Session::Mysql(wire) => wire.is_unguarded(),
        }
    }

    /// Whether the guard is among that.
    pub(crate) fn has_lost_guard(&self) -> bool {
        match self {
            Session::Postgres(_) => false,
            Session::Mysql(wire) => wire.has_lost_guard(),
        }
    }

    /// Sets it anew, and where the gateway `asks` it finds out what is not known: what goes to the server first
    /// is written into `out`.
    pub(crate) fn renew(&mut self, read_only: bool, asks: bool, out: &mut Vec<u8>) {
        match self {
            Session::Postgres(_) => {}
            Session::Mysql(wire) => wire.renew(read_only, asks, out),
        }
    }

    /// A statement has set `sql_mode` to what no text tells.
    pub(crate) fn doubt_modes(&mut self) {
        match self {
            Session::Postgres(_) => {}
            Session::Mysql(wire) => wire.doubt_modes(),
        }
    }

    /// A statement has set `sql_mode`.
    pub(crate) fn set_ansi_quotes(&mut self, ansi_quotes: bool) {
        match self {
            Session::Postgres(_) => {}
            Session::Mysql(wire) => wire.set_ansi_quotes(ansi_quotes),
        }
    }

    /// Appends the error that ends the session.
    pub(crate) fn last_words(&self, refusal: &Refusal, out: &mut Vec<u8>) {
        match self {
            Session::Postgres(_) => wire_postgres::refusal::error_response(Severity::Fatal, refusal, out),
            Session::Mysql(wire) => wire.last_words(refusal, out),
        }
    }

    /// Says within which budget the values of parameters are kept; without one they are not.
    pub(crate) fn keep_parameters(&mut self, budget: Option<Budget>) {
        match self {
            Session::Postgres(wire) => wire.keep_parameters(budget),
            Session::Mysql(wire) => wire.keep_parameters(budget),
        }
    }

    /// The values of the parameters of a portal, or of the execution that is asked for, where they were
    /// kept; and whether there were more.
    pub(crate) fn parameters(&self, portal: &[u8]) -> Option<Given<'_>> {
        match self {
            Session::Postgres(wire) => wire.parameters(portal).map(|bound| (&*bound.values, bound.is_cut)),
            Session::Mysql(wire) => wire.parameters().map(|bound| (&*bound.values, bound.is_cut)),
        }
    }

    /// What the client says under this name beside the request that is asked for (MySQL's query attributes).
    pub(crate) fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        match self {
            Session::Postgres(_) => None,
            Session::Mysql(wire) => wire.attribute(name),
        }
    }

    /// With how many of the bytes heard last an error tells its fields; MySQL's has one, its text.
    pub(crate) fn error_bytes(&self) -> usize {
        each!(self, wire => wire.error_bytes())
    }

    /// Bounds the reply to an exchange: the protocol's machine tells when it goes beyond.
    pub(crate) fn limit(&mut self, exchange: ExchangeId, rows: Option<u64>, bytes: Option<u64>) {
        each!(self, wire => wire.limit(exchange, rows, bytes));
    }

    /// What the client is told when the exchange ends in the cancel that follows.
    pub(crate) fn relabel(&mut self, exchange: ExchangeId, refusal: Refusal) {
        each!(self, wire => wire.relabel(exchange, refusal));
    }

    /// Whether the server hands out rows that it has put aside, which it does not stop to be told (MySQL's
    /// cursors).
    pub(crate) fn is_fetching(&self) -> bool {
        match self {
            Session::Postgres(_) => false,
            Session::Mysql(wire) => wire.is_fetching(),
        }
    }

    /// Has the next packet of an answer told as going beyond its bound.
    pub(crate) fn limit_to_nothing(&mut self, exchange: ExchangeId) {
        match self {
            Session::Postgres(_) => {}
            Session::Mysql(wire) => wire.limit_to_nothing(exchange),
        }
    }

    /// Ends the answer to the exchange in these words, for a session that ends with it: where the protocol
    /// lets an error stand in the middle of an answer.
    pub(crate) fn break_off(&mut self, exchange: ExchangeId, refusal: &Refusal) -> Option<Event> {
        match self {
            Session::Postgres(_) => None,
            Session::Mysql(wire) => wire.break_off(exchange, refusal),
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

    /// Whose turn it is, for a client whose frames are numbered by turns: MySQL's, where it compresses.
    pub(crate) fn turn(&self) -> Turn {
        match self {
            Session::Postgres(_) => Turn::Command,
            Session::Mysql(wire) => wire.turn(),
        }
    }

    pub(crate) fn is_batch_closed(&self) -> Option<bool> {
        each!(self, wire => wire.is_batch_closed())
    }

    /// Whether the rest of a message has to follow what was let pass of it.
    pub(crate) fn is_amid_message(&self) -> bool {
        each!(self, wire => wire.is_amid_message())
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
        each!(self, wire => wire.statement(name)).map(|known| &known.analysis)
    }

    pub(crate) fn define_statement(&mut self, name: &[u8], statement: Option<Arc<Analysis>>) {
        let statement = statement.map(Remembered::from);
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
            Session::Postgres(wire) => wire.portal(name).map(|known| &known.analysis),
            Session::Mysql(_) => None,
        }
    }

    pub(crate) fn define_cursor(&mut self, name: &[u8], statement: Option<Arc<Analysis>>, hold: bool) {
        match self {
            Session::Postgres(wire) => wire.define_cursor(name, statement.map(Remembered::from), hold),
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
