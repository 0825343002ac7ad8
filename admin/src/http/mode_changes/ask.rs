//! `POST /api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes`: asks for another mode for a stated time.

use super::view::{ModeChangeView, ModeWord};
use crate::app::mode_changes::{self, MINUTES_USUAL, Wanted};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which mode is asked for, for how long, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeChangeDraft {
    /// The mode meanwhile.
    pub mode: ModeWord,
    /// How long, in minutes; left out, half an hour.
    #[schema(minimum = 1, maximum = 1440, example = 30)]
    pub minutes: Option<u32>,
    /// Why: who approves reads it, and so does whoever reads the ledger later.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Orders are stuck, and the mend is refused"
    )]
    pub reason: String,
}

/// Asks for another mode of a listener whose file says `mode_changes = true`. `enforce` begins at once for who may
/// publish rules; everything else waits an hour at the most for somebody else to approve.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/mode-changes", operation_id = "ask_mode_change", tag = "listeners",
    params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200)),
    request_body = ModeChangeDraft,
    responses((status = 201, description = "The change", body = ModeChangeView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
    Json(draft): Json<ModeChangeDraft>,
) -> Result<Response, Problem> {
    let Path((_, listener)) = place;
    let wanted = Wanted {
        enforces: draft.mode == ModeWord::Enforce,
        minutes: draft.minutes.unwrap_or(MINUTES_USUAL),
        reason: draft.reason,
    };
    let shown = mode_changes::ask(&operation, &listener, wanted).await?;
    Ok(etag::answer(StatusCode::CREATED, shown.change.version, ModeChangeView::of(shown)))
}
