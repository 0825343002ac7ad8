//! What is in the databases of a MySQL or MariaDB server?
//!
//! A fixed number of statements over `information_schema`, which shows each account what it may see. A
//! schema is what MySQL calls a database.

mod draft;
mod grants;
mod keys;
mod measurements;
mod reader;
mod relations;
mod routines;

use super::model::{Catalog, Detail, Engine, Object, ObjectKind};
use super::{CatalogError, Options};
use draft::Draft;
use mysql_async::Conn;
use reader::Reader;

/// What every server has of its own.
const SYSTEM: [&str; 5] = ["information_schema", "mysql", "performance_schema", "sys", "ndbinfo"];

const SERVER: &str = "
SELECT VERSION() AS version, @@version_comment AS comment, DATABASE() AS name,
       CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED) AS moment";

/// Reads the catalog of the database `connection` is in, or of those `options` include; of all but the
/// server's own when it is in none and none is included.
///
/// The server keeps no snapshot of its `information_schema`: what changes meanwhile may show in one part
/// only, until the next reading. Nothing of the session is changed.
pub async fn catalog(connection: &mut Conn, options: &Options) -> Result<Catalog, CatalogError> {
    let mut reader = Reader::new(connection, options.statement_timeout);
    let server = reader.one("server's version", SERVER).await?;
    let version = server.text("version").unwrap_or_default();
    reader.is_mariadb = is_mariadb(&version, &server.text("comment").unwrap_or_default());
    let current = server.text("name");
    let mut draft = Draft::new(options.objects_max);
    schemas(&mut reader, &mut draft, options, current.as_deref()).await?;
    if !reader.schemas.is_empty() {
        relations::read(&mut reader, &mut draft).await?;
        keys::read(&mut reader, &mut draft).await?;
        routines::sequences(&mut reader, &mut draft).await?;
        if options.functions {
            routines::functions(&mut reader, &mut draft).await?;
        }
        grants::read(&mut reader, &mut draft).await?;
        measurements::read(&mut reader, &mut draft).await?;
    }
    let mut catalog = Catalog {
        engine: if reader.is_mariadb { Engine::Mariadb } else { Engine::Mysql },
        version,
        database: current.unwrap_or_default(),
        objects: draft.into_objects(),
        taken_at_us: server.number("moment").unwrap_or_default(),
        warnings: reader.warnings,
    };
    catalog.sort();
    Ok(catalog)
}

fn is_mariadb(version: &str, comment: &str) -> bool {
    [version, comment].iter().any(|text| text.to_ascii_lowercase().contains("mariadb"))
}

const SCHEMAS: &str = "
SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA";

async fn schemas(
    reader: &mut Reader<'_>,
    draft: &mut Draft,
    options: &Options,
    current: Option<&str>,
) -> Result<(), CatalogError> {
    for row in reader.everywhere("databases", SCHEMAS).await? {
        let name = row.text("SCHEMA_NAME").unwrap_or_default();
        let meant = match current {
            Some(current) if options.include.is_empty() => name == current,
            _ => !SYSTEM.contains(&name.to_ascii_lowercase().as_str()),
        };
        if meant && options.admits(&name) {
            draft.add(Object::new(ObjectKind::Schema, "", &name, Detail::Schema))?;
            if let Some(collation) = row.text("DEFAULT_COLLATION_NAME") {
                draft.collations.insert(name.clone(), collation);
            }
            reader.schemas.push(name);
        }
    }
    Ok(())
}
