//! `GET /api/v1/workspaces/{workspace}/queries/{query}/versions`: what a saved query said over time.

use super::version::QueryVersionView;
use crate::app::queries;
use crate::http::extract::{Path, Query};
use crate::http::page::{Page, PageQuery, bad_cursor};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Lists the versions of a query, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/queries/{query}/versions", operation_id = "list_query_versions",
    tag = "queries", params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid), PageQuery),
    responses((status = 200, description = "Versions", body = Page<QueryVersionView>)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<QueryVersionView>>, Problem> {
    let Path((_, id)) = place;
    let before = match query.cursor()? {
        Some(bytes) => Some(i64::from_be_bytes(bytes.try_into().map_err(|_| bad_cursor())?)),
        None => None,
    };
    let page = queries::versions(&operation, id, before, query.limit()?).await?;
    let items = page.items.into_iter().map(QueryVersionView::of).collect::<Result<_, _>>()?;
    let next = page.next.map(i64::to_be_bytes);
    Ok(Json(Page::new(items, next.as_ref().map(<[u8; 8]>::as_slice))))
}
