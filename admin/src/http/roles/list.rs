//! `GET /api/v1/workspaces/{workspace}/roles`: the roles of a workspace's own.

use super::show::RoleView;
use crate::app::roles;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// All of them: there are few.
#[derive(Debug, Serialize, ToSchema)]
pub struct RolesView {
    /// By name.
    pub items: Vec<RoleView>,
}

/// Lists the roles of the workspace's own by name. Viewer, editor, admin and owner, which every workspace has and
/// nobody changes, are not among them.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/roles", operation_id = "list_roles", tag = "roles",
    params(InWorkspace), responses((status = 200, description = "Roles", body = RolesView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<RolesView>, Problem> {
    let items = roles::list(&operation).await?.into_iter().map(RoleView::of).collect();
    Ok(Json(RolesView { items }))
}
