//! How is the state opened, and how is something read or changed in it?

use crate::error::is_busy;
use crate::{Result, StoreError, migrations};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection, Transaction};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Connections to the state at once. SQLite has one writer at a time whatever this is.
const CONNECTIONS_MAX: u32 = 16;
/// Longest wait for a connection.
const ACQUIRE_WAIT: Duration = Duration::from_secs(10);
/// Longest wait for others when a new file changes to its journal, and how often it is tried.
const JOURNAL_WAIT: Duration = Duration::from_secs(10);
const JOURNAL_INTERVAL: Duration = Duration::from_millis(20);

/// Which database holds the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file of this machine.
    Sqlite,
    /// A server that several nodes share.
    Postgres,
}

/// Where the state is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file; made if it is missing.
    File(PathBuf),
    /// A PostgreSQL URL, with the password if there is one.
    Server(String),
}

impl std::fmt::Debug for Location {
    /// Never shows a password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Location::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Location::Server(_) => formatter.write_str("Server(…)"),
        }
    }
}

impl Location {
    /// Reads `sqlite:PATH`, relative to `folder`, or `postgres://…`.
    pub fn parse(url: &str, folder: &Path) -> Result<Location> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(Location::File(folder.join(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Location::Server(url.to_owned()));
        }
        Err(StoreError::Unavailable(
            "`state.url` is neither `sqlite:FILE` nor `postgres://user@host/database`".to_owned(),
        ))
    }
}

/// The state, open. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    backend: Backend,
    location: Location,
}

/// Everything that happens to the state in one go. Dropped without [`Tx::commit`], nothing happened.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Any>,
    backend: Backend,
}

impl Tx {
    /// Makes it so.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Which database this is; for the few places where waiting differs, never for other SQL.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// What statements run on.
    pub(crate) fn on(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

impl Store {
    /// Opens the state, makes it if it is not there, looks whether it is whole, and brings it to this
    /// program's version under a lock.
    pub async fn open(location: Location) -> Result<Store> {
        let store = Store::connect(location).await?;
        store.check().await?;
        migrations::apply(&store).await?;
        Ok(store)
    }

    /// Opens the state without looking at it.
    pub(crate) async fn connect(location: Location) -> Result<Store> {
        sqlx::any::install_default_drivers();
        let (backend, url) = match &location {
            Location::File(path) => {
                prepare_file(path)?;
                (Backend::Sqlite, file_url(path))
            }
            Location::Server(url) => (Backend::Postgres, url.clone()),
        };
        // The URL may hold a password: what the driver says of it is not repeated.
        let options = AnyConnectOptions::from_str(&url)
            .map_err(|_| StoreError::Unavailable("`state.url` cannot be read".to_owned()))?
            .disable_statement_logging();
        // A pool tries again until its time is up and then says nothing but that: the first connection is
        // made without one, so that what is wrong is said, and at once.
        let mut first = AnyConnection::connect_with(&options).await?;
        settle(&mut first, backend).await?;
        first.close().await?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_WAIT)
            // Who waits for a connection is told so when there is none: a slow one is no news of its own.
            .acquire_slow_threshold(ACQUIRE_WAIT)
            .after_connect(move |connection, _| Box::pin(settle(connection, backend)))
            .connect_lazy_with(options);
        Ok(Store { pool, backend, location })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Begins to read: everything that is read in it is of one moment.
    pub async fn read(&self) -> Result<Tx> {
        let begin = match self.backend {
            Backend::Sqlite => "BEGIN",
            Backend::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(Tx { inner: self.pool.begin_with(begin).await?, backend: self.backend })
    }

    /// Begins to change something. With SQLite one does at a time and others wait. With PostgreSQL each
    /// statement sees what others committed before it: what must not change between reading and writing is
    /// written by a statement that says what it expects, or locked by an UPDATE first.
    pub async fn write(&self) -> Result<Tx> {
        let begin = match self.backend {
            // At once, so that a change that was prepared by reading never finds the state changed.
            Backend::Sqlite => "BEGIN IMMEDIATE",
            Backend::Postgres => "BEGIN",
        };
        Ok(Tx { inner: self.pool.begin_with(begin).await?, backend: self.backend })
    }

    /// Looks whether the state is whole, as far as its database can tell.
    pub async fn check(&self) -> Result<()> {
        let mut tx = self.read().await?;
        match self.backend {
            Backend::Sqlite => {
                let (said,): (String,) = sqlx::query_as("PRAGMA quick_check(1)").fetch_one(tx.on()).await?;
                if said != "ok" {
                    return Err(StoreError::Damaged(said));
                }
            }
            Backend::Postgres => {
                let (encoding,): (String,) =
                    sqlx::query_as("SELECT current_setting('server_encoding')").fetch_one(tx.on()).await?;
                if encoding != "UTF8" {
                    return Err(StoreError::Unavailable(format!(
                        "its database has the encoding `{encoding}`; make one with ENCODING 'UTF8'"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Waits until nobody uses it any more, and closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// What every connection is told once.
async fn settle(connection: &mut AnyConnection, backend: Backend) -> std::result::Result<(), sqlx::Error> {
    let settings: &[&'static str] = match backend {
        Backend::Sqlite => &[
            "PRAGMA busy_timeout = 10000",
            // What is committed survives a power failure: an activity entry is evidence.
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
            "PRAGMA trusted_schema = OFF",
            "PRAGMA cache_size = -16000",
            "PRAGMA journal_size_limit = 67108864",
        ],
        Backend::Postgres => &[
            "SET lock_timeout = '10s'",
            "SET idle_in_transaction_session_timeout = '60s'",
            "SET statement_timeout = '60s'",
            "SET client_min_messages = 'warning'",
        ],
    };
    for setting in settings {
        sqlx::query(*setting).execute(&mut *connection).await?;
    }
    if backend == Backend::Sqlite {
        use_journal(connection).await?;
    }
    Ok(())
}

/// Lets readers and the writer not wait for each other. The first connection to a new file changes it,
/// which needs the file for itself alone, and SQLite does not wait for that by itself.
async fn use_journal(connection: &mut AnyConnection) -> std::result::Result<(), sqlx::Error> {
    let deadline = std::time::Instant::now() + JOURNAL_WAIT;
    loop {
        let tried = sqlx::query("PRAGMA journal_mode = WAL").execute(&mut *connection).await;
        match tried {
            Ok(_) => return Ok(()),
            Err(error) if is_busy(&error) && std::time::Instant::now() < deadline => {
                tokio::time::sleep(JOURNAL_INTERVAL).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The folder is there and the file, with what is in it, is nobody else's.
fn prepare_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let unavailable =
        |error: std::io::Error| StoreError::Unavailable(format!("`{}`: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unavailable)?;
    }
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(unavailable)
}

/// What the driver takes a file by.
pub(crate) fn file_url(path: &Path) -> String {
    format!("sqlite:{}?mode=rwc", encoded(path))
}

/// A path as a URL takes it: everything that could mean something in one is written as its number.
fn encoded(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut text = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => text.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(*byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Now, in microseconds since 1970-01-01 UTC.
pub fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
