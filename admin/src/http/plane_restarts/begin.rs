//! `POST /api/v1/plane-restarts`: restarts data planes one after the other.

use super::view::PlaneRestartView;
use crate::app::plane_restarts::{self, STEP_SECONDS_USUAL, Wanted};
use crate::http::etag;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which data planes are restarted, why, and within which bound.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaneRestartDraft {
    /// Why: whoever reads the activity later has nothing else.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "The new version lies on all machines"
    )]
    pub reason: String,
    /// The ids of the data planes; left out, all.
    #[schema(min_items = 1, max_items = 1000)]
    pub planes: Option<Vec<String>>,
    /// How long each may take to come back, in seconds; left out, 240.
    #[schema(minimum = 5, maximum = 3600, example = 240)]
    pub step_seconds: Option<u32>,
}

/// Has each data plane hand over to a new process of its own program path, one after the other: the next begins when the new
/// process of the one before is connected, has what is published in force and reaches its servers. It stops at the first
/// that does not in time. Those that cannot be restarted this way are steps of their own, with the reason. One at a time
/// in an instance.
#[utoipa::path(post, path = "/api/v1/plane-restarts", operation_id = "restart_planes", tag = "planes",
    request_body = PlaneRestartDraft,
    responses((status = 201, description = "It goes on by itself", body = PlaneRestartView, headers(("ETag" = String), ("Location" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<PlaneRestartDraft>) -> Result<Response, Problem> {
    let wanted = Wanted {
        reason: draft.reason,
        planes: draft.planes,
        step_seconds: draft.step_seconds.unwrap_or(STEP_SECONDS_USUAL),
    };
    let shown = plane_restarts::begin(&operation, wanted).await?;
    let location = format!("/api/v1/plane-restarts/{}", shown.restart.id);
    Ok(etag::made(&location, shown.restart.version, PlaneRestartView::of(shown)))
}
