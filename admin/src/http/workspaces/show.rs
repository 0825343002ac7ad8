//! `GET /api/v1/workspaces/{workspace}`: one workspace.

use crate::access::Capability;
use crate::http::etag;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::workspaces::Workspace;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceView {
    /// Which.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name in paths.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// `personal`, `shared` or `gateway` (listeners may belong to it).
    #[schema(example = "shared")]
    pub kind: String,
    /// What it is for.
    pub description: String,
    /// What who asks is in it; absent for an admin of the instance who is no member.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "editor")]
    pub role: Option<String>,
    /// What who asks may do in it; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<Capability>>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl WorkspaceView {
    /// As it is shown to somebody of `role`.
    pub(crate) fn of(workspace: &Workspace, role: Option<String>) -> WorkspaceView {
        WorkspaceView {
            id: workspace.id.to_string(),
            slug: workspace.slug.clone(),
            name: workspace.name.clone(),
            kind: workspace.kind.word().to_owned(),
            description: workspace.description.clone(),
            role,
            capabilities: None,
            created_at: Timestamp(workspace.created_at),
        }
    }
}

/// Shows a workspace and what who asks may do in it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}", operation_id = "show_workspace", tag = "workspaces",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64)),
    responses((status = 200, description = "The workspace", body = WorkspaceView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation) -> Result<Response, Problem> {
    let entered = operation.entered()?;
    let mut view = WorkspaceView::of(&entered.workspace, entered.role.clone());
    view.capabilities = Some(entered.capabilities.iter().collect());
    let mut response = axum::Json(view).into_response();
    response.headers_mut().insert(header::ETAG, etag::tag(entered.workspace.version));
    Ok(response)
}
