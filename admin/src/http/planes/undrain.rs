//! `POST /api/v1/planes/{plane}/undrain`: has a data plane take sessions again.

use super::view::DrainView;
use crate::app::drains;
use crate::http::extract::{Json, Path};
use crate::operation::Operation;
use crate::problem::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

/// Why a data plane is brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndrainDraft {
    /// Why: whoever reads the activity later has nothing else.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "The machine is back"
    )]
    pub reason: String,
}

/// Has a data plane open its ports and be ready again. Where a port cannot be opened it stays drained, and the answer says
/// why.
#[utoipa::path(post, path = "/api/v1/planes/{plane}/undrain", operation_id = "undrain_plane", tag = "planes",
    params(("plane" = String, Path, description = "The data plane's id", min_length = 1, max_length = 255)),
    request_body = UndrainDraft,
    responses((status = 200, description = "It takes sessions", body = DrainView)))]
pub async fn handle(
    operation: Operation,
    Path(plane): Path<String>,
    Json(draft): Json<UndrainDraft>,
) -> Result<axum::Json<DrainView>, Problem> {
    Ok(axum::Json(DrainView::of(drains::take_back(&operation, &plane, &draft.reason).await?)))
}
