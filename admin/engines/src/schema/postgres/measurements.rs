//! How large are tables and indexes, and how much are they used, as far as the server counts?

use super::super::CatalogError;
use super::super::model::IndexMeasurements;
use super::draft::{Class, Draft};
use super::reader::{Reader, counted, get};

/// The planner's own numbers; before the first ANALYZE there is none. Without a lock, unlike the sizes.
const ESTIMATES: &str = "
SELECT c.oid, CASE WHEN c.reltuples >= 0 THEN c.reltuples::int8 END, s.seq_scan
FROM pg_class c
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.relnamespace = ANY ($1)";

const SIZES: &str = "
SELECT c.oid, pg_total_relation_size(c.oid)
FROM pg_class c
WHERE c.relkind IN ('r', 'm') AND c.relnamespace = ANY ($1)";

const INDEXES: &str = "
SELECT i.indrelid, x.relname::text, s.idx_scan, {last}
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE c.relkind IN ('r', 'm') AND c.relnamespace = ANY ($1)";

const INDEX_SIZES: &str = "
SELECT i.indrelid, x.relname::text, pg_relation_size(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
WHERE x.relkind = 'i' AND c.relnamespace = ANY ($1)";

/// Without the privilege the function is an error, which would take all others away too.
const SEQUENCES: &str = "
SELECT c.oid, CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(c.oid) END
FROM pg_class c
WHERE c.relkind = 'S' AND c.relnamespace = ANY ($1)";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.measured("row estimates", ESTIMATES).await? {
        let Some(object) = draft.object(Class::Relation, get(&row, 0)?) else { continue };
        object.measurements.row_estimate = counted(get(&row, 1)?);
        object.measurements.scans = counted(get(&row, 2)?);
    }
    for row in reader.measured("sizes of tables", SIZES).await? {
        let Some(object) = draft.object(Class::Relation, get(&row, 0)?) else { continue };
        object.measurements.size_bytes = counted(get(&row, 1)?);
    }
    let last = match reader.version {
        160_000.. => "(extract(epoch FROM s.last_idx_scan) * 1000000)::int8",
        _ => "NULL::int8",
    };
    for row in reader.measured("use of indexes", &INDEXES.replace("{last}", last)).await? {
        if let Some(index) = index(draft, get(&row, 0)?, get(&row, 1)?) {
            index.scans = counted(get(&row, 2)?);
            index.last_used_us = get(&row, 3)?;
        }
    }
    for row in reader.measured("sizes of indexes", INDEX_SIZES).await? {
        if let Some(index) = index(draft, get(&row, 0)?, get(&row, 1)?) {
            index.size_bytes = counted(get(&row, 2)?);
        }
    }
    for row in reader.measured("last values of sequences", SEQUENCES).await? {
        let Some(object) = draft.object(Class::Relation, get(&row, 0)?) else { continue };
        object.measurements.last_value = get(&row, 1)?;
    }
    Ok(())
}

fn index(draft: &mut Draft, table: u32, name: String) -> Option<&mut IndexMeasurements> {
    Some(draft.object(Class::Relation, table)?.measurements.indexes.entry(name).or_default())
}
