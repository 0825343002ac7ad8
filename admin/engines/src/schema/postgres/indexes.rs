//! Which indexes do tables have, and over what?

use super::super::CatalogError;
use super::super::model::Index;
use super::draft::Draft;
use super::reader::{Reader, get};

/// `indkey` counts from 0; a 0 in it is an expression. Names of columns come without quotes.
const INDEXES: &str = "
SELECT i.indrelid, x.relname::text, m.amname::text, i.indisunique, i.indisvalid,
       ARRAY(SELECT CASE WHEN i.indkey[p - 1] = 0 THEN pg_get_indexdef(i.indexrelid, p, true)
                         ELSE (SELECT a.attname::text FROM pg_attribute a
                               WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[p - 1]) END
             FROM generate_series(1, i.indnatts::int4) p ORDER BY p),
       i.indnkeyatts::int4, pg_get_expr(i.indpred, i.indrelid, true), pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
WHERE c.relkind IN ('r', 'p', 'm') AND c.relnamespace = ANY ($1)";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("indexes", INDEXES).await? {
        let Some(relation) = draft.relation(get(&row, 0)?) else { continue };
        let mut columns: Vec<String> = get(&row, 5)?;
        let keys = usize::try_from(get::<i32>(&row, 6)?).unwrap_or(0);
        let include = columns.split_off(keys.min(columns.len()));
        relation.indexes.push(Index {
            name: get(&row, 1)?,
            method: get(&row, 2)?,
            columns,
            include,
            unique: get(&row, 3)?,
            unusable: !get::<bool>(&row, 4)?,
            predicate: get(&row, 7)?,
            definition: get(&row, 8)?,
        });
    }
    Ok(())
}
