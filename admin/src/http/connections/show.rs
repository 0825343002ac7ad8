//! `GET /api/v1/workspaces/{workspace}/connections/{connection}`: one known database.

use super::view::ConnectionView;
use crate::app::connections;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use axum::response::Response;

/// Shows a connection and how it is.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}", operation_id = "show_connection",
    tag = "connections", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid)),
    responses((status = 200, description = "The connection", body = ConnectionView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let connection = connections::show(&operation, id).await?;
    Ok(etag::answer(StatusCode::OK, connection.version, ConnectionView::of(&connection)?))
}
