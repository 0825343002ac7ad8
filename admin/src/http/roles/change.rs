//! `PUT /api/v1/workspaces/{workspace}/roles/{role}`: changes a role.

use super::show::RoleView;
use crate::access::Capability;
use crate::app::roles::{self, Draft};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A role as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// Whom it is for.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// What it allows: `view` is among them, `own_workspace` is not.
    #[schema(min_items = 1, max_items = 15)]
    pub capabilities: Vec<Capability>,
}

impl RoleChange {
    /// As the product takes it.
    pub(crate) fn draft(self) -> Draft {
        Draft { description: self.description.unwrap_or_default(), capabilities: self.capabilities }
    }
}

/// Changes what a role of the workspace's own allows: for everybody who has it, from their next request on. Nobody
/// gives or takes what they do not have.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/roles/{role}", operation_id = "change_role", tag = "roles",
    params(InWorkspace, ("role" = String, Path, description = "Its name", max_length = 40), ("If-Match" = String, Header, description = "The version that is changed")), request_body = RoleChange,
    responses((status = 200, description = "The role", body = RoleView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
    headers: HeaderMap,
    Json(wanted): Json<RoleChange>,
) -> Result<Response, Problem> {
    let Path((_, role)) = place;
    let version = etag::expected(&headers)?;
    let role = roles::change(&operation, &role, version, wanted.draft()).await?;
    Ok(etag::answer(StatusCode::OK, role.version, RoleView::of(role)))
}
