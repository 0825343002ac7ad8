//! `GET /api/v1/workspaces/{workspace}/ledger`: looks for records.

use super::conditions::with_conditions;
use crate::app::ledger::{self, Asked, Found, Missing, Place};
use crate::http::extract::Query;
use crate::http::page::{PageQuery, bad_cursor, encode};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use control::LedgerQuery;
use serde::Serialize;
use utoipa::ToSchema;

/// Records of one part where nothing is said.
const LIMIT: u32 = 50;
with_conditions! {
    /// Which records. Every condition must hold.
    pub struct LedgerSearch {
        /// Most records of this part.
        #[param(minimum = 1, maximum = 500, default = 50)]
        pub limit: Option<u32>,
        /// Where the part before ended: `next` of its answer.
        #[param(max_length = 1024)]
        pub cursor: Option<String>,
    }
}

/// A record and where it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerRecordView {
    /// The data plane whose ledger it is in.
    pub plane: String,
    /// The ledger's own line: an object whose fields the documentation of the ledger names.
    #[schema(value_type = Object)]
    pub record: serde_json::Value,
}

impl LedgerRecordView {
    /// As it is shown.
    pub(super) fn of(found: Found) -> LedgerRecordView {
        LedgerRecordView { plane: found.plane, record: found.record }
    }
}

/// A data plane that did not answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MissingView {
    /// The data plane's id.
    pub plane: String,
    /// As people know it.
    pub plane_name: String,
    /// Why.
    pub reason: String,
}

impl MissingView {
    /// As it is shown.
    pub(crate) fn of(missing: Missing) -> MissingView {
        MissingView { plane: missing.plane, plane_name: missing.name, reason: missing.reason }
    }
}

/// Records, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerView {
    /// The records. There may be none and still older ones behind `next`.
    pub items: Vec<LedgerRecordView>,
    /// Where the next part begins; absent when there is nothing older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Everything newer than this was looked at, where the search ended early because it took long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_until: Option<Timestamp>,
    /// Records that were read for this answer.
    pub records_read: u64,
    /// Data planes that did not answer: their records are missing here.
    pub incomplete: Vec<MissingView>,
}

/// Looks for records of the workspace's listeners in the ledgers of all data planes that have any, newest
/// first. That somebody looked, and for what, is written into the activity.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger", operation_id = "search_ledger", tag = "ledger",
    params(InWorkspace, LedgerSearch),
    responses((status = 200, description = "Records, newest first", body = LedgerView)))]
pub async fn handle(
    operation: Operation,
    Query(search): Query<LedgerSearch>,
) -> Result<Json<LedgerView>, Problem> {
    let page = PageQuery { limit: None, cursor: search.cursor.clone() };
    let place = |bytes: Vec<u8>| Place::of(&bytes).ok_or_else(bad_cursor);
    let after = page.cursor()?.map(place).transpose()?;
    let limit = search.limit.unwrap_or(LIMIT);
    if !(1..=LedgerQuery::RECORDS_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be from 1 to {}", LedgerQuery::RECORDS_MAX)));
    }
    let (query, listeners) = search.conditions().query()?;
    let asked = Asked { query: LedgerQuery { limit, ..query }, listeners, limit, after, ..Asked::default() };
    let answer = ledger::search(&operation, asked).await?;
    let missing = answer.incomplete.into_iter();
    Ok(Json(LedgerView {
        items: answer.found.into_iter().map(LedgerRecordView::of).collect(),
        next: answer.next.map(|place| encode(&place.bytes())),
        searched_until: answer.searched_until.map(Timestamp),
        records_read: answer.records_read,
        incomplete: missing.map(MissingView::of).collect(),
    }))
}
