//! `POST /api/v1/workspaces/{workspace}/roles`: makes a role.

use super::change::RoleChange;
use super::show::RoleView;
use crate::access::Capability;
use crate::app::roles;
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A role to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleDraft {
    /// What it is given by, for good: small letters, digits and dashes.
    #[schema(min_length = 2, max_length = 40, pattern = "^[a-z][a-z0-9-]*$", example = "auditor")]
    pub name: String,
    /// Whom it is for.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// What it allows: `view` is among them, `own_workspace` is not.
    #[schema(min_items = 1, max_items = 15)]
    pub capabilities: Vec<Capability>,
}

/// Makes a role of the workspace's own. Nobody makes one that allows what they do not have.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/roles", operation_id = "create_role", tag = "roles",
    params(InWorkspace), request_body = RoleDraft,
    responses((status = 201, description = "The role", body = RoleView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<RoleDraft>) -> Result<Response, Problem> {
    let RoleDraft { name, description, capabilities } = draft;
    let draft = RoleChange { description, capabilities }.draft();
    let role = roles::create(&operation, &name, draft).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/roles/{}", role.name);
    Ok(etag::made(&location, role.version, RoleView::of(role)))
}
