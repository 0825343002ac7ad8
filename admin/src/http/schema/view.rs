//! How are snapshots and objects shown, and how are they named in requests?

use crate::http::page::{bad_cursor, encode};
use crate::http::timestamp::Timestamp;
use crate::problem::Problem;
use admin_engines::schema::model::ObjectKey;
use admin_store::Id;
use admin_store::schema::{Entry, Snapshot};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest key of an object as it travels: names of four parts, escaped, in base64.
pub const KEY_CHARACTERS_MAX: usize = 16_384;

/// The schema as it was at one time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SnapshotView {
    /// Which.
    #[schema(format = Uuid)]
    pub id: String,
    /// When the schema was first found to be this one.
    pub taken_at: Timestamp,
    /// When it was last found to be still this one.
    pub seen_at: Timestamp,
    /// `live` for the server's catalogs, `json` or `csv` for a file.
    #[schema(example = "live")]
    pub source: String,
    /// `manual`, `schedule`, `ddl` (a statement passed that changes it) or `upload`.
    #[schema(example = "manual")]
    pub cause: String,
    /// `postgres`, `mysql`, `mariadb`, `sqlite` or `uploaded`.
    #[schema(example = "postgres")]
    pub engine: String,
    /// Its version as it says it.
    pub engine_version: String,
    /// How many objects it has.
    pub object_count: i64,
    /// How long reading them took, in microseconds.
    pub duration_us: i64,
    /// What could not be read, and why.
    pub warnings: Vec<WarningView>,
    /// Whether it stays when old ones go.
    pub pinned: bool,
}

/// What a snapshot does not hold.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WarningView {
    /// What is missing, such as `grants`.
    pub missing: String,
    /// Why, in the server's words.
    pub reason: String,
}

impl SnapshotView {
    /// As it is shown.
    pub(crate) fn of(snapshot: &Snapshot) -> SnapshotView {
        SnapshotView {
            id: snapshot.id.to_string(),
            taken_at: Timestamp(snapshot.taken_at),
            seen_at: Timestamp(snapshot.seen_at),
            source: snapshot.source.word().to_owned(),
            cause: snapshot.cause.word().to_owned(),
            engine: snapshot.engine.clone(),
            engine_version: snapshot.engine_version.clone(),
            object_count: snapshot.object_count,
            duration_us: snapshot.duration_us,
            warnings: serde_json::from_value(snapshot.warnings.clone()).unwrap_or_default(),
            pinned: snapshot.pinned,
        }
    }
}

/// An object without its definition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SchemaEntryView {
    /// What it is found by, in each snapshot.
    pub key: String,
    /// What it is: `table`, `view`, `function`, `sequence`, `enum` and others.
    #[schema(example = "table")]
    pub kind: String,
    /// The schema it is in; empty for what is in none.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How many columns it has.
    pub column_count: i64,
    /// The first line of what somebody said about it.
    pub comment: String,
    /// Rows, roughly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_estimate: Option<i64>,
    /// Bytes on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
}

impl SchemaEntryView {
    /// As it is shown.
    pub(crate) fn of(entry: &Entry) -> SchemaEntryView {
        SchemaEntryView {
            key: encode(&entry.key),
            kind: entry.kind.clone(),
            schema: entry.schema.clone(),
            name: entry.name.clone(),
            column_count: entry.column_count,
            comment: entry.comment.clone(),
            row_estimate: entry.row_estimate,
            size_bytes: entry.size_bytes,
        }
    }
}

/// Which snapshot is looked at.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SnapshotQuery {
    /// Which snapshot; the latest where nothing is said.
    #[param(format = Uuid)]
    pub snapshot: Option<String>,
}

/// The snapshot that is meant. What is no id names none.
pub(super) fn snapshot(text: Option<&str>) -> Result<Option<Id>, Problem> {
    text.map(|text| text.parse().map_err(|_| Problem::not_found("snapshot"))).transpose()
}

/// The bytes of a key as it travels.
pub(super) fn key_bytes(text: &str) -> Result<Vec<u8>, Problem> {
    if text.len() > KEY_CHARACTERS_MAX {
        return Err(Problem::not_found("object"));
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::not_found("object"))
}

/// The key that is meant.
pub(super) fn key(text: &str) -> Result<ObjectKey, Problem> {
    ObjectKey::from_bytes(&key_bytes(text)?).ok_or_else(|| Problem::not_found("object"))
}

/// A cursor of a list within a snapshot: it goes on in the same one, whatever was taken meanwhile.
pub(super) fn cursor(snapshot: Id, place: &[u8]) -> String {
    encode(&[snapshot.array().as_slice(), place].concat())
}

/// The snapshot and the place of a cursor.
pub(super) fn place(cursor: &[u8]) -> Result<(Id, &[u8]), Problem> {
    let (id, place) = cursor.split_at_checked(16).ok_or_else(bad_cursor)?;
    Ok((Id::from_bytes(id).map_err(|_| bad_cursor())?, place))
}

/// The place of a list by numbers.
pub(super) fn number(place: &[u8]) -> Result<i64, Problem> {
    place.try_into().map(i64::from_be_bytes).map_err(|_| bad_cursor())
}

/// Which snapshot is meant by a query and by where a list goes on, and where that is.
pub(super) fn going_on(
    said: Option<&str>,
    cursor: Option<&[u8]>,
) -> Result<(Option<Id>, Option<Vec<u8>>), Problem> {
    let said = snapshot(said)?;
    let Some(cursor) = cursor else { return Ok((said, None)) };
    let (of, place) = place(cursor)?;
    match said {
        Some(said) if said != of => Err(bad_cursor()),
        _ => Ok((Some(of), Some(place.to_vec()))),
    }
}
