//! `GET /api/v1/workspaces/{workspace}/members/{user}`: one member.

use crate::access::Capability;
use crate::app::members::{self, allowed_by_role, extra_of};
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::members::Member;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who belongs to a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// Which person.
    #[schema(value_type = String, format = Uuid)]
    pub user: Id,
    /// What others see.
    pub name: String,
    /// Where mail reaches them.
    pub email: String,
    /// What they are in the workspace: `viewer`, `editor`, `admin`, `owner`, or the name of a role of its own.
    #[schema(example = "viewer")]
    pub role: String,
    /// What the role allows.
    pub role_capabilities: Vec<Capability>,
    /// What they may beyond the role.
    pub capabilities: Vec<Capability>,
    /// Since when.
    pub joined_at: Timestamp,
    /// The group that gave it and decides over it; absent for what was given by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_group: Option<ByGroup>,
}

/// A group of a sign-in service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByGroup {
    /// The service, by its name in the settings.
    pub service: String,
    /// The group there.
    pub group: String,
}

impl MemberView {
    /// As others of the workspace see them.
    pub(crate) fn of(member: &Member) -> MemberView {
        MemberView {
            user: member.user,
            name: member.name.clone(),
            email: member.email.clone(),
            role: member.role.word().to_owned(),
            role_capabilities: allowed_by_role(member).iter().collect(),
            capabilities: extra_of(member).iter().collect(),
            joined_at: Timestamp(member.joined_at),
            by_group: None,
        }
    }

    /// The same of several, each with the group that gave it.
    pub(crate) async fn of_all(
        operation: &Operation,
        members: &[Member],
    ) -> Result<Vec<MemberView>, Problem> {
        let mut groups = members::groups_of(operation, members).await?;
        let view = |member: &Member| {
            let grant = groups.remove(&member.user);
            let by_group = grant.map(|grant| ByGroup { service: grant.provider, group: grant.group });
            MemberView { by_group, ..MemberView::of(member) }
        };
        Ok(members.iter().map(view).collect())
    }

    /// One, with the group that gave it.
    pub(crate) async fn of_one(operation: &Operation, member: &Member) -> Result<MemberView, Problem> {
        let all = MemberView::of_all(operation, std::slice::from_ref(member)).await?;
        Ok(all.into_iter().next().unwrap_or_else(|| MemberView::of(member)))
    }
}

/// Shows one member.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/members/{user}", operation_id = "show_member",
    tag = "members", params(InWorkspace, ("user" = String, Path, description = "Which person", format = Uuid)),
    responses((status = 200, description = "The member", body = MemberView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, user)) = place;
    let member = members::show(&operation, user).await?;
    let view = MemberView::of_one(&operation, &member).await?;
    Ok(etag::answer(StatusCode::OK, member.version, view))
}
