//! `POST /api/v1/workspaces/{workspace}/viewpoints`: keeps a picture of a schema.

use super::list::ViewpointView;
use crate::app::viewpoints::{self, Draft, Picture};
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A viewpoint to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewpointDraft {
    /// Of which connection's schema.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// What it is called: once for each connection, whatever the case of letters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Orders and payments"
    )]
    pub name: String,
    /// What it shows.
    pub picture: Picture,
}

/// Keeps a picture of a connection's schema, for everybody in the workspace.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/viewpoints", operation_id = "create_viewpoint", tag = "viewpoints",
    params(InWorkspace), request_body = ViewpointDraft,
    responses((status = 201, description = "The viewpoint", body = ViewpointView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<ViewpointDraft>) -> Result<Response, Problem> {
    let ViewpointDraft { connection, name, picture } = draft;
    let made = viewpoints::create(&operation, connection, Draft { name, picture }).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/viewpoints/{}", made.id);
    Ok(etag::made(&location, made.version, ViewpointView::of(made)))
}
