//! `DELETE /api/v1/workspaces/{workspace}`: deletes a workspace.

use crate::app::workspaces;
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// That it is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Confirmation {
    /// The workspace's name, repeated.
    #[param(min_length = 1, max_length = 100)]
    pub confirm: String,
}

/// Deletes a workspace with everything in it, for good. What people did in it stays on record.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}", operation_id = "delete_workspace", tag = "workspaces",
    params(InWorkspace, Confirmation), responses((status = 204, description = "It is gone")))]
pub async fn handle(
    operation: Operation,
    Query(confirmation): Query<Confirmation>,
) -> Result<StatusCode, Problem> {
    workspaces::remove(&operation, &confirmation.confirm).await?;
    Ok(StatusCode::NO_CONTENT)
}
