//! `POST /api/v1/workspaces`: makes a workspace.

use super::show::WorkspaceView;
use crate::access::Role;
use crate::app::workspaces;
use crate::http::etag;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

/// A workspace to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceDraft {
    /// Its name in paths; stays the same.
    #[schema(min_length = 1, max_length = 63, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "shop")]
    pub slug: String,
    /// What people call it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Shop"
    )]
    pub name: String,
}

/// Makes a workspace; who makes it owns it.
#[utoipa::path(post, path = "/api/v1/workspaces", operation_id = "create_workspace", tag = "workspaces",
    request_body = WorkspaceDraft, responses((status = 201, description = "The workspace", body = WorkspaceView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<WorkspaceDraft>) -> Result<Response, Problem> {
    let made = workspaces::create(&operation, &draft.slug, &draft.name).await?;
    let headers = [(header::LOCATION, format!("/api/v1/workspaces/{}", made.slug))];
    let view = WorkspaceView::of(&made, Some(Role::Owner.as_str().to_owned()));
    let mut response = (StatusCode::CREATED, headers, axum::Json(view)).into_response();
    response.headers_mut().insert(header::ETAG, etag::tag(made.version));
    Ok(response)
}
