//! How do the rows get into the server?

use super::{APPLICATION, DATABASE, OWNER, PASSWORD, READER, TABLES, Table, VERSION, World, world};
use futures_util::SinkExt;
use std::io::Cursor;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls, Transaction};

/// Rows are sent in pieces of this size.
const PIECE_BYTES: usize = 256 * 1024;
/// Longest wait for a connection to the server, which is on this machine and ready.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A session reports the rows it wrote a moment later, on top of what VACUUM counted, unless it is
/// told to report at once. PostgreSQL 14 does not know how, and counts them twice for a while.
const COUNT_NOW: &str =
    "DO $$ BEGIN PERFORM pg_stat_force_next_flush(); EXCEPTION WHEN undefined_function THEN NULL; END $$";

/// What filling found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// The database was there, whole and of this version.
    AlreadyThere,
    /// It was made.
    Now {
        /// How many rows it has.
        rows: u64,
    },
}

/// What happens while the database is made.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// A table has its rows.
    Table {
        /// The table.
        name: &'static str,
        /// Its rows.
        rows: u64,
        /// How long it took.
        took: Duration,
    },
    /// Keys, indexes, views and statistics are being made.
    Keys,
}

/// Why the database could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// The disk is full.
    #[error("no space left on the server's disk")]
    DiskFull,
    /// The server said no.
    #[error("cannot {action}")]
    Server {
        /// What was being done.
        action: &'static str,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
}

/// Makes the database `shop` unless it is there. `server` names the server and a superuser.
///
/// Not cancel safe, but the next call cleans up: the mark that says the database is whole is set
/// last, and a database without it is made again.
pub async fn fill(server: &Config, progress: &mut dyn FnMut(Progress)) -> Result<Filled, FillError> {
    let mark = format!("sample data of dragoman, version {VERSION}, complete");
    let administrator = connect(server, |config| config.dbname("postgres")).await?;
    if mark_of_database(&administrator).await?.as_deref() == Some(mark.as_str()) {
        return Ok(Filled::AlreadyThere);
    }
    make_database(&administrator).await?;
    let mut owner = connect(server, |config| config.dbname(DATABASE).user(OWNER)).await?;
    let rows = load(&mut owner, &world(), progress).await?;
    execute(&owner, "gather statistics", COUNT_NOW).await?;
    // Statistics and the visibility map: plans are the same from the first query on.
    execute(&owner, "gather statistics", &gather_statistics()).await?;
    let comment = format!("COMMENT ON DATABASE {DATABASE} IS '{mark}'");
    execute(&administrator, "mark the database as complete", &comment).await?;
    Ok(Filled::Now { rows })
}

pub(super) async fn connect(
    server: &Config,
    choose: impl FnOnce(&mut Config) -> &mut Config,
) -> Result<Client, FillError> {
    let mut config = server.clone();
    choose(config.application_name("dragoman-demo-fill").connect_timeout(CONNECT_LIMIT));
    // Notices such as "does not exist, skipping" would reach the log.
    config.options("-c client_min_messages=warning");
    let (client, connection) = config.connect(NoTls).await.map_err(failed("connect to the server"))?;
    // It ends with the client; what goes wrong is also told to the client.
    tokio::spawn(connection);
    Ok(client)
}

async fn mark_of_database(administrator: &Client) -> Result<Option<String>, FillError> {
    let query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
    let row = administrator.query_opt(query, &[&DATABASE]).await.map_err(failed("look for the database"))?;
    match row {
        Some(row) => row.try_get(0).map_err(failed("look for the database")),
        None => Ok(None),
    }
}

async fn make_database(administrator: &Client) -> Result<(), FillError> {
    let action = "make the database";
    execute(administrator, action, &format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).await?;
    // Older servers would keep an MD5 hash.
    execute(administrator, action, "SET password_encryption = 'scram-sha-256'").await?;
    for role in [OWNER, APPLICATION, READER] {
        if !role_exists(administrator, role, action).await? {
            let create = format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'");
            execute(administrator, action, &create).await?;
        }
    }
    execute(administrator, action, &format!("CREATE DATABASE {DATABASE} OWNER {OWNER}")).await
}

pub(super) async fn role_exists(
    administrator: &Client,
    role: &str,
    action: &'static str,
) -> Result<bool, FillError> {
    let query = "SELECT FROM pg_roles WHERE rolname = $1";
    let found = administrator.query_opt(query, &[&role]).await.map_err(failed(action))?;
    Ok(found.is_some())
}

/// Everything in one transaction: a database that was not filled to the end is an empty one.
async fn load(
    owner: &mut Client,
    world: &World,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, FillError> {
    execute(owner, "begin", "SET maintenance_work_mem = '64MB'").await?;
    let transaction = owner.transaction().await.map_err(failed("begin"))?;
    run(&transaction, "make the tables", include_str!("schema.sql")).await?;
    let mut total = 0;
    for table in &TABLES {
        let start = Instant::now();
        let rows = copy(&transaction, table, world).await?;
        total += rows;
        progress(Progress::Table { name: table.name, rows, took: start.elapsed() });
    }
    progress(Progress::Keys);
    run(&transaction, "make keys and indexes", include_str!("keys.sql")).await?;
    for table in TABLES.iter().filter(|table| table.counts()) {
        let name = table.name;
        let count_on = format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}");
        run(&transaction, "count on from the last row", &count_on).await?;
    }
    transaction.commit().await.map_err(failed("commit the rows"))?;
    Ok(total)
}

/// Names the tables: an owner may not vacuum the catalogs all databases share.
fn gather_statistics() -> String {
    let tables: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    format!("VACUUM (ANALYZE) {}, monthly_revenue", tables.join(", "))
}

async fn copy(transaction: &Transaction<'_>, table: &Table, world: &World) -> Result<u64, FillError> {
    let sheet = table.generate(world);
    let rows = sheet.rows();
    let command = format!("COPY {} ({}) FROM STDIN", table.name, table.columns);
    let sink = transaction.copy_in(&command).await.map_err(failed("copy rows"))?;
    let mut sink = pin!(sink);
    for piece in sheet.into_bytes().chunks(PIECE_BYTES) {
        sink.send(Cursor::new(piece.to_vec())).await.map_err(failed("copy rows"))?;
    }
    sink.finish().await.map_err(failed("copy rows"))?;
    Ok(rows)
}

async fn run(transaction: &Transaction<'_>, action: &'static str, text: &str) -> Result<(), FillError> {
    transaction.batch_execute(text).await.map_err(failed(action))
}

pub(super) async fn execute(client: &Client, action: &'static str, text: &str) -> Result<(), FillError> {
    client.batch_execute(text).await.map_err(failed(action))
}

pub(super) fn failed(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> FillError {
    move |source| match source.code() {
        Some(code) if *code == SqlState::DISK_FULL => FillError::DiskFull,
        _ => FillError::Server { action, source },
    }
}
