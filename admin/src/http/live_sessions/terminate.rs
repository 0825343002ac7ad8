//! `POST /api/v1/workspaces/{workspace}/live-sessions/{session}/terminate`: ends a session.

use super::cancel::{ControlInput, ControlledView};
use crate::app::live_sessions;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use control::Wish;

/// Ends a session: what it runs is cancelled, its client is told so (PostgreSQL: SQLSTATE 57P01), both connections are
/// closed, and what its transaction did is rolled back by the server.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/live-sessions/{session}/terminate",
    operation_id = "terminate_live_session", tag = "live sessions",
    params(InWorkspace, ("session" = String, Path, description = "Which session", format = Uuid)),
    request_body = ControlInput,
    responses((status = 202, description = "The session is being ended", body = ControlledView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(input): Json<ControlInput>,
) -> Result<(StatusCode, axum::Json<ControlledView>), Problem> {
    let Path((_, session)) = place;
    let controlled = live_sessions::control(&operation, session, Wish::Terminate, input.reason).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ControlledView::of(session, controlled))))
}
