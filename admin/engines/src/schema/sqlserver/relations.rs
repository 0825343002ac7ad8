//! Which tables and views are there, with which columns?

use super::super::CatalogError;
use super::super::model::{Column, Detail, Generated, GeneratedKind, Identity, Object, ObjectKind, Relation};
use super::reader::{Fields, Reader, type_text};
use super::{Draft, Number};

const TABLES: &str = "
SELECT o.object_id, s.name AS schema_name, o.name, RTRIM(o.type) AS type, t.is_external, t.is_memory_optimized,
 t.temporal_type_desc AS temporal, m.definition, m.is_schema_bound, p.name AS owner,
 CAST(e.value AS nvarchar(4000)) AS comment
FROM sys.objects o
JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.tables t ON t.object_id = o.object_id
LEFT JOIN sys.sql_modules m ON m.object_id = o.object_id
LEFT JOIN sys.database_principals p ON p.principal_id = o.principal_id
LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0
 AND e.name = N'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0";

const COLUMNS: &str = "
SELECT c.object_id, c.name, c.is_nullable, c.is_identity, c.collation_name, y.name AS type_name,
 y.is_user_defined AS type_is_own, z.name AS type_schema, c.max_length, c.precision, c.scale,
 d.definition AS default_text, k.definition AS computed, k.is_persisted,
 CAST(e.value AS nvarchar(4000)) AS comment
FROM sys.columns c
JOIN sys.objects o ON o.object_id = c.object_id AND o.type IN ('U', 'V') AND o.is_ms_shipped = 0
JOIN sys.types y ON y.user_type_id = c.user_type_id
JOIN sys.schemas z ON z.schema_id = y.schema_id
LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id
LEFT JOIN sys.computed_columns k ON k.object_id = c.object_id AND k.column_id = c.column_id
LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = c.object_id AND e.minor_id = c.column_id
 AND e.name = N'MS_Description'
ORDER BY c.object_id, c.column_id";

const SIZES: &str = "
SELECT p.object_id, SUM(CASE WHEN p.index_id IN (0, 1) AND a.type = 1 THEN p.rows ELSE 0 END) AS row_count,
 SUM(a.total_pages) * 8192 AS size_bytes
FROM sys.partitions p
JOIN sys.objects o ON o.object_id = p.object_id AND o.type IN ('U', 'V') AND o.is_ms_shipped = 0
JOIN sys.allocation_units a ON a.container_id = CASE WHEN a.type = 2 THEN p.partition_id ELSE p.hobt_id END
GROUP BY p.object_id";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.needed("tables and views", TABLES).await? {
        if row.text("schema_name").is_some_and(|schema| draft.schemas.contains(&schema)) {
            draft.add(Number::Object(row.number("object_id").unwrap_or_default()), object(&row))?;
        }
    }
    for row in reader.needed("columns", COLUMNS).await? {
        let usual = draft.collation.clone();
        if let Some(relation) = draft.relation(&row) {
            let ordinal = u32::try_from(relation.columns.len()).unwrap_or(u32::MAX).saturating_add(1);
            relation.columns.push(column(&row, ordinal, &usual));
        }
    }
    Ok(())
}

fn object(row: &Fields) -> Object {
    let is_view = row.text("type").as_deref() == Some("V");
    let kind = match (is_view, row.is_yes("is_external")) {
        (true, _) => ObjectKind::View,
        (false, true) => ObjectKind::ForeignTable,
        (false, false) => ObjectKind::Table,
    };
    let mut relation = Relation { query: row.text("definition"), ..Relation::default() };
    if row.is_yes("is_memory_optimized") {
        relation.options.insert("memory_optimized".to_owned(), "yes".to_owned());
    }
    if row.is_yes("is_schema_bound") {
        relation.options.insert("schema_bound".to_owned(), "yes".to_owned());
    }
    if let Some(temporal) = row.text("temporal").filter(|word| word != "NON_TEMPORAL_TABLE") {
        relation.options.insert("temporal".to_owned(), temporal.to_ascii_lowercase());
    }
    let (schema, name) = (row.text("schema_name").unwrap_or_default(), row.text("name").unwrap_or_default());
    let mut object = Object::new(kind, &schema, &name, Detail::Relation(Box::new(relation)));
    object.definition.owner = row.text("owner");
    object.definition.comment = row.text("comment");
    object
}

fn column(row: &Fields, ordinal: u32, usual: &str) -> Column {
    let stored = row.is_yes("is_persisted");
    let kind = if stored { GeneratedKind::Stored } else { GeneratedKind::Virtual };
    Column {
        ordinal,
        name: row.text("name").unwrap_or_default(),
        data_type: type_text(row),
        nullable: row.is_yes("is_nullable"),
        default: row.text("default_text"),
        generated: row.text("computed").map(|expression| Generated { kind, expression }),
        identity: row.is_yes("is_identity").then_some(Identity::Always),
        comment: row.text("comment"),
        collation: row.text("collation_name").filter(|collation| collation != usual),
    }
}

/// How many rows there are and what they take, as the server has it without counting.
pub(super) async fn measure(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("sizes of tables", SIZES).await? {
        let number = Number::Object(row.number("object_id").unwrap_or_default());
        if let Some(object) = draft.object(number) {
            object.measurements.row_estimate = row.count("row_count");
            object.measurements.size_bytes = row.count("size_bytes");
        }
    }
    Ok(())
}
