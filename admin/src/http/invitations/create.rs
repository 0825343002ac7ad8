//! `POST /api/v1/workspaces/{workspace}/invitations`: asks somebody to join.

use super::list::InvitationView;
use crate::app::invitations;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

/// Who is asked to join, and as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationDraft {
    /// Where the link goes.
    #[schema(min_length = 3, max_length = 254, format = Email, example = "grace@example.com")]
    pub email: String,
    /// What they will be: `viewer`, `editor`, `admin`, `owner`, or the name of a role of the workspace's own.
    #[schema(max_length = 40, example = "viewer")]
    pub role: String,
}

/// Asks somebody to join a workspace by a link that goes to their address and nowhere else. Nobody invites into a
/// role that has more than they have. A former invitation of theirs is void.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/invitations", operation_id = "create_invitation",
    tag = "invitations", params(InWorkspace), request_body = InvitationDraft,
    responses((status = 201, description = "A mail is on its way", body = InvitationView,
        headers(("Location" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<InvitationDraft>) -> Result<Response, Problem> {
    let made = invitations::create(&operation, &draft.email, &draft.role).await?;
    let slug = &operation.entered()?.workspace.slug;
    let headers = [(header::LOCATION, format!("/api/v1/workspaces/{slug}/invitations/{}", made.id))];
    Ok((StatusCode::CREATED, headers, axum::Json(InvitationView::of(made))).into_response())
}
