//! `PUT /api/v1/workspaces/{workspace}/favourites`: marks something.

use super::Item;
use crate::app::favourites;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Marks something. Nothing happens where it is marked already.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/favourites", operation_id = "add_favourite", tag = "favourites",
    params(InWorkspace), request_body = Item, responses((status = 204, description = "It is marked")))]
pub async fn handle(operation: Operation, Json(item): Json<Item>) -> Result<StatusCode, Problem> {
    favourites::add(&operation, item.target()).await?;
    Ok(StatusCode::NO_CONTENT)
}
