//! `GET /api/v1/workspaces/{workspace}/invitations`: who was asked to join.

use crate::app::invitations;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::invitations::Invitation;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody was asked to join.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationView {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Who.
    pub email: String,
    /// In which role.
    #[schema(example = "viewer")]
    pub role: String,
    /// By whom; absent when that person is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub invited_by: Option<Id>,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// When it was accepted; absent when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
}

impl InvitationView {
    /// As it is shown.
    pub(crate) fn of(invitation: Invitation) -> InvitationView {
        InvitationView {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role.word().to_owned(),
            invited_by: invitation.invited_by,
            created_at: Timestamp(invitation.created_at),
            expires_at: Timestamp(invitation.expires_at),
            accepted_at: invitation.accepted_at.map(Timestamp),
        }
    }
}

/// Lists who was asked to join a workspace, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/invitations", operation_id = "list_invitations",
    tag = "invitations", params(InWorkspace, PageQuery),
    responses((status = 200, description = "Invitations", body = Page<InvitationView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<InvitationView>>, Problem> {
    let page = invitations::list(&operation, query.after()?, query.limit()?).await?;
    let items = page.items.into_iter().map(InvitationView::of).collect();
    Ok(Json(Page::by_id(items, page.next)))
}
