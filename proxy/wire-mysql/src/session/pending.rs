//! What does the server still have to answer?

use crate::authentication::Relay;
use exchange::{ExchangeId, Refusal};

/// What the server still has to answer.
#[derive(Debug)]
pub(super) enum Reply<T> {
    /// The OK that grants the login.
    Login,
    /// Results, and requests for a file if `copies`.
    Query { copies: bool },
    /// A number, then columns.
    Prepare { remembered: Option<T> },
    /// Results, or a cursor for statement `id`.
    Execute { id: u32, copies: bool },
    /// Rows of the cursor of statement `id`.
    Fetch { id: u32 },
    /// Columns without rows.
    Columns,
    /// One packet of text.
    Text,
    /// OK or EOF; then the cursor of statement `id` is closed.
    ResetStatement { id: u32 },
    /// OK; then the database is the current one.
    UseDatabase { name: Box<[u8]> },
    /// OK; then everything the session had set is forgotten.
    Reset,
    /// A login of its own.
    ChangeUser(Box<Changing>),
    /// OK or EOF.
    Done,
    /// OK; the client sees none of it.
    Guard,
    /// One row, of which so many packets have come; the client sees none of it.
    Modes { packets: u8 },
    /// Nothing: it was refused, and is answered by the gateway in its turn.
    Refused(Box<Refusal>),
}

impl<T> Reply<T> {
    /// Whether it answers a command of the gateway's own.
    pub(super) fn is_own(&self) -> bool {
        matches!(self, Reply::Guard | Reply::Modes { .. })
    }
}

/// A change of user under way.
#[derive(Debug)]
pub(super) struct Changing {
    pub(super) relay: Relay,
    pub(super) user: Box<[u8]>,
    pub(super) database: Box<[u8]>,
    pub(super) application: Box<[u8]>,
    /// Its number; 0 where the server chooses.
    pub(super) character_set: u16,
}

#[derive(Debug)]
pub(super) struct Pending<T> {
    pub(super) reply: Reply<T>,
    /// 0 where the message is no exchange.
    pub(super) exchange: ExchangeId,
    /// The number of its last packet, or of the last packet of its answer so far.
    pub(super) sequence: u8,
}

impl<T> Pending<T> {
    pub(super) fn is_exchange(&self) -> bool {
        self.exchange > 0
    }

    /// Whether the server may ask the client for a file.
    pub(super) fn copies(&self) -> bool {
        matches!(self.reply, Reply::Query { copies: true } | Reply::Execute { copies: true, .. })
    }
}

/// How far the answer of the front entry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its first packet comes next, or the first of its next result.
    First,
    /// The client sends a file; then the server says how it went.
    File,
    /// Columns of a result: these many are left, then rows come.
    Columns(u64),
    /// EOF between columns and rows comes next.
    ColumnsEnd,
    /// Rows, or columns of a COM_FIELD_LIST.
    Rows,
    /// A prepared statement's parameters, then its columns: these many are left of each.
    Prepared { parameters: u16, columns: u16 },
    /// EOF comes next, then these many columns of a prepared statement.
    PreparedEnd { columns: u16 },
}
