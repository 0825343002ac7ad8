//! Which tables and views are there, with which columns?

use super::super::CatalogError;
use super::super::model::{
    Column, Detail, Generated, GeneratedKind, Identity, Object, ObjectKind, Partition, Relation, RelationName,
};
use super::draft::{Class, Draft};
use super::reader::{Reader, get};
use tokio_postgres::Row;

const RELATIONS: &str = "
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, pg_get_userbyid(c.relowner)::text,
       d.description, c.relrowsecurity, c.relforcerowsecurity,
       pg_get_partkeydef(CASE WHEN c.relkind = 'p' THEN c.oid END),
       pg_get_viewdef(CASE WHEN c.relkind IN ('v', 'm') THEN c.oid END, true),
       c.relpersistence::text, c.reloptions::text[], t.spcname::text, a.amname::text, s.srvname::text,
       f.ftoptions::text[], e.extname::text,
       CASE WHEN c.relkind IN ('r', 'p') THEN c.relreplident::text ELSE 'd' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
LEFT JOIN pg_am a ON a.oid = c.relam AND a.amname <> 'heap'
LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
LEFT JOIN pg_depend x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
                     AND x.deptype = 'e' AND x.refclassid = 'pg_extension'::regclass
LEFT JOIN pg_extension e ON e.oid = x.refobjid
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relnamespace = ANY ($1)";

/// Of composite types too: they are in the catalog as relations.
const COLUMNS: &str = "
SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(v.adbin, v.adrelid), a.attgenerated::text, a.attidentity::text, d.description,
       CASE WHEN a.attcollation <> y.typcollation THEN l.collname::text END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass
                          AND d.objsubid = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relnamespace = ANY ($1)
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum";

const PARENTS: &str = "
SELECT i.inhrelid, n.nspname::text, p.relname::text, c.relispartition, pg_get_expr(c.relpartbound, c.oid)
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_class p ON p.oid = i.inhparent
JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND c.relnamespace = ANY ($1)
ORDER BY i.inhrelid, i.inhseqno";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.needed("tables and views", RELATIONS).await? {
        draft.add(Class::Relation, get(&row, 0)?, relation(&row)?)?;
    }
    for row in reader.needed("columns", COLUMNS).await? {
        if let Some(relation) = draft.relation(get(&row, 0)?) {
            add_column(&mut relation.columns, &row)?;
        }
    }
    for row in reader.optional("partitions and inheritance", PARENTS).await? {
        let Some(relation) = draft.relation(get(&row, 0)?) else { continue };
        let parent = RelationName { schema: get(&row, 1)?, name: get(&row, 2)? };
        if get(&row, 3)? {
            relation.partition_of = Some(Partition { parent, bound: get(&row, 4)? });
        } else {
            relation.inherits.push(parent);
        }
    }
    Ok(())
}

fn relation(row: &Row) -> Result<Object, CatalogError> {
    let kind = match get::<&str>(row, 3)? {
        "p" => ObjectKind::PartitionedTable,
        "f" => ObjectKind::ForeignTable,
        "v" => ObjectKind::View,
        "m" => ObjectKind::MaterializedView,
        _ => ObjectKind::Table,
    };
    let mut relation = Relation {
        row_security: get(row, 6)?,
        row_security_forced: get(row, 7)?,
        partition_key: get(row, 8)?,
        query: get(row, 9)?,
        ..Relation::default()
    };
    options(&mut relation, row)?;
    let detail = Detail::Relation(Box::new(relation));
    let mut object = Object::new(kind, get(row, 1)?, get(row, 2)?, detail);
    object.definition.owner = get(row, 4)?;
    object.definition.comment = get(row, 5)?;
    Ok(object)
}

fn options(relation: &mut Relation, row: &Row) -> Result<(), CatalogError> {
    let mut set = |name: &str, value: &str| relation.options.insert(name.to_owned(), value.to_owned());
    match get::<&str>(row, 10)? {
        "u" => set("persistence", "unlogged"),
        "t" => set("persistence", "temporary"),
        _ => None,
    };
    match get::<&str>(row, 17)? {
        "n" => set("replica_identity", "nothing"),
        "f" => set("replica_identity", "full"),
        "i" => set("replica_identity", "index"),
        _ => None,
    };
    for (name, column) in [("tablespace", 12), ("access_method", 13), ("server", 14), ("extension", 16)] {
        if let Some(value) = get::<Option<&str>>(row, column)? {
            set(name, value);
        }
    }
    for column in [11, 15] {
        for option in get::<Option<Vec<&str>>>(row, column)?.unwrap_or_default() {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            set(name, value);
        }
    }
    Ok(())
}

/// The server's own numbers have holes where columns were dropped; two tables that look the same are to be
/// the same, so places are counted.
fn add_column(columns: &mut Vec<Column>, row: &Row) -> Result<(), CatalogError> {
    let expression: Option<String> = get(row, 4)?;
    let kind = match get::<&str>(row, 5)? {
        "s" => Some(GeneratedKind::Stored),
        "v" => Some(GeneratedKind::Virtual),
        _ => None,
    };
    let (default, generated) = match (kind, expression) {
        (Some(kind), Some(expression)) => (None, Some(Generated { kind, expression })),
        (_, default) => (default, None),
    };
    columns.push(Column {
        ordinal: u32::try_from(columns.len() + 1).unwrap_or(u32::MAX),
        name: get(row, 1)?,
        data_type: get(row, 2)?,
        nullable: !get::<bool>(row, 3)?,
        default,
        generated,
        identity: match get::<&str>(row, 6)? {
            "a" => Some(Identity::Always),
            "d" => Some(Identity::ByDefault),
            _ => None,
        },
        comment: get(row, 7)?,
        collation: get(row, 8)?,
    });
    Ok(())
}
