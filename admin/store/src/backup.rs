//! How is the whole state copied away and brought back?
//!
//! A backup is one text file that belongs to no database: what was kept in SQLite can be brought back into
//! PostgreSQL, and the other way round. Its first line says of which migration it is and which tables with
//! which columns and how many rows follow; each row is a line; the last line is the SHA-256 of all before
//! it. It is of one moment, though others go on writing, and is written and read row by row.

mod catalog;
mod format;
mod restore;

pub use restore::restore;

use crate::migrations;
use crate::{Backend, Location, Result, Store, StoreError, Tx};
use format::{Column, FORMAT, Header, Sink, Table};
use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Of which migration the state was.
    pub migration: i64,
    /// Tables.
    pub tables: usize,
    /// Rows of all of them.
    pub rows: i64,
    /// Size of the file.
    pub bytes: u64,
}

/// Copies the state into the file `destination`, which is whole or not there at any moment and readable for
/// its owner alone. A former file of this name is replaced.
pub async fn backup(store: &Store, destination: &Path) -> Result<Summary> {
    refuse_itself(store.location(), destination)?;
    let mut tx = store.read().await?;
    if tx.backend() == Backend::Postgres {
        // A large state takes longer than any question.
        sqlx::query("SET LOCAL statement_timeout = 0").execute(tx.on()).await?;
    }
    let header = header(&mut tx).await?;
    let partial = beside(destination, ".partial");
    let written = write(&mut tx, &header, &partial).await;
    let moved = written.and_then(|bytes| {
        std::fs::rename(&partial, destination)
            .and_then(|()| settle_folder(destination))
            .map_err(at(destination))?;
        Ok(bytes)
    });
    let bytes = moved.inspect_err(|_| {
        // What is not whole is of no use to anybody; that it cannot be removed says nothing new.
        let _ = std::fs::remove_file(&partial);
    })?;
    Ok(Summary { migration: header.migration, tables: header.tables.len(), rows: header.rows(), bytes })
}

async fn header(tx: &mut Tx) -> Result<Header> {
    let migration = migrations::latest(tx).await?;
    let mut tables = Vec::new();
    for name in migrations::tables(migration) {
        let columns = catalog::columns(tx, &name).await?;
        let rows = catalog::rows(tx, &name).await?;
        tables.push(Table { name, columns, rows });
    }
    Ok(Header {
        dragoman_state: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        migration,
        made_at: crate::now_us(),
        tables,
    })
}

async fn write(tx: &mut Tx, header: &Header, path: &Path) -> Result<u64> {
    let mut sink = Sink::create(path)?;
    sink.line(header)?;
    for table in &header.tables {
        let text = select(table);
        let mut rows = sqlx::query(AssertSqlSafe(text)).fetch(tx.on());
        let mut count = 0;
        while let Some(row) = rows.try_next().await? {
            sink.line(&format::values(&row, &table.columns)?)?;
            count += 1;
        }
        if count != table.rows {
            return Err(StoreError::Damaged(format!("`{}` has {count} rows and {}", table.name, table.rows)));
        }
    }
    sink.finish()
}

/// Rows that refer to others of their table come after them, as ids grow with time.
fn select(table: &Table) -> String {
    let has_id = table.columns.iter().any(|column| column.name == "id");
    let order = if has_id { " ORDER BY id" } else { "" };
    format!("SELECT {} FROM \"{}\"{order}", names(&table.columns), table.name)
}

/// Names of columns, quoted, since a name may be a word of SQL.
fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

/// A backup and the state are two files.
fn refuse_itself(location: &Location, backup: &Path) -> Result<()> {
    let Location::File(state) = location else { return Ok(()) };
    let (Ok(state), Ok(backup)) = (state.canonicalize(), backup.canonicalize()) else { return Ok(()) };
    if state == backup {
        return Err(StoreError::Unavailable(format!(
            "`{}` is the state itself; name another file for the backup",
            backup.display()
        )));
    }
    Ok(())
}

/// `state.db` and `.partial` make `state.db.partial`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// A name that was given survives a power failure only when its folder was written.
fn settle_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> StoreError {
    move |error| StoreError::Unavailable(format!("`{}`: {error}", path.display()))
}
