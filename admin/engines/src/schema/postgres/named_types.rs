//! Which enums, domains, composite, range and base types are there?

use super::super::CatalogError;
use super::super::model::{Check, Column, Detail, Domain, Object, ObjectKind, Range};
use super::draft::{Class, Draft};
use super::reader::{Reader, get};
use std::collections::HashMap;
use tokio_postgres::Row;

/// Neither the types of tables and arrays, which come with others, nor those of extensions.
const TYPES: &str = "
SELECT t.oid, n.nspname::text, t.typname::text, t.typtype::text, pg_get_userbyid(t.typowner)::text,
       d.description,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       t.typnotnull, t.typdefault,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN l.collname::text END,
       format_type(r.rngsubtype, NULL), t.typrelid
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation l ON l.oid = t.typcollation
LEFT JOIN pg_range r ON r.rngtypid = t.oid
LEFT JOIN pg_description d ON d.objoid = t.oid AND d.classoid = 'pg_type'::regclass AND d.objsubid = 0
WHERE t.typnamespace = ANY ($1) AND t.typtype IN ('e', 'd', 'c', 'r', 'b') AND t.typisdefined
  AND (t.typtype <> 'c' OR c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
  AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid
                                            AND x.deptype = 'e')";

const CHECKS: &str = "
SELECT k.contypid, k.conname::text, pg_get_expr(k.conbin, 0), k.convalidated
FROM pg_constraint k
JOIN pg_type t ON t.oid = k.contypid
WHERE t.typnamespace = ANY ($1) AND k.contype = 'c'";

const ATTRIBUTES: &str = "
SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod), d.description
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass
                          AND d.objsubid = a.attnum
WHERE c.relkind = 'c' AND c.relnamespace = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    let mut attributes = attributes(reader).await?;
    for row in reader.optional("types", TYPES).await? {
        let (kind, detail) = detail(&row, &mut attributes)?;
        let mut object = Object::new(kind, get(&row, 1)?, get(&row, 2)?, detail);
        object.definition.owner = get(&row, 4)?;
        object.definition.comment = get(&row, 5)?;
        draft.add(Class::Type, get(&row, 0)?, object)?;
    }
    for row in reader.optional("checks of domains", CHECKS).await? {
        let Some(object) = draft.object(Class::Type, get(&row, 0)?) else { continue };
        if let Detail::Domain(domain) = &mut object.definition.detail {
            let not_validated = !get::<bool>(&row, 3)?;
            let (name, expression) = (get(&row, 1)?, get(&row, 2)?);
            domain.checks.push(Check { name, expression, not_validated, not_enforced: false });
        }
    }
    Ok(())
}

async fn attributes(reader: &mut Reader<'_>) -> Result<HashMap<u32, Vec<Column>>, CatalogError> {
    let mut attributes: HashMap<u32, Vec<Column>> = HashMap::new();
    for row in reader.optional("columns of composite types", ATTRIBUTES).await? {
        let columns = attributes.entry(get(&row, 0)?).or_default();
        columns.push(Column {
            ordinal: u32::try_from(columns.len() + 1).unwrap_or(u32::MAX),
            name: get(&row, 1)?,
            data_type: get(&row, 2)?,
            nullable: true,
            comment: get(&row, 3)?,
            ..Column::default()
        });
    }
    Ok(attributes)
}

fn detail(
    row: &Row,
    attributes: &mut HashMap<u32, Vec<Column>>,
) -> Result<(ObjectKind, Detail), CatalogError> {
    Ok(match get::<&str>(row, 3)? {
        "e" => (ObjectKind::Enum, Detail::Enum(get(row, 6)?)),
        "d" => {
            let domain = Domain {
                data_type: get(row, 7)?,
                nullable: !get::<bool>(row, 8)?,
                default: get(row, 9)?,
                collation: get(row, 10)?,
                checks: Vec::new(),
            };
            (ObjectKind::Domain, Detail::Domain(domain))
        }
        "c" => {
            let columns = attributes.remove(&get(row, 12)?).unwrap_or_default();
            (ObjectKind::Type, Detail::Composite(columns))
        }
        "r" => (ObjectKind::Type, Detail::Range(Range { subtype: get(row, 11)? })),
        _ => (ObjectKind::Type, Detail::Base),
    })
}
