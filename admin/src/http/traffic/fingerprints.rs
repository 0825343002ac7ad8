//! `GET …/fingerprints`: statements by their words, tables and class.

use super::traffic_query;
use crate::app::traffic::{Scope, scope};
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery, bad_cursor};
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{Fingerprint, Search};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

traffic_query! {
    /// Which statements are asked for. What is said of time and callers does not matter here.
    FingerprintsQuery {
        /// Most items of this part.
        #[param(minimum = 1, maximum = 200, default = 50)]
        limit: Option<u32>,
        /// Where the part before ended.
        #[param(max_length = 1024)]
        cursor: Option<String>,
    }
}

/// A statement without its literals.
#[derive(Debug, Serialize, ToSchema)]
pub struct FingerprintView {
    /// Names it.
    #[schema(example = "1-8ca5ea4f9ec4b1bc")]
    pub fingerprint: String,
    /// Its text; absent while no data plane has told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it does: `read`, `write`, `ddl`, …; empty while the text is missing.
    pub class: String,
    /// The tables its words name.
    pub tables: Vec<String>,
    /// Where it was seen.
    pub listeners: Vec<SeenView>,
}

/// A listener where a statement was seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeenView {
    /// The listener's name.
    pub listener: String,
    /// When first.
    pub first_seen_at: Timestamp,
    /// In which minute last.
    pub last_seen_at: Timestamp,
}

impl FingerprintView {
    /// As it is shown.
    pub(super) fn of(found: Fingerprint, scope: &Scope) -> FingerprintView {
        let listeners = found.listeners.iter().map(|seen| SeenView {
            listener: scope.name(seen.listener),
            first_seen_at: Timestamp(seen.first_seen_at),
            last_seen_at: Timestamp(seen.last_seen_at),
        });
        FingerprintView {
            listeners: listeners.collect(),
            fingerprint: found.fingerprint,
            text: found.text,
            class: found.class,
            tables: found.tables,
        }
    }
}

/// Finds statements, those that came up last first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/fingerprints", operation_id = "list_fingerprints", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), FingerprintsQuery),
    responses((status = 200, description = "Statements", body = Page<FingerprintView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<FingerprintsQuery>,
) -> Result<Json<Page<FingerprintView>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let (limit, after) = (page.limit()?, page.cursor()?);
    let after = match after {
        None => None,
        Some(bytes) => Some(i64::from_be_bytes(bytes.try_into().map_err(|_| bad_cursor())?)),
    };
    let mut scope = scope(&operation, query.asked()).await?;
    let Some(filter) = scope.filter.clone() else { return Ok(Json(Page::new(Vec::new(), None))) };
    let search = Search { listeners: scope.numbers(), filter, after, limit: limit as usize };
    let found = operation.app.traffic.search(&mut scope.tx, &search).await?;
    let next = found.next.map(i64::to_be_bytes);
    let items = found.items.into_iter().map(|one| FingerprintView::of(one, &scope)).collect();
    Ok(Json(Page::new(items, next.as_ref().map(<[u8; 8]>::as_slice))))
}
