//! `GET /api/v1/workspaces/{workspace}/roles/{role}`: one role of a workspace's own.

use crate::access::Capability;
use crate::app::members::known;
use crate::app::roles;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::roles::CustomRole;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A role of a workspace's own: a name for a set of capabilities.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleView {
    /// What it is given by.
    #[schema(example = "auditor")]
    pub name: String,
    /// Whom it is for.
    pub description: String,
    /// What it allows.
    pub capabilities: Vec<Capability>,
    /// How many members have it.
    pub members: i64,
}

impl RoleView {
    /// As it is shown.
    pub(crate) fn of(role: CustomRole) -> RoleView {
        RoleView {
            name: role.name,
            description: role.description,
            capabilities: known(&role.capabilities).iter().collect(),
            members: role.members,
        }
    }
}

/// Shows one role of the workspace's own.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/roles/{role}", operation_id = "show_role", tag = "roles",
    params(InWorkspace, ("role" = String, Path, description = "Its name", max_length = 40)),
    responses((status = 200, description = "The role", body = RoleView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, String)>) -> Result<Response, Problem> {
    let Path((_, role)) = place;
    let role = roles::show(&operation, &role).await?;
    Ok(etag::answer(StatusCode::OK, role.version, RoleView::of(role)))
}
