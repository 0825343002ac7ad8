//! What is in a database of a SQL Server?
//!
//! A fixed number of questions over the views in `sys`, which show each login what it may see. Everything is
//! found by its number (`object_id`), which is not part of a snapshot: it is another one in a copy.

mod keys;
mod reader;
mod relations;
mod routines;

use super::model::{Catalog, Detail, Engine, Object, ObjectKind, Relation};
use super::{CatalogError, Options};
use crate::sqlserver::Driver;
use reader::Reader;
use std::collections::{HashMap, HashSet};

const SERVER: &str = "
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version, DB_NAME() AS name,
 CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)) AS collation,
 DATEDIFF_BIG(microsecond, '1970-01-01', SYSUTCDATETIME()) AS moment";

/// Those from 16384 on are the fixed roles'.
const SCHEMAS: &str = "
SELECT s.schema_id, s.name, p.name AS owner
FROM sys.schemas s LEFT JOIN sys.database_principals p ON p.principal_id = s.principal_id
WHERE s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest')";

const GRANTS: &str = "
SELECT d.class, d.major_id, pr.name AS grantee, d.permission_name AS privilege, RTRIM(d.state) AS state,
 c.name AS column_name
FROM sys.database_permissions d
JOIN sys.database_principals pr ON pr.principal_id = d.grantee_principal_id
LEFT JOIN sys.columns c ON d.class = 1 AND d.minor_id > 0 AND c.object_id = d.major_id
 AND c.column_id = d.minor_id
WHERE d.class IN (1, 3) AND d.state IN ('G', 'W')";

/// Reads the catalog of the database `client` is in. Nothing of the session is changed but how long it waits
/// for locks.
pub(crate) async fn catalog(client: &mut Driver, options: &Options) -> Result<Catalog, CatalogError> {
    let mut reader = Reader::new(client, options.statement_timeout).await?;
    let server = reader.needed("server's version", SERVER).await?;
    let server = server.first();
    let text = |name: &str| server.and_then(|row| row.text(name)).unwrap_or_default();
    let mut draft = Draft::new(options.objects_max, text("collation"));
    schemas(&mut reader, &mut draft, options).await?;
    relations::read(&mut reader, &mut draft).await?;
    keys::read(&mut reader, &mut draft).await?;
    routines::others(&mut reader, &mut draft).await?;
    if options.functions {
        routines::functions(&mut reader, &mut draft).await?;
    }
    grants(&mut reader, &mut draft).await?;
    relations::measure(&mut reader, &mut draft).await?;
    let mut catalog = Catalog {
        engine: Engine::SqlServer,
        version: text("version"),
        database: text("name"),
        objects: draft.objects,
        taken_at_us: server.and_then(|row| row.number("moment")).unwrap_or_default(),
        warnings: reader.warnings,
    };
    catalog.sort();
    Ok(catalog)
}

async fn schemas(reader: &mut Reader<'_>, draft: &mut Draft, options: &Options) -> Result<(), CatalogError> {
    for row in reader.needed("schemas", SCHEMAS).await? {
        let name = row.text("name").unwrap_or_default();
        if options.admits(&name) {
            let mut object = Object::new(ObjectKind::Schema, "", &name, Detail::Schema);
            object.definition.owner = row.text("owner");
            draft.schemas.insert(name);
            let number = row.number("schema_id").unwrap_or_default();
            draft.add(Number::Schema(number), object)?;
        }
    }
    Ok(())
}

async fn grants(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("grants", GRANTS).await? {
        let number = row.number("major_id").unwrap_or_default();
        let is_schema = row.number("class") == Some(3);
        let number = if is_schema { Number::Schema(number) } else { Number::Object(number) };
        let Some(object) = draft.object(number) else { continue };
        let grantee = row.text("grantee").unwrap_or_default();
        object.definition.grants.push(super::model::Grant {
            grantee: if grantee == "public" { "PUBLIC".to_owned() } else { grantee },
            column: row.text("column_name"),
            privilege: row.text("privilege").unwrap_or_default(),
            grantable: row.text("state").as_deref() == Some("W"),
        });
    }
    Ok(())
}

/// What a part is found by while the catalog is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Number {
    Schema(i64),
    Object(i64),
    Type(i64),
}

/// Objects in the making. What hangs on an object that is not there is let go.
struct Draft {
    objects: Vec<Object>,
    places: HashMap<Number, usize>,
    /// The schemas that are read.
    schemas: HashSet<String>,
    /// How texts are compared where a column does not say otherwise.
    collation: String,
    objects_max: usize,
}

impl Draft {
    fn new(objects_max: usize, collation: String) -> Draft {
        let (objects, places, schemas) = (Vec::new(), HashMap::new(), HashSet::new());
        Draft { objects, places, schemas, collation, objects_max }
    }

    fn add(&mut self, number: Number, object: Object) -> Result<(), CatalogError> {
        if self.objects.len() >= self.objects_max {
            return Err(CatalogError::TooMany { objects_max: self.objects_max });
        }
        self.places.insert(number, self.objects.len());
        self.objects.push(object);
        Ok(())
    }

    fn object(&mut self, number: Number) -> Option<&mut Object> {
        self.objects.get_mut(*self.places.get(&number)?)
    }

    /// The table or view the row is about.
    fn relation(&mut self, row: &reader::Fields) -> Option<&mut Relation> {
        match &mut self.object(Number::Object(row.number("object_id")?))?.definition.detail {
            Detail::Relation(relation) => Some(relation),
            _ => None,
        }
    }
}
