//! `POST /api/v1/link/cancel`: for data planes that run elsewhere.

use crate::fleet::LocalCarrier;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use control::{CancelElsewhere, Carrier};

/// Brings a client's cancel to the data plane that has its session.
#[utoipa::path(post, path = "/api/v1/link/cancel", operation_id = "cancel_as_plane", tag = "link",
    request_body = Object, responses((status = 204, description = "Looked for")))]
pub async fn handle(
    operation: Operation,
    Json(said): Json<CancelElsewhere>,
) -> Result<axum::http::StatusCode, Problem> {
    let taken = LocalCarrier::elsewhere(operation.app.clone()).cancel(said).await;
    taken.map(|()| axum::http::StatusCode::NO_CONTENT).map_err(super::problem)
}
