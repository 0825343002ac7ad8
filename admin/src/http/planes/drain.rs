//! `POST /api/v1/planes/{plane}/drain`: has a data plane take no more sessions.

use super::view::DrainView;
use crate::app::drains::{self, ACCEPT_SECONDS_USUAL, Wanted};
use crate::http::extract::{Json, Path};
use crate::operation::Operation;
use crate::problem::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

/// Why a data plane is drained, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrainDraft {
    /// Why: whoever reads the activity later has nothing else.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Its machine gets a new kernel"
    )]
    pub reason: String,
    /// For so long it goes on accepting while `/readyz` says that it is not ready; left out, 15.
    #[schema(minimum = 0, maximum = 3600, example = 15)]
    pub accept_seconds: Option<u32>,
    /// So long after that, sessions that are idle outside a transaction are ended; left out, never.
    #[schema(minimum = 0, maximum = 86400)]
    pub end_idle_after_seconds: Option<u32>,
}

/// Has a data plane say at `/readyz` that it is not ready, and after a while accept no more connections. Sessions that are
/// open go on. It stays so until it is told otherwise, or another process takes its place.
#[utoipa::path(post, path = "/api/v1/planes/{plane}/drain", operation_id = "drain_plane", tag = "planes",
    params(("plane" = String, Path, description = "The data plane's id", min_length = 1, max_length = 255)),
    request_body = DrainDraft,
    responses((status = 200, description = "How far it is", body = DrainView)))]
pub async fn handle(
    operation: Operation,
    Path(plane): Path<String>,
    Json(draft): Json<DrainDraft>,
) -> Result<axum::Json<DrainView>, Problem> {
    let wanted = Wanted {
        reason: draft.reason,
        accept_seconds: draft.accept_seconds.unwrap_or(ACCEPT_SECONDS_USUAL),
        end_idle_after_seconds: draft.end_idle_after_seconds,
    };
    Ok(axum::Json(DrainView::of(drains::drain(&operation, &plane, wanted).await?)))
}
