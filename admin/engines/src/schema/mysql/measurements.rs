//! How often are tables and indexes used, as far as the server counts?

use super::super::CatalogError;
use super::super::model::KeyGroup;
use super::draft::Draft;
use super::reader::Reader;

/// Where the performance schema is off it has no rows; most accounts may not read it. An empty name of an
/// index stands for reading without one.
const USES: &str = "
SELECT OBJECT_SCHEMA, OBJECT_NAME, INDEX_NAME, COUNT_READ
FROM performance_schema.table_io_waits_summary_by_index_usage
WHERE OBJECT_SCHEMA IN ({schemas})";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.measured("use of indexes", USES).await? {
        let place = row.place("OBJECT_SCHEMA", "OBJECT_NAME");
        let Some(object) = draft.object(KeyGroup::Relation, place) else { continue };
        match row.filled("INDEX_NAME") {
            Some(index) => {
                object.measurements.indexes.entry(index).or_default().scans = row.count("COUNT_READ");
            }
            None => object.measurements.scans = row.count("COUNT_READ"),
        }
    }
    Ok(())
}
