//! How is a backup brought back? It is read through before anything is changed; then everything is put in
//! at once, or nothing.

use super::format::{Cell, Column, Header, Source, Table, cells};
use super::{Summary, at, beside, catalog, names, refuse_itself, settle_folder};
use crate::error::is_busy;
use crate::insert::{PARAMETERS_MAX, placeholders};
use crate::{Location, Result, Store, StoreError, Tx, migrations};
use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments, AssertSqlSafe, Connection, Row};
use std::path::Path;

/// Bytes of lines that go into one statement.
const STATEMENT_BYTES: usize = 4 * 1024 * 1024;

/// Brings the state of the file `source` to `location`, and to this program's version. Where a state is that
/// holds anything, `force` replaces it; without, it is [`StoreError::NotEmpty`]. Of PostgreSQL all is replaced
/// in one transaction; a SQLite file is made beside the old one and takes its place, for which no program may
/// have the old one open ([`StoreError::Busy`]).
pub async fn restore(location: Location, source: &Path, force: bool) -> Result<Summary> {
    refuse_itself(&location, source)?;
    let mut backup = Source::open(source)?;
    let header = read_through(&mut backup)?;
    let known = migrations::known();
    if header.migration > known {
        return Err(StoreError::TooNew { found: header.migration, known });
    }
    backup.rewind()?;
    backup.header()?;
    match &location {
        Location::File(path) => into_file(path, &mut backup, &header, force).await?,
        Location::Server(_) => into_server(&location, &mut backup, &header, force).await?,
    }
    let bytes = std::fs::metadata(source).map_err(at(source))?.len();
    Ok(Summary { migration: header.migration, tables: header.tables.len(), rows: header.rows(), bytes })
}

/// Whether the file is whole and as it was written.
fn read_through(backup: &mut Source) -> Result<Header> {
    let header = backup.header()?;
    for _ in 0..header.rows() {
        backup.line()?;
    }
    backup.finish()?;
    Ok(header)
}

async fn into_server(location: &Location, backup: &mut Source, header: &Header, force: bool) -> Result<()> {
    let store = Store::connect(location.clone()).await?;
    store.check().await?;
    let mut tx = store.write().await?;
    sqlx::query("SET LOCAL idle_in_transaction_session_timeout = 0").execute(tx.on()).await?;
    migrations::lock(&mut tx).await?;
    let (found, known) = (migrations::latest(&mut tx).await?, migrations::known());
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if !force && holds_anything(&mut tx).await? {
        return Err(StoreError::NotEmpty);
    }
    let mut tables = migrations::tables(known);
    tables.push("migrations".to_owned());
    for table in tables.iter().rev() {
        let text = format!("DROP TABLE IF EXISTS {table} CASCADE");
        sqlx::query(AssertSqlSafe(text)).execute(tx.on()).await?;
    }
    migrations::lock(&mut tx).await?;
    fill(&mut tx, backup, header).await?;
    tx.commit().await?;
    store.close().await;
    Ok(())
}

async fn into_file(path: &Path, backup: &mut Source, header: &Header, force: bool) -> Result<()> {
    let is_there = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    if is_there && !force && is_in_use(path).await? {
        return Err(StoreError::NotEmpty);
    }
    let fresh = beside(path, ".restoring");
    remove_with_journal(&fresh)?;
    let made = make_file(&fresh, backup, header).await;
    let moved = match made {
        Ok(()) => take_place(&fresh, path, is_there).await,
        Err(error) => Err(error),
    };
    moved.inspect_err(|_| {
        // What is not whole is of no use to anybody; that it cannot be removed says nothing new.
        let _ = remove_with_journal(&fresh);
    })
}

/// Whether a file holds a state that is not empty; one that cannot be read may hold anything.
async fn is_in_use(path: &Path) -> Result<bool> {
    match Store::connect(Location::File(path.to_owned())).await {
        Ok(store) => {
            let mut tx = store.read().await?;
            let holds = holds_anything(&mut tx).await;
            drop(tx);
            store.close().await;
            match holds {
                Err(StoreError::Damaged(_)) => Ok(true),
                other => other,
            }
        }
        Err(StoreError::Damaged(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

async fn make_file(fresh: &Path, backup: &mut Source, header: &Header) -> Result<()> {
    let store = Store::connect(Location::File(fresh.to_owned())).await?;
    let mut tx = store.write().await?;
    // Rows may come before those they refer to; the commit looks whether all are there.
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(tx.on()).await?;
    migrations::lock(&mut tx).await?;
    fill(&mut tx, backup, header).await?;
    tx.commit().await?;
    store.check().await?;
    // Who leaves last moves everything from the journal into the file.
    store.close().await;
    if beside(fresh, "-wal").exists() {
        return Err(StoreError::Busy);
    }
    std::fs::File::open(fresh).and_then(|file| file.sync_all()).map_err(at(fresh))
}

async fn take_place(fresh: &Path, path: &Path, is_there: bool) -> Result<()> {
    if is_there {
        release(path).await?;
    }
    for suffix in ["-wal", "-shm"] {
        remove(&beside(path, suffix))?;
    }
    std::fs::rename(fresh, path).and_then(|()| settle_folder(path)).map_err(at(path))
}

/// Makes sure that nobody has the old file open: its journal can be put away only then. A file too damaged to
/// be opened is nobody's.
async fn release(path: &Path) -> Result<()> {
    let leave = async {
        let mut connection = AnyConnection::connect(&crate::store::file_url(path)).await?;
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await?;
        let row = sqlx::query("PRAGMA journal_mode = DELETE").fetch_one(&mut connection).await?;
        let mode: String = row.try_get(0)?;
        connection.close().await?;
        Ok::<bool, sqlx::Error>(mode == "delete")
    };
    match leave.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(StoreError::Busy),
        Err(error) if is_busy(&error) => Err(StoreError::Busy),
        Err(error) => match StoreError::from(error) {
            StoreError::Damaged(_) => Ok(()),
            other => Err(other),
        },
    }
}

/// Makes the tables as they were, puts the rows in, and brings all to this program's version.
async fn fill(tx: &mut Tx, backup: &mut Source, header: &Header) -> Result<()> {
    migrations::apply_in(tx, 0, header.migration).await?;
    let tables = migrations::tables(header.migration);
    if !header.tables.iter().map(|table| &table.name).eq(&tables) {
        return Err(StoreError::Backup(format!("it has not the tables of migration {}", header.migration)));
    }
    for table in tables.iter().rev() {
        // What a migration put in is in the backup, too.
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(tx.on()).await?;
    }
    for table in &header.tables {
        // INVARIANT: names of tables and columns are those this program made, not those the file says.
        if catalog::columns(tx, &table.name).await? != table.columns {
            return Err(StoreError::Backup(format!("its table `{}` has other columns", table.name)));
        }
        fill_table(tx, backup, table).await?;
    }
    backup.finish()?;
    migrations::apply_in(tx, header.migration, migrations::known()).await
}

async fn fill_table(tx: &mut Tx, backup: &mut Source, table: &Table) -> Result<()> {
    let rows_max = (PARAMETERS_MAX / table.columns.len().max(1)).max(1);
    let mut left = table.rows;
    while left > 0 {
        let (mut rows, mut bytes, mut arguments) = (0, 0, AnyArguments::default());
        while left > 0 && rows < rows_max && bytes < STATEMENT_BYTES {
            let line = backup.line()?;
            bind(&mut arguments, &line, &table.columns)
                .ok_or_else(|| StoreError::Backup(format!("a row of `{}` is none", table.name)))?;
            (rows, bytes, left) = (rows + 1, bytes + line.len(), left - 1);
        }
        let places = placeholders(1, rows, table.columns.len());
        let text = format!("INSERT INTO \"{}\" ({}) VALUES {places}", table.name, names(&table.columns));
        sqlx::query_with(AssertSqlSafe(text), arguments).persistent(false).execute(tx.on()).await?;
    }
    Ok(())
}

fn bind(arguments: &mut AnyArguments, line: &[u8], columns: &[Column]) -> Option<()> {
    for cell in cells(line, columns)? {
        match cell {
            Cell::Int(value) => arguments.add(value),
            Cell::Real(value) => arguments.add(value),
            Cell::Text(value) => arguments.add(value),
            Cell::Bytes(value) => arguments.add(value),
        }
        .ok()?;
    }
    Some(())
}

/// Whether any table of the state has a row that it has not from the beginning.
async fn holds_anything(tx: &mut Tx) -> Result<bool> {
    for table in migrations::tables(migrations::known()) {
        if !migrations::is_seeded(&table)
            && catalog::exists(tx, &table).await?
            && catalog::rows(tx, &table).await? > 0
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn remove_with_journal(path: &Path) -> Result<()> {
    remove(path)?;
    remove(&beside(path, "-wal"))?;
    remove(&beside(path, "-shm"))
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}
