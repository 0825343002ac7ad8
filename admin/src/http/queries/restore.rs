//! `POST …/queries/{query}/versions/{version}/restore`: makes a saved query say again what it said.

use super::show::QueryView;
use crate::app::queries;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// Makes a query say again what it said in one of its versions. That is a new version; tags, connection and visibility stay.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/queries/{query}/versions/{version}/restore", operation_id = "restore_query",
    tag = "queries", params(InWorkspace, ("query" = String, Path, description = "Which query", format = Uuid),
        ("version" = i64, Path, description = "Its number", minimum = 1),
        ("If-Match" = String, Header, description = "The version that is changed")),
    responses((status = 200, description = "The query", body = QueryView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, i64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((_, id, number)) = place;
    let version = etag::expected(&headers)?;
    let query = queries::restore(&operation, id, number, version).await?;
    Ok(etag::answer(StatusCode::OK, query.version, QueryView::of(query)?))
}
