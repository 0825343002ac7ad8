//! `PATCH /api/v1/workspaces/{workspace}/members/{user}`: changes what a member may.

use super::show::MemberView;
use crate::access::Capability;
use crate::app::members::{self, Change};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// What shall be another; what is absent stays. One of them must be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct MemberChange {
    /// What they are in the workspace: `viewer`, `editor`, `admin`, `owner`, or the name of a role of its own.
    #[schema(nullable = false, max_length = 40, example = "editor")]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub role: Option<String>,
    /// What they may beyond the role, all of it; `own_workspace` is what owners have and nobody else.
    #[schema(max_items = 15, nullable = false)]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub capabilities: Option<Vec<Capability>>,
}

/// Changes a member's role and what they may beyond it. Nobody gives or takes what they do not have
/// themselves, and the last owner stays one.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspace}/members/{user}", operation_id = "change_member",
    tag = "members", params(InWorkspace, ("user" = String, Path, description = "Which person", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = MemberChange,
    responses((status = 200, description = "The member", body = MemberView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(wanted): Json<MemberChange>,
) -> Result<Response, Problem> {
    let Path((_, user)) = place;
    let version = etag::expected(&headers)?;
    let wanted = Change { role: wanted.role, capabilities: wanted.capabilities };
    let member = members::change(&operation, user, version, wanted).await?;
    Ok(etag::answer(StatusCode::OK, member.version, MemberView::of(&member)))
}
