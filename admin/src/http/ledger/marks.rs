//! `GET /api/v1/workspaces/{workspace}/ledger/marks`: what do the ledgers say of themselves?

use super::conditions::Conditions;
use super::search::MissingView;
use crate::app::ledger::marks::{self, Checkpoint, EVENTS};
use crate::app::ledger::{Asked, Found, Place};
use crate::http::extract::Query;
use crate::http::page::{PageQuery, bad_cursor, encode};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Which of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LedgerMarksQuery {
    /// From this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Any of these events, with commas between them; all of them where nothing is said.
    #[param(
        max_length = 200,
        pattern = "^(checkpoint|writer[.]gap|ledger[.]removed|ledger[.]erased|writer[.]start|writer[.]stop)(,(checkpoint|writer[.]gap|ledger[.]removed|ledger[.]erased|writer[.]start|writer[.]stop)){0,5}$"
    )]
    pub events: Option<String>,
    /// Most of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// What a checkpoint says. Its signature is not verified here: `dragoman ledger verify` does that, with a key from
/// elsewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckpointMarkView {
    /// Whose ledger it is.
    #[schema(example = "dragoman-ledger/01a1ff2b-d5d4-747f-8603-cb53e7135113")]
    pub ledger: String,
    /// Records that it covers, of all writers.
    pub records: u64,
    /// Writers whose records it covers.
    pub writers: u64,
    /// The root of the tree over the last records of all writers, in base64.
    pub root: String,
    /// The segment in which the last record it covers stands.
    pub segment: String,
    /// SHA-256 of what was signed, in hexadecimal digits.
    pub digest: String,
    /// The `digest` of the checkpoint before, as this one says; zeros where there was none.
    pub previous: String,
    /// The id of the key that signed.
    #[schema(example = "9a1f03c2")]
    pub key_id: String,
    /// The whole of it with its signature. Kept elsewhere, it shows later that nothing before it was changed or removed.
    pub text: String,
}

impl CheckpointMarkView {
    fn of(read: Checkpoint) -> CheckpointMarkView {
        CheckpointMarkView {
            ledger: read.ledger,
            records: read.records,
            writers: read.writers,
            root: read.root,
            segment: read.segment,
            digest: read.digest,
            previous: read.previous,
            key_id: read.key_id,
            text: read.note,
        }
    }
}

/// Something that a ledger says of itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerMarkView {
    /// The data plane whose ledger it is in.
    pub plane: String,
    /// The record's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The event: `checkpoint`, `writer.gap`, `ledger.removed`, `ledger.erased`, `writer.start`, `writer.stop`.
    #[schema(example = "checkpoint")]
    pub event: String,
    /// Which start of the data plane wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
    /// Its number among the records of that writer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What was signed, where it is a checkpoint that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointMarkView>,
    /// Records that are missing here, where it is a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
    /// Records that were removed because they were old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<u64>,
    /// The gateway's own words: what a start found, which day was erased and by whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl LedgerMarkView {
    fn of(found: Found) -> Option<LedgerMarkView> {
        let record = found.record;
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let number = |name: &str| record.get(name).and_then(Value::as_u64);
        let removed = record.get("removed").and_then(|removed| removed.get("records"));
        Some(LedgerMarkView {
            id: text("id")?,
            at: text("ts")?.parse().ok()?,
            event: text("event")?,
            writer: text("writer"),
            seq: number("seq"),
            checkpoint: Checkpoint::of(&record).map(CheckpointMarkView::of),
            lost: number("lost"),
            removed: removed.and_then(Value::as_u64),
            note: text("note"),
            plane: found.plane,
        })
    }
}

/// What ledgers say of themselves, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerMarksView {
    /// Each. There may be none and still older ones behind `next`.
    pub items: Vec<LedgerMarkView>,
    /// Where the next part begins; absent when there is nothing older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Everything newer than this was looked at, where the search ended early because it took long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_until: Option<Timestamp>,
    /// Data planes that did not answer: theirs are missing here.
    pub incomplete: Vec<MissingView>,
}

/// Tells what the ledgers say of themselves: checkpoints, records that are missing, what was removed or erased, starts
/// and stops of their writers. They are of the whole ledger of each data plane that has listeners of the workspace.
/// That somebody looked is written into the activity.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger/marks", operation_id = "list_ledger_marks",
    tag = "ledger", params(InWorkspace, LedgerMarksQuery),
    responses((status = 200, description = "What they say, newest first", body = LedgerMarksView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<LedgerMarksQuery>,
) -> Result<Json<LedgerMarksView>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let place = |bytes: Vec<u8>| Place::of(&bytes).ok_or_else(bad_cursor);
    let after = page.cursor()?.map(place).transpose()?;
    let limit = page.limit()?;
    let conditions =
        Conditions { from: query.from, until: query.until, events: query.events, ..Conditions::default() };
    let (conditions, _) = conditions.query()?;
    if let Some(other) =
        conditions.events.iter().find(|event| EVENTS.iter().all(|one| one.as_str() != **event))
    {
        return Err(Problem::invalid(
            "events",
            format!("cannot have `{other}`: a ledger says no such thing of itself"),
        ));
    }
    let asked = Asked { query: conditions, limit, after, ..Asked::default() };
    let answer = marks::marks(&operation, asked).await?;
    let next = marks::next(&answer).map(|place| encode(&place));
    Ok(Json(LedgerMarksView {
        items: answer.found.into_iter().filter_map(LedgerMarkView::of).collect(),
        next,
        searched_until: answer.searched_until.map(Timestamp),
        incomplete: answer.incomplete.into_iter().map(MissingView::of).collect(),
    }))
}
