//! Which databases are known in a workspace, and how are they reached?

mod health;
mod usage;

pub use health::{Check, Checked, Claim, Failure, Health, check_at, claim_checks, finish_check, record};
pub use usage::{UsageDay, Used, add_usage, day_of, prune_usage, usage};

use crate::insert::refused;
use crate::page::{Page, ask, page};
use crate::row::Values;
use crate::text::{key, storable};
use crate::words::{word_in, words};
use crate::{Id, Result, StoreError, Tx, now_us, secrets};
use serde_json::Value;
use sqlx::Any;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;

const WHAT: &str = "connection";

words! {
    /// How much depends on a database.
    Environment {
        /// Somebody's own.
        Development = "development",
        /// For trying things together.
        Staging = "staging",
        /// What customers use.
        Production = "production",
    }
}

words! {
    /// Whether changes that were proposed may be made through a connection.
    ApplyPolicy {
        /// Never.
        Never = "never",
        /// In development only, by whoever proposed them.
        Development = "development",
        /// When somebody else approved.
        AfterApproval = "after_approval",
    }
}

words! {
    /// How the way to the server is encrypted.
    Tls {
        /// Not at all.
        Disable = "disable",
        /// When the server can.
        Prefer = "prefer",
        /// Always, whoever the server is.
        Require = "require",
        /// Always, by a certificate of a known authority.
        VerifyCa = "verify-ca",
        /// Always, by a certificate for the server's own name.
        VerifyFull = "verify-full",
    }
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a server.
    Server {
        /// Its name or address.
        host: String,
        /// Its TCP port.
        port: u16,
    },
    /// In a file.
    File(String),
}

/// What people say about a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionSettings {
    /// Unique in the workspace, whatever the case of its letters.
    pub name: String,
    /// The word of the engine.
    pub kind: String,
    /// Where the database is.
    pub place: Place,
    /// Who logs in.
    pub user: String,
    /// The database's name on its server.
    pub database: String,
    /// How the way is encrypted.
    pub tls: Tls,
    /// The authorities whose certificates are believed; `None` for the usual ones.
    pub ca_pem: Option<String>,
    /// The gateway's listener it goes through; `None` for directly.
    pub via: Option<String>,
    /// How much depends on it.
    pub environment: Environment,
    /// Whether everything runs in read-only transactions.
    pub read_only: bool,
    /// Whether proposed changes may be made.
    pub apply_policy: ApplyPolicy,
    /// What only its engine understands.
    pub options: Value,
    /// The secret it logs in with.
    pub secret: Option<Id>,
}

/// A known database.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// What it is found by.
    pub id: Id,
    /// Whose it is.
    pub workspace: Id,
    /// What people say about it.
    pub settings: ConnectionSettings,
    /// How it is.
    pub health: Health,
    /// The latest snapshot of its schema.
    pub last_snapshot: Option<Id>,
    /// Who made it.
    pub created_by: Id,
    /// When.
    pub created_at: i64,
    /// When the settings changed last.
    pub changed_at: i64,
    /// What a change must name.
    pub version: i64,
}

macro_rules! select {
    () => {
        "SELECT c.id, c.workspace, c.name, c.kind, c.host, c.port, c.file, c.username, c.database_name, \
         c.tls, c.ca_pem, c.listener, c.environment, c.read_only, c.apply_policy, c.options, c.secret, \
         c.last_snapshot, c.created_by, c.created_at, c.changed_at, c.version, h.checked_at, h.last_ok_at, \
         h.latency_us, h.last_error_at, h.last_error_class, h.last_error_message, h.failures, \
         h.next_check_at FROM connections c JOIN connection_health h ON h.connection = c.id "
    };
}

/// Makes a connection known. Its first check is due at once. The id is chosen by the caller, since a secret
/// is sealed for it before.
pub async fn create(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    settings: &ConnectionSettings,
    by: Id,
) -> Result<Connection> {
    check(tx, workspace, settings).await?;
    let now = now_us();
    let query = sqlx::query(
        "INSERT INTO connections (name, name_key, kind, host, port, file, username, database_name, tls, \
         ca_pem, listener, environment, read_only, apply_policy, options, secret, id, workspace, \
         created_by, created_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
         $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, 1)",
    );
    bind(query, settings)
        .bind(id.bytes())
        .bind(workspace.bytes())
        .bind(by.bytes())
        .bind(now)
        .execute(tx.on())
        .await
        .map_err(refused(WHAT, "workspace"))?;
    health::begin(tx, id, now).await?;
    get(tx, workspace, id).await
}

/// The connection of that id, if it is the workspace's.
pub async fn get(tx: &mut Tx, workspace: Id, id: Id) -> Result<Connection> {
    let row = sqlx::query(concat!(select!(), "WHERE c.workspace = $1 AND c.id = $2"))
        .bind(workspace.bytes())
        .bind(id.bytes())
        .fetch_optional(tx.on())
        .await?;
    read(&row.ok_or(StoreError::Missing(WHAT))?)
}

/// The connection of that name.
pub async fn by_name(tx: &mut Tx, workspace: Id, name: &str) -> Result<Option<Connection>> {
    let row = sqlx::query(concat!(select!(), "WHERE c.workspace = $1 AND c.name_key = $2"))
        .bind(workspace.bytes())
        .bind(key(name))
        .fetch_optional(tx.on())
        .await?;
    row.as_ref().map(read).transpose()
}

/// Those of a workspace, by name. `after` is the `next` of the page before.
pub async fn list(
    tx: &mut Tx,
    workspace: Id,
    after: Option<Vec<u8>>,
    limit: i64,
) -> Result<Page<Connection, Vec<u8>>> {
    let rows = sqlx::query(concat!(
        select!(),
        "WHERE c.workspace = $1 AND c.name_key > $2 ORDER BY c.name_key LIMIT $3"
    ))
    .bind(workspace.bytes())
    .bind(after.unwrap_or_default())
    .bind(ask(limit))
    .fetch_all(tx.on())
    .await?;
    page(&rows, limit, read, |connection| key(&connection.settings.name))
}

/// The connections of all workspaces by id, for what runs in the background.
pub async fn everywhere(tx: &mut Tx, after: Option<Id>, limit: i64) -> Result<Page<Connection>> {
    let rows = sqlx::query(concat!(select!(), "WHERE c.id > $1 ORDER BY c.id LIMIT $2"))
        .bind(after.map(Id::bytes).unwrap_or_default())
        .bind(ask(limit))
        .fetch_all(tx.on())
        .await?;
    page(&rows, limit, read, |connection| connection.id)
}

/// Changes the settings; `version` is the one that was read. A secret that is no longer named goes.
pub async fn update(
    tx: &mut Tx,
    workspace: Id,
    id: Id,
    version: i64,
    settings: &ConnectionSettings,
) -> Result<Connection> {
    check(tx, workspace, settings).await?;
    let before = get(tx, workspace, id).await?;
    let query = sqlx::query(
        "UPDATE connections SET name = $1, name_key = $2, kind = $3, host = $4, port = $5, file = $6, \
         username = $7, database_name = $8, tls = $9, ca_pem = $10, listener = $11, environment = $12, \
         read_only = $13, apply_policy = $14, options = $15, secret = $16, changed_at = $17, \
         version = version + 1 WHERE workspace = $18 AND id = $19 AND version = $20 RETURNING version",
    );
    let row = bind(query, settings)
        .bind(now_us())
        .bind(workspace.bytes())
        .bind(id.bytes())
        .bind(version)
        .fetch_optional(tx.on())
        .await
        .map_err(refused(WHAT, "secret"))?;
    row.ok_or(StoreError::Changed(WHAT))?;
    if let Some(old) = before.settings.secret.filter(|old| settings.secret != Some(*old)) {
        secrets::delete(tx, old).await?;
    }
    get(tx, workspace, id).await
}

/// Forgets a connection with its secret, its snapshots and what was counted of it.
pub async fn delete(tx: &mut Tx, workspace: Id, id: Id, version: i64) -> Result<()> {
    let before = get(tx, workspace, id).await?;
    let done = sqlx::query("DELETE FROM connections WHERE workspace = $1 AND id = $2 AND version = $3")
        .bind(workspace.bytes())
        .bind(id.bytes())
        .bind(version)
        .execute(tx.on())
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Changed(WHAT));
    }
    match before.settings.secret {
        Some(secret) => secrets::delete(tx, secret).await,
        None => Ok(()),
    }
}

/// What the constraints do not say: texts can be kept, and a secret is the workspace's own.
async fn check(tx: &mut Tx, workspace: Id, settings: &ConnectionSettings) -> Result<()> {
    let (host, file) = match &settings.place {
        Place::Server { host, .. } => (host.as_str(), ""),
        Place::File(file) => ("", file.as_str()),
    };
    storable(&[
        ("name", &settings.name),
        ("kind", &settings.kind),
        ("host", host),
        ("file", file),
        ("user", &settings.user),
        ("database", &settings.database),
        ("certificate", settings.ca_pem.as_deref().unwrap_or_default()),
        ("listener", settings.via.as_deref().unwrap_or_default()),
    ])?;
    if let Some(secret) = settings.secret
        && secrets::get(tx, secret).await?.workspace != Some(workspace)
    {
        return Err(StoreError::Missing("secret"));
    }
    Ok(())
}

/// Binds $1 to $16.
fn bind<'q>(
    query: Query<'q, Any, AnyArguments>,
    settings: &ConnectionSettings,
) -> Query<'q, Any, AnyArguments> {
    let (host, port, file) = match &settings.place {
        Place::Server { host, port } => (Some(host.clone()), Some(i64::from(*port)), None),
        Place::File(file) => (None, None, Some(file.clone())),
    };
    query
        .bind(settings.name.clone())
        .bind(key(&settings.name))
        .bind(settings.kind.clone())
        .bind(host)
        .bind(port)
        .bind(file)
        .bind(settings.user.clone())
        .bind(settings.database.clone())
        .bind(settings.tls.word())
        .bind(settings.ca_pem.clone())
        .bind(settings.via.clone())
        .bind(settings.environment.word())
        .bind(i64::from(settings.read_only))
        .bind(settings.apply_policy.word())
        .bind(settings.options.to_string())
        .bind(settings.secret.map(Id::bytes))
}

fn read(row: &AnyRow) -> Result<Connection> {
    Ok(Connection {
        id: row.id("id")?,
        workspace: row.id("workspace")?,
        settings: ConnectionSettings {
            name: row.text("name")?,
            kind: row.text("kind")?,
            place: read_place(row)?,
            user: row.text("username")?,
            database: row.text("database_name")?,
            tls: word_in(row, "tls", Tls::from_word)?,
            ca_pem: row.text_opt("ca_pem")?,
            via: row.text_opt("listener")?,
            environment: word_in(row, "environment", Environment::from_word)?,
            read_only: row.flag("read_only")?,
            apply_policy: word_in(row, "apply_policy", ApplyPolicy::from_word)?,
            options: row.json("options")?,
            secret: row.id_opt("secret")?,
        },
        health: health::read(row)?,
        last_snapshot: row.id_opt("last_snapshot")?,
        created_by: row.id("created_by")?,
        created_at: row.int("created_at")?,
        changed_at: row.int("changed_at")?,
        version: row.int("version")?,
    })
}

fn read_place(row: &AnyRow) -> Result<Place> {
    match (row.text_opt("file")?, row.text_opt("host")?, row.int_opt("port")?) {
        (Some(file), None, None) => Ok(Place::File(file)),
        (None, Some(host), Some(port)) => {
            let port = u16::try_from(port)
                .map_err(|_| StoreError::Damaged(format!("column `port` holds {port}")))?;
            Ok(Place::Server { host, port })
        }
        _ => Err(StoreError::Damaged("a connection has no place, or two".to_owned())),
    }
}
