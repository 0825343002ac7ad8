//! What else is known of one object: how was it in other snapshots, and which definitions name it?

use super::Hash;
use super::entries::{Entry, read};
use super::ingest::key_digest;
use crate::page::PAGE_ROWS_MAX;
use crate::row::Values;
use crate::{Id, Result, StoreError, Tx};
use serde_json::Value;

/// An object in one snapshot of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectVersion {
    /// Which snapshot.
    pub snapshot: Id,
    /// When the schema was first found to be this one.
    pub taken_at: i64,
    /// When it was last found to be still this one.
    pub seen_at: i64,
    /// The digest of the object's definition; `None` where the snapshot does not have it.
    pub hash: Option<Hash>,
}

/// The object of that key in the snapshots of a connection, the latest first.
pub async fn versions(tx: &mut Tx, connection: Id, key: &[u8]) -> Result<Vec<ObjectVersion>> {
    let rows = sqlx::query(
        "SELECT s.id, s.taken_at, s.seen_at, e.hash FROM schema_snapshots s LEFT JOIN schema_entries e \
         ON e.snapshot = s.id AND e.key_digest = $2 WHERE s.connection = $1 ORDER BY s.id DESC LIMIT $3",
    )
    .bind(connection.bytes())
    .bind(key_digest(key))
    .bind(PAGE_ROWS_MAX)
    .fetch_all(tx.on())
    .await?;
    let hash = |bytes: Vec<u8>| {
        Hash::try_from(bytes.as_slice())
            .map_err(|_| StoreError::Damaged("a digest is not 32 bytes".to_owned()))
    };
    rows.iter()
        .map(|row| {
            Ok(ObjectVersion {
                snapshot: row.id("id")?,
                taken_at: row.int("taken_at")?,
                seen_at: row.int("seen_at")?,
                hash: row.bytes_opt("hash")?.map(hash).transpose()?,
            })
        })
        .collect()
}

/// Definitions that are read at once, and how many are looked into for one name: more than nearly any schema has.
const READ_AT_ONCE: i64 = 100;
const READ_MAX: i64 = 50_000;

/// Objects in whose definitions a name stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mentions {
    /// They, with their definitions, in the order of entries.
    pub found: Vec<(Entry, Value)>,
    /// Whether there may be more.
    pub is_cut: bool,
}

/// Objects of a snapshot in whose definitions `name` stands, in whatever place and case: more than really mean it. At
/// most `limit`. The definitions are looked through here: the two databases differ in what they take for one letter.
pub async fn mentions(tx: &mut Tx, snapshot: Id, name: &str, limit: usize) -> Result<Mentions> {
    let (wanted, mut mentions) = (as_written(name), Mentions::default());
    let (mut after, mut read_so_far) = (-1, 0);
    loop {
        let rows = sqlx::query(
            "SELECT e.ordinal, e.object_key, e.kind, e.schema_name, e.name, e.hash, e.column_count, e.comment, \
             m.row_estimate, m.size_bytes, o.body FROM schema_entries e JOIN schema_objects o ON o.hash = e.hash \
             LEFT JOIN schema_measurements m ON m.snapshot = e.snapshot AND m.ordinal = e.ordinal \
             WHERE e.snapshot = $1 AND e.ordinal > $2 ORDER BY e.ordinal LIMIT $3",
        )
        .bind(snapshot.bytes())
        .bind(after)
        .bind(READ_AT_ONCE)
        .fetch_all(tx.on())
        .await?;
        let Some(last) = rows.last() else { return Ok(mentions) };
        for row in &rows {
            if !row.text("body")?.to_lowercase().contains(&wanted) {
                continue;
            }
            if mentions.found.len() >= limit {
                mentions.is_cut = true;
                return Ok(mentions);
            }
            mentions.found.push((read(row)?, row.json("body")?));
        }
        after = last.int("ordinal")?;
        read_so_far += READ_AT_ONCE;
        if read_so_far >= READ_MAX {
            mentions.is_cut = true;
            return Ok(mentions);
        }
    }
}

/// A name as it stands within a definition, which is JSON, in small letters.
fn as_written(name: &str) -> String {
    let text = Value::from(name).to_string().to_lowercase();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::as_written;

    #[test]
    fn a_name_is_looked_for_as_it_is_written() {
        for (name, written) in [
            ("Orders", "orders"),
            ("100%!_", "100%!_"),
            ("a\"b\\c\n", "a\\\"b\\\\c\\n"),
            ("Größe", "größe"),
            ("ÄRGER", "ärger"),
        ] {
            assert_eq!(as_written(name), written, "{name:?}");
        }
    }
}
