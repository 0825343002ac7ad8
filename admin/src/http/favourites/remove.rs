//! `DELETE /api/v1/workspaces/{workspace}/favourites`: takes a mark away.

use super::{Item, ItemKind};
use crate::app::favourites;
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which mark.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MarkQuery {
    /// What is marked.
    pub kind: ItemKind,
    /// Which one.
    #[param(min_length = 1, max_length = 500, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$")]
    pub target: String,
}

/// Takes a mark away. Nothing happens where there is none.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/favourites", operation_id = "remove_favourite",
    tag = "favourites", params(InWorkspace, MarkQuery), responses((status = 204, description = "It is not marked")))]
pub async fn handle(operation: Operation, Query(query): Query<MarkQuery>) -> Result<StatusCode, Problem> {
    let item = Item { kind: query.kind, target: query.target };
    favourites::remove(&operation, item.target()).await?;
    Ok(StatusCode::NO_CONTENT)
}
