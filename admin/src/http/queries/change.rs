//! `PUT /api/v1/workspaces/{workspace}/queries/{query}`: changes a saved query.

use super::create::QueryDraft;
use super::show::QueryView;
use crate::app::queries;
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// Changes what a query says. Everybody who sees a shared one may; who sees it is its owner's to say.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/queries/{query}", operation_id = "change_query", tag = "queries",
    params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = QueryDraft,
    responses((status = 200, description = "The query", body = QueryView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(draft): Json<QueryDraft>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let version = etag::expected(&headers)?;
    let query = queries::change(&operation, id, version, draft.draft()).await?;
    Ok(etag::answer(StatusCode::OK, query.version, QueryView::of(query)?))
}
