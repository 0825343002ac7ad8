//! `PUT /api/v1/workspaces/{workspace}/recent`: notes that somebody opened something.

use super::Item;
use crate::app::favourites;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Notes that somebody opened something. Saved queries that are run are noted by themselves.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/recent", operation_id = "note_opened", tag = "favourites",
    params(InWorkspace), request_body = Item, responses((status = 204, description = "It is noted")))]
pub async fn handle(operation: Operation, Json(item): Json<Item>) -> Result<StatusCode, Problem> {
    favourites::opened(&operation, item.target()).await?;
    Ok(StatusCode::NO_CONTENT)
}
