//! What can be set of the ledger?

use super::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The files that say who asked what, when, and how it ended.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// The folder of the ledger's files; made if it is missing. Two gateways never share one.
    #[schemars(with = "String", extend("format" = "path", "x-reload" = "restart"))]
    pub directory: PathBuf,
    /// The folder of the ledger's secrets: the key that signs checkpoints where `ledger.checkpoints.key`
    /// names none, and one key a day for the values that rules keep. Not set, it stands beside the
    /// ledger's folder, named `ledger-keys` where that is `ledger`. Made if it is missing.
    #[schemars(with = "Option<String>", example = &"data/ledger-keys", extend("format" = "path", "x-reload" = "restart"))]
    pub keys: Option<PathBuf>,
    /// When a record counts as kept.
    #[schemars(extend("x-reload" = "restart"))]
    pub sync: Sync,
    /// Exceptions to `ledger.sync`, by class of statement. A class that is not named here follows it.
    pub sync_by_class: SyncByClass,
    /// What waits until its record is kept: a statement of one of these classes is forwarded after that,
    /// and a client is told that its statement was `refused` or is `held` after that.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub record_before: Vec<RecordBefore>,
    /// What happens to a statement that cannot be recorded, for instance because the disk is full.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub on_failure: OnFailure,
    /// Exceptions to `ledger.on_failure`, by class of statement. A class that is not named here
    /// follows it.
    pub on_failure_by_class: OnFailureByClass,
    /// The signatures that show later that nothing was changed.
    pub checkpoints: Checkpoints,
    /// Where else checkpoints or records go, so that whoever can write the ledger's folder cannot write
    /// everywhere. May be repeated.
    #[schemars(extend("x-optional" = true, "x-reload" = "restart"))]
    pub copies: Vec<LedgerCopy>,
    /// When old records are removed.
    pub retention: Retention,
    /// How many hours after one check of the whole ledger the gateway begins the next, at low priority; 0: only
    /// when somebody asks for it.
    #[schemars(range(max = 8_760), extend("x-reload" = "restart"))]
    pub check_hours: u32,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            directory: PathBuf::from("data/ledger"),
            keys: None,
            sync: Sync::Group,
            sync_by_class: SyncByClass::default(),
            record_before: RecordBefore::USUAL.to_vec(),
            on_failure: OnFailure::Refuse,
            on_failure_by_class: OnFailureByClass::default(),
            checkpoints: Checkpoints::default(),
            copies: Vec::new(),
            retention: Retention::default(),
            check_hours: 24,
        }
    }
}

impl Ledger {
    /// The folder of the ledger's secrets.
    pub fn keys(&self) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| {
            let mut name = self.directory.file_name().unwrap_or("ledger".as_ref()).to_owned();
            name.push("-keys");
            self.directory.with_file_name(name)
        })
    }
}

/// When a record counts as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sync {
    /// When it was handed to the operating system: fastest, and a power failure may lose the last
    /// seconds.
    None,
    /// When its group reached the disk, every 10 ms or 1,000 records.
    Group,
    /// When it reached the disk by itself: slowest.
    Each,
}

/// Exceptions to `ledger.sync`, by class of statement.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SyncByClass {
    /// For statements that return rows and are not seen to change any.
    #[schemars(example = Sync::None, extend("x-reload" = "restart"))]
    pub read: Option<Sync>,
    /// For statements that change rows.
    #[schemars(example = Sync::Group, extend("x-reload" = "restart"))]
    pub write: Option<Sync>,
    /// For statements that change the schema.
    #[schemars(example = Sync::Each, extend("x-reload" = "restart"))]
    pub ddl: Option<Sync>,
    /// For statements that change who may do what.
    #[schemars(example = Sync::Each, extend("x-reload" = "restart"))]
    pub privilege: Option<Sync>,
    /// For statements that change the session only.
    #[schemars(example = Sync::None, extend("x-reload" = "restart"))]
    pub session: Option<Sync>,
    /// For statements that begin, end or mark a transaction.
    #[schemars(example = Sync::None, extend("x-reload" = "restart"))]
    pub transaction: Option<Sync>,
    /// For VACUUM, ANALYZE, REINDEX, CHECKPOINT and their like.
    #[schemars(example = Sync::Group, extend("x-reload" = "restart"))]
    pub maintenance: Option<Sync>,
    /// For DO, CALL and functions called by their number.
    #[schemars(example = Sync::Each, extend("x-reload" = "restart"))]
    pub code: Option<Sync>,
    /// For statements of which it cannot be told.
    #[schemars(example = Sync::Each, extend("x-reload" = "restart"))]
    pub unknown: Option<Sync>,
}

/// What can wait until its record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordBefore {
    /// Statements that return rows and are not seen to change any.
    Read,
    /// Statements that change rows.
    Write,
    /// Statements that change the schema.
    Ddl,
    /// Statements that change who may do what.
    Privilege,
    /// Statements that change the session only.
    Session,
    /// Statements that begin, end or mark a transaction. Those that end one never wait.
    Transaction,
    /// VACUUM, ANALYZE, REINDEX, CHECKPOINT and their like.
    Maintenance,
    /// DO, CALL and functions called by their number.
    Code,
    /// Statements of which it cannot be told.
    Unknown,
    /// The answer to a statement that was refused, of whatever class.
    Refused,
    /// The answer to a statement that is held for somebody's approval.
    Held,
}

impl RecordBefore {
    /// What waits when nobody says otherwise: everything that may leave a trace, or of which that cannot be
    /// told, and what did not run.
    pub const USUAL: [RecordBefore; 7] = [
        RecordBefore::Write,
        RecordBefore::Ddl,
        RecordBefore::Privilege,
        RecordBefore::Code,
        RecordBefore::Unknown,
        RecordBefore::Refused,
        RecordBefore::Held,
    ];
}

/// What happens to a statement that cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It runs; the ledger later says how many records are missing, and where.
    Continue,
    /// It is refused with SQLSTATE 58030.
    Refuse,
}

/// Exceptions to `ledger.on_failure`, by class of statement.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OnFailureByClass {
    /// For statements that return rows and are not seen to change any.
    #[schemars(example = OnFailure::Continue, extend("x-reload" = "new sessions"))]
    pub read: Option<OnFailure>,
    /// For statements that change rows.
    #[schemars(example = OnFailure::Refuse, extend("x-reload" = "new sessions"))]
    pub write: Option<OnFailure>,
    /// For statements that change the schema.
    #[schemars(example = OnFailure::Refuse, extend("x-reload" = "new sessions"))]
    pub ddl: Option<OnFailure>,
    /// For statements that change who may do what.
    #[schemars(example = OnFailure::Refuse, extend("x-reload" = "new sessions"))]
    pub privilege: Option<OnFailure>,
    /// For statements that change the session only.
    #[schemars(example = OnFailure::Continue, extend("x-reload" = "new sessions"))]
    pub session: Option<OnFailure>,
    /// For statements that begin, end or mark a transaction. Those that end one always pass.
    #[schemars(example = OnFailure::Continue, extend("x-reload" = "new sessions"))]
    pub transaction: Option<OnFailure>,
    /// For VACUUM, ANALYZE, REINDEX, CHECKPOINT and their like.
    #[schemars(example = OnFailure::Continue, extend("x-reload" = "new sessions"))]
    pub maintenance: Option<OnFailure>,
    /// For DO, CALL and functions called by their number.
    #[schemars(example = OnFailure::Refuse, extend("x-reload" = "new sessions"))]
    pub code: Option<OnFailure>,
    /// For statements of which it cannot be told.
    #[schemars(example = OnFailure::Refuse, extend("x-reload" = "new sessions"))]
    pub unknown: Option<OnFailure>,
}

/// The signatures that show later that nothing was changed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Checkpoints {
    /// A checkpoint is signed after so many records.
    #[schemars(range(min = 1, max = 10_000_000), extend("x-reload" = "restart"))]
    pub every_records: u32,
    /// One is signed after so many seconds as well, where there is anything new.
    #[schemars(range(min = 1, max = 86_400), extend("x-reload" = "restart"))]
    pub every_seconds: u32,
    /// The key that signs: Ed25519, as PEM (PKCS #8); `dragoman ledger key` makes one. Not set, it is
    /// `checkpoint.pem` in `ledger.keys`, and is made at the first start. A key that is named has to be there.
    #[schemars(extend("x-reload" = "restart"))]
    pub key: Secret,
}

impl Default for Checkpoints {
    fn default() -> Checkpoints {
        Checkpoints { every_records: 10_000, every_seconds: 10, key: Secret::default() }
    }
}

/// Another place for checkpoints or records.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerCopy {
    /// What it is called in messages and metrics: 1 to 63 of the characters a-z, 0-9, `-` and `_`.
    #[schemars(regex(pattern = r"^[a-z0-9_-]{1,63}$"), example = &"siem", extend("x-reload" = "restart"))]
    pub name: String,
    /// The place: `file:///mnt/archive/shop` (a folder), `syslog+tls://siem.example.com:6514` (RFC 5424 over
    /// TLS, RFC 5425), `https://siem.example.com/ledger` (each batch is sent by POST) or
    /// `nats+tls://nats.example.com:4222` (a stream of NATS JetStream; on this machine also `nats://`).
    #[schemars(example = &"syslog+tls://siem.example.com:6514", extend("x-reload" = "restart"))]
    pub to: String,
    /// What goes there.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub content: CopyContent,
    /// Certificates to check the other side by (PEM). Not set, those of the public authorities.
    #[serde(default)]
    #[schemars(with = "Option<String>", example = &"siem-ca.pem", extend("format" = "path", "x-reload" = "restart"))]
    pub ca: Option<PathBuf>,
    /// Shown to an `https` place as `Authorization: Bearer …`, to a server of NATS as its token.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub token: Secret,
    /// How subjects of NATS begin; the record's event follows. Letters, digits, `-` and `_`, with dots between words.
    /// Not set, `dragoman.ledger`.
    #[serde(default)]
    #[schemars(example = &"dragoman.ledger", extend("format" = "subject", "x-reload" = "restart"))]
    pub subject: Option<String>,
    /// Who logs in to a server of NATS, with `password`.
    #[serde(default)]
    #[schemars(example = &"dragoman", extend("x-reload" = "restart"))]
    pub user: Option<String>,
    /// The password of `user`.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub password: Secret,
    /// A file of credentials of NATS as `nsc` writes it: a JWT and the key that signs.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub credentials: Secret,
    /// What happens when the place has taken nothing for `patience_seconds`: statements go on, or are
    /// refused as if the ledger itself could not be written.
    #[serde(default = "go_on")]
    #[schemars(extend("x-reload" = "restart"))]
    pub on_failure: OnFailure,
    /// How long the place may take nothing before it counts as failed.
    #[serde(default = "patience_seconds")]
    #[schemars(range(min = 1, max = 604_800), extend("x-reload" = "restart"))]
    pub patience_seconds: u32,
}

fn go_on() -> OnFailure {
    OnFailure::Continue
}

fn patience_seconds() -> u32 {
    300
}

/// What goes to another place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CopyContent {
    /// Checkpoints only: little, and enough to show later that the ledger was not changed.
    #[default]
    Checkpoints,
    /// Every line, checkpoints among them: the place then has a ledger of its own.
    Records,
}

/// When old records are removed. Only whole segments are, never the newest two, and the ledger says
/// what was removed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Segments whose newest record is older than so many days; 0: kept for ever.
    #[schemars(range(max = 36_500), extend("x-reload" = "restart"))]
    pub days: u32,
    /// The oldest segments, while all together have more than so many bytes; 0: as many as there are.
    #[schemars(extend("x-reload" = "restart"))]
    pub bytes: u64,
}
