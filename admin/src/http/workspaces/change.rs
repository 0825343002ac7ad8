//! `PATCH /api/v1/workspaces/{workspace}`: changes name and description.

use super::show::WorkspaceView;
use crate::app::workspaces;
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// What shall be another; what is absent stays. One of them must be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct WorkspaceChange {
    /// What people call it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        nullable = false
    )]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub name: Option<String>,
    /// What it is for.
    #[schema(max_length = 2000, nullable = false)]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub description: Option<String>,
}

/// Changes a workspace's name and description. The slug stays.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspace}", operation_id = "change_workspace", tag = "workspaces",
    params(InWorkspace, ("If-Match" = String, Header, description = "The version that is changed")),
    request_body = WorkspaceChange,
    responses((status = 200, description = "The workspace", body = WorkspaceView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    headers: HeaderMap,
    Json(wanted): Json<WorkspaceChange>,
) -> Result<Response, Problem> {
    let version = etag::expected(&headers)?;
    let edited = workspaces::change(&operation, version, wanted.name, wanted.description).await?;
    let view = WorkspaceView::of(&edited, operation.entered()?.role.clone());
    Ok(etag::answer(StatusCode::OK, edited.version, view))
}
