//! What is written down: one [`Record`] for each thing that happened.
//!
//! A record is made on the data path and costs no allocation there: what is long is shared
//! (`Arc`), what is short is copied. The ledger turns it into a line (see docs/ledger.md).

use crate::identity::{Claims, Session};
use crate::outcome::Outcome;
use crate::statement::{Class, Statement};
use std::sync::Arc;

/// Numbers the exchanges of one session from 1.
pub type ExchangeId = u64;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A login succeeded.
    SessionStart,
    /// A session ended.
    SessionEnd,
    /// A login failed.
    LoginFailed,
    /// A statement is about to be forwarded.
    StatementIntent,
    /// A statement ended.
    StatementOutcome,
    /// A statement was refused.
    StatementRefused,
    /// A statement waits for somebody's approval.
    StatementHeld,
    /// A limit was reached.
    LimitHit,
    /// The settings changed.
    ConfigChanged,
    /// The rules in force changed.
    PolicyChanged,
    /// A listener began or ceased to enforce.
    ModeChanged,
    /// A ledger writer started.
    WriterStart,
    /// A ledger writer stopped.
    WriterStop,
    /// Records are missing here.
    WriterGap,
    /// The writer has signed what there is up to the line before.
    Checkpoint,
    /// Somebody has read records.
    LedgerRead,
    /// Somebody has taken records away as a file.
    LedgerExport,
    /// Old records were removed, as the settings say.
    LedgerRemoved,
    /// A day's sealed values were made unreadable for good.
    LedgerErased,
}

impl Event {
    /// Every event.
    pub const ALL: [Event; 19] = [
        Event::SessionStart,
        Event::SessionEnd,
        Event::LoginFailed,
        Event::StatementIntent,
        Event::StatementOutcome,
        Event::StatementRefused,
        Event::StatementHeld,
        Event::LimitHit,
        Event::ConfigChanged,
        Event::PolicyChanged,
        Event::ModeChanged,
        Event::WriterStart,
        Event::WriterStop,
        Event::WriterGap,
        Event::Checkpoint,
        Event::LedgerRead,
        Event::LedgerExport,
        Event::LedgerRemoved,
        Event::LedgerErased,
    ];

    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Event::SessionStart => "session.start",
            Event::SessionEnd => "session.end",
            Event::LoginFailed => "login.failed",
            Event::StatementIntent => "statement.intent",
            Event::StatementOutcome => "statement.outcome",
            Event::StatementRefused => "statement.refused",
            Event::StatementHeld => "statement.held",
            Event::LimitHit => "limit.hit",
            Event::ConfigChanged => "config.changed",
            Event::PolicyChanged => "policy.changed",
            Event::ModeChanged => "mode.changed",
            Event::WriterStart => "writer.start",
            Event::WriterStop => "writer.stop",
            Event::WriterGap => "writer.gap",
            Event::Checkpoint => "checkpoint",
            Event::LedgerRead => "ledger.read",
            Event::LedgerExport => "ledger.export",
            Event::LedgerRemoved => "ledger.removed",
            Event::LedgerErased => "ledger.erased",
        }
    }
}

/// By which way of the protocol a statement came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// As text to be run at once (Postgres: Query; MySQL: COM_QUERY).
    Run,
    /// As text to be prepared (Postgres: Parse; MySQL: COM_STMT_PREPARE).
    Prepare,
    /// As the execution of something prepared (Postgres: Execute; MySQL: COM_STMT_EXECUTE).
    Execute,
    /// As a function called by its number (Postgres: FunctionCall).
    Function,
    /// As a message whose kind is the request (MySQL: COM_INIT_DB and its like).
    Command,
}

impl Kind {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Run => "run",
            Kind::Prepare => "prepare",
            Kind::Execute => "execute",
            Kind::Function => "function",
            Kind::Command => "command",
        }
    }
}

/// The transaction a session is in, as the server last said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionState {
    /// None.
    Idle,
    /// One is open.
    Open,
    /// One is open and has failed.
    Failed,
}

impl TransactionState {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            TransactionState::Idle => "idle",
            TransactionState::Open => "open",
            TransactionState::Failed => "failed",
        }
    }
}

/// What the judge said, as the ledger's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerdictWord {
    /// It may pass.
    Allow,
    /// It may not. In an outcome: it would not have passed, had the listener enforced.
    Refuse,
    /// It may not before somebody approves of it; in an outcome as above.
    Hold,
    /// It could not be judged, and the listener only observes.
    Unjudged,
}

impl VerdictWord {
    /// Every verdict.
    pub const ALL: [VerdictWord; 4] =
        [VerdictWord::Allow, VerdictWord::Refuse, VerdictWord::Hold, VerdictWord::Unjudged];

    /// The word used in the ledger and as a label.
    pub fn as_str(self) -> &'static str {
        match self {
            VerdictWord::Allow => "allow",
            VerdictWord::Refuse => "refuse",
            VerdictWord::Hold => "hold",
            VerdictWord::Unjudged => "unjudged",
        }
    }
}

/// Where an exchange's time went, in microseconds, each counted from the moment the whole request
/// had arrived; saturating at about 71 minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Spent judging.
    pub judge: u32,
    /// Until its bytes were handed to the upstream's socket.
    pub forward: u32,
    /// Until the first byte of its answer.
    pub first: u32,
    /// Until the last byte of its answer.
    pub last: u32,
    /// Until the exchange was over for the client.
    pub total: u32,
}

/// A statement's part of a record.
#[derive(Clone, Debug)]
pub struct StatementRecord {
    /// Which exchange of the session.
    pub exchange: ExchangeId,
    /// By which way it came.
    pub kind: Kind,
    /// What was asked.
    pub statement: Arc<Statement>,
    /// What a name in it stands for: the prepared statement of an EXECUTE, the query of a cursor.
    pub source: Option<Arc<Statement>>,
    /// What the client says in a comment of the text; on the heap, since most say nothing.
    pub claims: Option<Arc<Claims>>,
    /// What the judge said.
    pub verdict: VerdictWord,
    /// The rule that decided, where a rule did.
    pub rule: Option<Arc<str>>,
    /// What a rule asks to be kept of it, on the first of its records. On the heap, since most have none.
    pub values: Option<Box<Values>>,
    /// What a rule on trial (`dry_run`) would have decided: its name, and the word.
    pub would: Option<(Arc<str>, &'static str)>,
    /// The epoch of the rules in force.
    pub policy_epoch: u64,
    /// The transaction state when it was asked.
    pub transaction: TransactionState,
    /// How it ended; `None` in an intent.
    pub outcome: Option<Outcome>,
    /// Where the time went; zero in an intent.
    pub timing: Timing,
    /// Bytes of the request.
    pub bytes_in: u64,
    /// Bytes of the answer.
    pub bytes_out: u64,
}

/// What a statement carried besides its shape, kept only where a rule asks for it. What the ledger makes
/// of it is sealed; it never reaches a line or a log as it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The text as it came.
    pub text: Option<Box<[u8]>>,
    /// The parameters as they came, `None` for NULL: those of a Bind, or the literals of a text in their order.
    pub parameters: Option<Vec<Option<Box<[u8]>>>>,
    /// The same, of which only keyed hashes are kept.
    pub hashed: Option<Vec<Option<Box<[u8]>>>>,
    /// The text of the server's error.
    pub error: Option<Box<[u8]>>,
    /// Why some of what was asked for is not there, as a fixed word.
    pub withheld: Option<&'static str>,
}

impl Values {
    /// Bytes of memory they keep alive.
    pub fn held_bytes(&self) -> usize {
        let long = |bytes: &Option<Box<[u8]>>| bytes.as_ref().map_or(0, |bytes| bytes.len());
        let many = |values: &Option<Vec<Option<Box<[u8]>>>>| {
            values.iter().flatten().map(|value| size_of_val(value) + long(value)).sum::<usize>()
        };
        size_of::<Values>()
            + long(&self.text)
            + long(&self.error)
            + many(&self.parameters)
            + many(&self.hashed)
    }
}

impl std::fmt::Debug for Values {
    /// Says how much there is, and nothing of what it is.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Values({} bytes)", self.held_bytes())
    }
}

/// Who reads a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderKind {
    /// Somebody who is signed in to the control plane.
    Person,
    /// Whoever holds a token of the control plane's API.
    Token,
    /// A user of the machine, at its command line.
    Process,
}

impl ReaderKind {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            ReaderKind::Person => "person",
            ReaderKind::Token => "token",
            ReaderKind::Process => "process",
        }
    }
}

/// That somebody has read the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerAccess {
    /// What kind of reader.
    pub kind: ReaderKind,
    /// The e-mail, the token's name with its owner's e-mail, or the name of the machine's user.
    pub name: Box<str>,
    /// The conditions, as the reader put them.
    pub asked: Box<str>,
    /// In which form they were handed out: `page`, `jsonl`, `csv`, …
    pub format: Box<str>,
}

/// A line that another process of the gateway has made, and that has no place in the chain yet.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenLine {
    /// Of which class the statement is that it tells of; `None` where it tells of none.
    pub class: Option<Class>,
    /// The line up to where its writer belongs.
    pub front: Box<[u8]>,
    /// What stands between its writer and its place in the chain.
    pub rest: Box<[u8]>,
}

impl std::fmt::Debug for OpenLine {
    /// Says how much there is, and nothing of what it is.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "OpenLine({} bytes)", self.front.len() + self.rest.len())
    }
}

/// What a record tells besides its event.
#[derive(Clone, Debug)]
pub enum RecordBody {
    /// Nothing more.
    None,
    /// A statement. Boxed by nobody: records travel in preallocated queues.
    Statement(StatementRecord),
    /// How a login or a session ended: an SQLSTATE and a fixed word.
    Ended {
        /// The SQLSTATE, where there is one.
        sqlstate: Option<[u8; 5]>,
        /// A fixed word for the cause; never text of the peer.
        message_class: &'static str,
        /// Bytes from the client in the whole session.
        bytes_in: u64,
        /// Bytes to the client in the whole session.
        bytes_out: u64,
    },
    /// Records that could not be written.
    Gap {
        /// How many.
        lost: u64,
    },
    /// A word of our own about the gateway itself, such as what changed in the settings.
    Note(Box<str>),
    /// Who has read what of the ledger.
    Access(Box<LedgerAccess>),
    /// A line of the process that this one has replaced.
    Line(Box<OpenLine>),
}

/// One line of the ledger, before it is written.
#[derive(Clone, Debug)]
pub struct Record {
    /// What happened.
    pub event: Event,
    /// When, in microseconds since 1970-01-01 UTC.
    pub at_us: u64,
    /// In which session; `None` for what concerns the gateway itself.
    pub session: Option<Arc<Session>>,
    /// What else there is to say.
    pub body: RecordBody,
}

impl Record {
    /// Bytes of memory this record keeps alive beyond its own size: the bound of a queue in bytes
    /// counts them. Shared parts are counted in full, since a queue may hold their last owner.
    pub fn held_bytes(&self) -> usize {
        // A session's records of statements keep nothing that its beginning or end does not.
        let names = || {
            self.session.as_ref().map_or(0, |session| {
                let principal = &session.principal;
                principal.user.len() + principal.database.len() + principal.application.len()
            })
        };
        match &self.body {
            RecordBody::Statement(body) => {
                let person = body.claims.as_ref().and_then(|claims| claims.on_behalf_of.as_ref());
                body.statement.text.len()
                    + body.source.as_ref().map_or(0, |source| source.text.len())
                    + body.claims.as_ref().map_or(0, |_| size_of::<Claims>())
                    + person.map_or(0, |person| person.len())
                    + body.values.as_ref().map_or(0, |values| values.held_bytes())
            }
            RecordBody::Access(access) => access.name.len() + access.asked.len() + access.format.len(),
            RecordBody::Note(text) => text.len() + names(),
            RecordBody::Line(line) => line.front.len() + line.rest.len(),
            RecordBody::None | RecordBody::Ended { .. } | RecordBody::Gap { .. } => names(),
        }
    }
}
