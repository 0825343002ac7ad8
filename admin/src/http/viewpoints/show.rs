//! `GET /api/v1/workspaces/{workspace}/viewpoints/{viewpoint}`: one viewpoint and what it shows.

use super::list::ViewpointView;
use crate::app::viewpoints::{self, Picture};
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A viewpoint and what it shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewpointDetails {
    /// The viewpoint.
    pub viewpoint: ViewpointView,
    /// What it shows.
    pub picture: Picture,
}

/// Shows a viewpoint.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/viewpoints/{viewpoint}", operation_id = "show_viewpoint",
    tag = "viewpoints", params(InWorkspace, ("viewpoint" = String, Path, description = "Which viewpoint", format = Uuid)),
    responses((status = 200, description = "The viewpoint", body = ViewpointDetails, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let (viewpoint, picture) = viewpoints::show(&operation, id).await?;
    let version = viewpoint.version;
    let details = ViewpointDetails { viewpoint: ViewpointView::of(viewpoint), picture };
    Ok(etag::answer(StatusCode::OK, version, details))
}
