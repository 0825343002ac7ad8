//! `POST /api/v1/invitations/look`: what an invitation is to, before it is accepted.

use crate::app::invitations;
use crate::http::extract::Json;
use crate::http::profile::confirm_email::LinkToken;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// What an invitation is to.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationLook {
    /// Whom it was sent to: the account that accepts it must have this e-mail.
    pub email: String,
    /// What the workspace is called.
    pub workspace: String,
    /// What they will be.
    #[schema(example = "viewer")]
    pub role: String,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// Says what an invitation is to, to whoever has its link. It can be accepted still.
#[utoipa::path(post, path = "/api/v1/invitations/look", operation_id = "look_at_invitation", tag = "invitations",
    request_body = LinkToken, responses((status = 200, description = "The invitation", body = InvitationLook)))]
pub async fn handle(
    operation: Operation,
    Json(link): Json<LinkToken>,
) -> Result<axum::Json<InvitationLook>, Problem> {
    let (invitation, workspace) = invitations::look(&operation, &link.checked()?).await?;
    Ok(axum::Json(InvitationLook {
        email: invitation.email,
        workspace: workspace.name,
        role: invitation.role.word().to_owned(),
        expires_at: Timestamp(invitation.expires_at),
    }))
}
