//! What is in a PostgreSQL database, from 14 on?
//!
//! A fixed number of statements over whole catalogs, however many tables there are, in one read-only
//! transaction with one snapshot. The session's own settings do not show in what is read: they are set for
//! the transaction.

mod constraints;
mod draft;
mod grants;
mod indexes;
mod measurements;
mod named_types;
mod reader;
mod relations;
mod routines;

use super::model::{Catalog, Detail, Engine, Object, ObjectKind};
use super::{CatalogError, Options};
use draft::{Class, Draft};
use reader::{Reader, get};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// How often a catalog is begun again because something was dropped while it was read: the functions that
/// write definitions look at what is there now, not at the transaction's snapshot.
const ATTEMPTS: u32 = 3;

/// The oldest server whose catalog is read, as `server_version_num`.
const OLDEST: i32 = 140_000;

/// Reads the catalog of the database `client` is connected to.
///
/// What the role may not read is a warning in the catalog, unless it is the tables themselves. Not cancel
/// safe: when it is dropped before its end, the session stays in a transaction; close it then.
pub async fn catalog(client: &Client, options: &Options) -> Result<Catalog, CatalogError> {
    let mut attempt = 1;
    loop {
        match attempt_catalog(client, options).await {
            Err(CatalogError::Postgres { source, .. }) if attempt < ATTEMPTS && has_vanished(&source) => {
                attempt += 1;
            }
            other => return other,
        }
    }
}

/// Whether something the catalog names was gone when it was looked at.
fn has_vanished(error: &tokio_postgres::Error) -> bool {
    let vanished = [SqlState::INTERNAL_ERROR, SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_OBJECT];
    error.code().is_some_and(|code| vanished.contains(code))
}

async fn attempt_catalog(client: &Client, options: &Options) -> Result<Catalog, CatalogError> {
    let begin = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}; \
         SET LOCAL lock_timeout = 5000; SET LOCAL search_path = ''; SET LOCAL quote_all_identifiers = off; \
         SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'; \
         SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'",
        options.statement_timeout.as_millis().clamp(1, i32::MAX as u128)
    );
    let told = |source| CatalogError::Postgres { what: "catalog", source };
    client.batch_execute(&begin).await.map_err(told)?;
    let read = read(client, options).await;
    let end = client.batch_execute("ROLLBACK").await;
    let catalog = read?;
    end.map_err(told)?;
    Ok(catalog)
}

const SERVER: &str = "
SELECT current_setting('server_version_num')::int4, current_setting('server_version'),
       current_database()::text, (extract(epoch FROM clock_timestamp()) * 1000000)::int8";

const SCHEMAS: &str = "
SELECT n.oid, n.nspname::text, pg_get_userbyid(n.nspowner)::text, d.description
FROM pg_namespace n
LEFT JOIN pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_namespace'::regclass AND d.objsubid = 0
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

const EXTENSIONS: &str = "
SELECT e.extname::text, e.extversion, n.nspname::text, pg_get_userbyid(e.extowner)::text, d.description
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_description d ON d.objoid = e.oid AND d.classoid = 'pg_extension'::regclass AND d.objsubid = 0";

async fn read(client: &Client, options: &Options) -> Result<Catalog, CatalogError> {
    let mut reader = Reader::new(client);
    let server = reader.one("server's version", SERVER).await?;
    reader.version = get(&server, 0)?;
    let version: String = get(&server, 1)?;
    if reader.version < OLDEST {
        return Err(CatalogError::TooOld { version });
    }
    let mut draft = Draft::new(options.objects_max);
    schemas(&mut reader, &mut draft, options).await?;
    relations::read(&mut reader, &mut draft).await?;
    constraints::read(&mut reader, &mut draft).await?;
    indexes::read(&mut reader, &mut draft).await?;
    named_types::read(&mut reader, &mut draft).await?;
    routines::sequences(&mut reader, &mut draft).await?;
    if options.functions {
        routines::functions(&mut reader, &mut draft).await?;
    }
    extensions(&mut reader, &mut draft).await?;
    grants::read(&mut reader, &mut draft).await?;
    measurements::read(&mut reader, &mut draft).await?;
    let mut catalog = Catalog {
        engine: Engine::Postgres,
        version,
        database: get(&server, 2)?,
        objects: draft.into_objects(),
        taken_at_us: get(&server, 3)?,
        warnings: reader.warnings,
    };
    catalog.sort();
    Ok(catalog)
}

async fn schemas(reader: &mut Reader<'_>, draft: &mut Draft, options: &Options) -> Result<(), CatalogError> {
    for row in reader.needed("schemas", SCHEMAS).await? {
        let name: String = get(&row, 1)?;
        if options.admits(&name) {
            let oid = get(&row, 0)?;
            let mut object = Object::new(ObjectKind::Schema, "", &name, Detail::Schema);
            object.definition.owner = get(&row, 2)?;
            object.definition.comment = get(&row, 3)?;
            reader.schemas.push(oid);
            draft.add(Class::Schema, oid, object)?;
        }
    }
    Ok(())
}

async fn extensions(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("extensions", EXTENSIONS).await? {
        let detail = Detail::Extension { version: get(&row, 1)?, schema: get(&row, 2)? };
        let mut object = Object::new(ObjectKind::Extension, "", get(&row, 0)?, detail);
        object.definition.owner = get(&row, 3)?;
        object.definition.comment = get(&row, 4)?;
        draft.add_unnumbered(object)?;
    }
    Ok(())
}
