//! `POST /api/v1/invitations/accept`: joins a workspace.

use crate::app::invitations;
use crate::http::extract::Json;
use crate::http::profile::confirm_email::LinkToken;
use crate::http::workspaces::show::WorkspaceView;
use crate::operation::Operation;
use crate::problem::Problem;

/// Joins a workspace by an invitation to one's own e-mail, which is confirmed by that. Works once; who is a member
/// already keeps the role. No token may do this. Who has no account yet registers with the invitation.
#[utoipa::path(post, path = "/api/v1/invitations/accept", operation_id = "accept_invitation", tag = "invitations",
    request_body = LinkToken, responses((status = 200, description = "The workspace", body = WorkspaceView)))]
pub async fn handle(
    operation: Operation,
    Json(link): Json<LinkToken>,
) -> Result<axum::Json<WorkspaceView>, Problem> {
    let (workspace, role) = invitations::accept(&operation, &link.checked()?).await?;
    Ok(axum::Json(WorkspaceView::of(&workspace, Some(role.word().to_owned()))))
}
