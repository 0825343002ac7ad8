//! `PUT /api/v1/workspaces/{workspace}/viewpoints/{viewpoint}`: changes a viewpoint.

use super::list::ViewpointView;
use super::show::ViewpointDetails;
use crate::app::viewpoints::{self, Draft, Picture};
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

/// A viewpoint as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewpointChange {
    /// What it is called.
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

/// Changes what a viewpoint is called and shows. Whose schema it is of stays.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/viewpoints/{viewpoint}", operation_id = "change_viewpoint",
    tag = "viewpoints", params(InWorkspace, ("viewpoint" = String, Path, description = "Which viewpoint", format = Uuid),
        ("If-Match" = String, Header, description = "The version that is changed")), request_body = ViewpointChange,
    responses((status = 200, description = "The viewpoint", body = ViewpointDetails, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(change): Json<ViewpointChange>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let expected = etag::expected(&headers)?;
    let draft = Draft { name: change.name, picture: change.picture };
    let (viewpoint, picture) = viewpoints::change(&operation, id, expected, draft).await?;
    let version = viewpoint.version;
    let details = ViewpointDetails { viewpoint: ViewpointView::of(viewpoint), picture };
    Ok(etag::answer(StatusCode::OK, version, details))
}
