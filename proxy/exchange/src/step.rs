//! What do a client's bytes ask for, and what do a server's bytes tell, whatever the protocol?
//!
//! The nouns that a wire crate speaks in and the data path understands. How a protocol gets to them
//! stays in its wire crate.

use crate::outcome::SqlState;
use crate::record::{ExchangeId, TransactionState};
use crate::request::Ask;

/// What the front of the client's bytes is.
#[derive(Debug)]
pub enum Step<'a, T> {
    /// Nothing can be said before more bytes arrive.
    More,
    /// These many bytes carry no request and may pass.
    Pass(usize),
    /// These many bytes belong to a refused request and must not pass.
    Discard(usize),
    /// What comes next depends on answers under way that will come without anything more being sent:
    /// nothing passes until then.
    Wait,
    /// What the gateway had set in the session is gone, or will be by the time the server reads on: it
    /// is set anew, or forgone, before anything passes (MySQL: COM_RESET_CONNECTION, COM_CHANGE_USER).
    Unguarded,
    /// A request: it is admitted or refused. Asking again without either gives the same answer.
    Ask(Ask<'a, T>),
}

/// How far the server's bytes were read, and what they told.
#[derive(Debug, PartialEq, Eq)]
pub struct Heard {
    /// Bytes that may go to the client as they are.
    pub len: usize,
    /// What they told. Without an event, nothing more can be said before more bytes arrive.
    pub event: Option<Event>,
}

/// What the server's bytes told.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A statement, or the preparation of one, was finished.
    Completed {
        /// Which exchange.
        exchange: ExchangeId,
        /// Rows returned or changed.
        rows: u64,
        /// Bytes of the answer.
        bytes: u64,
        /// Bytes of data the client sent for it after the request (COPY FROM STDIN, LOAD DATA LOCAL).
        copied_in: u64,
    },
    /// Rows were returned to their end, by a statement that may return more: a procedure's call
    /// returns the rows of each query in it and is finished afterwards (MySQL). Told instead of
    /// [`Event::Completed`]; the statements of the exchange tell whether it was one.
    Returned {
        /// Which exchange.
        exchange: ExchangeId,
        /// Rows returned.
        rows: u64,
        /// Bytes of the answer.
        bytes: u64,
        /// Bytes of data the client sent for it after the request.
        copied_in: u64,
    },
    /// The server answered with an error.
    Failed {
        /// Which exchange; `None` when the error belongs to none (it came unasked, or at commit).
        exchange: Option<ExchangeId>,
        /// The SQLSTATE, when there was one.
        sqlstate: Option<SqlState>,
        /// Whether the server ends the session.
        fatal: bool,
        /// Bytes of the answer.
        bytes: u64,
        /// Bytes of data the client sent for it after the request.
        copied_in: u64,
    },
    /// The server will not run it: an earlier request of the batch failed.
    Skipped {
        /// Which exchange.
        exchange: ExchangeId,
    },
    /// It is the refused request's turn to be answered: `replaces` more bytes are the server's error,
    /// none where the server was not asked; `bytes` goes in their place.
    Refused {
        /// Which exchange.
        exchange: ExchangeId,
        /// Bytes of the server's error.
        replaces: usize,
        /// What the client gets.
        bytes: Vec<u8>,
    },
    /// An answer goes beyond the bound that was set for it, once for each answer. What comes afterwards
    /// passes as it is: it ends when whoever set the bound cancels it.
    Exceeded {
        /// Which exchange.
        exchange: ExchangeId,
        /// What there is too much of.
        what: Excess,
    },
    /// A request that ran was cancelled on the gateway's behalf: `replaces` more bytes are the server's
    /// error, `bytes` goes in their place. The exchange has ended, as with [`Event::Failed`].
    Cut {
        /// Which exchange.
        exchange: ExchangeId,
        /// Bytes of the server's error.
        replaces: usize,
        /// What the client gets.
        bytes: Vec<u8>,
        /// The SQLSTATE in it.
        sqlstate: SqlState,
        /// Rows that came before it, of the statement that was cut.
        rows: u64,
        /// Bytes of the answer, with what goes in the error's place.
        bytes_out: u64,
        /// Bytes of data the client sent for it after the request.
        copied_in: u64,
    },
    /// The next `len` bytes must not reach the client: they are the rest of an error that was replaced,
    /// or answer a statement of the gateway's own.
    Dropped {
        /// How many.
        len: usize,
    },
    /// The gateway's own statement that guards the session was answered to its end; the next `drop`
    /// bytes are that end and must not reach the client.
    Guarded {
        /// Whether the server did what it says.
        ok: bool,
        /// How many.
        drop: usize,
    },
    /// A batch is over and the server waits for the next.
    Ready {
        /// The exchange of the request that is over; `None` where the batch was closed by a message of
        /// its own (Postgres: Sync).
        exchange: Option<ExchangeId>,
        /// The transaction's state.
        transaction: TransactionState,
    },
    /// The server reports a setting.
    Parameter(Parameter),
    /// The server gave out the id and key that cancel this session's requests.
    Key {
        /// The process id.
        id: u32,
        /// The secret key.
        key: Box<[u8]>,
    },
}

/// What an answer has more of than its bound allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Rows, or pieces of COPY data.
    Rows,
    /// Bytes.
    Bytes,
}

/// What a gateway needs to know of a session's settings; the others pass unread.
#[derive(Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The application that is connected (`application_name`, `program_name`).
    ApplicationName(Box<[u8]>),
    /// Who is logged in, when that changes after the login (MySQL: COM_CHANGE_USER).
    User(Box<[u8]>),
    /// The current database, when that changes after the login (MySQL: USE, COM_INIT_DB).
    Database(Box<[u8]>),
    /// Whether a backslash in an ordinary string is a letter like any other (Postgres).
    StandardConformingStrings(bool),
    /// The encoding of the client's texts.
    ClientEncoding(Box<[u8]>),
    /// The encoding the server keeps its own texts in (Postgres).
    ServerEncoding(Box<[u8]>),
    /// Where names are looked up (Postgres, since version 18).
    SearchPath(Box<[u8]>),
    /// Whether transactions begin as read-only (Postgres; MySQL: told once, when one of a session with the guard
    /// does not).
    DefaultTransactionReadOnly(bool),
    /// Whose privileges the session has taken as its own (Postgres: SET SESSION AUTHORIZATION).
    SessionAuthorization(Box<[u8]>),
    /// The server's version in its own words.
    ServerVersion(Box<[u8]>),
    /// The parts of `sql_mode` that change where a text's tokens end (MySQL).
    SqlMode {
        /// `"` quotes a name, not a string.
        ansi_quotes: bool,
        /// A backslash in a string is a letter like any other.
        no_backslash_escapes: bool,
    },
    /// `sql_mode` as a whole, which was asked for (MySQL).
    SqlModes(Box<[u8]>),
}
