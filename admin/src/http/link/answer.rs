//! `POST /api/v1/link/answer`: for data planes that run elsewhere.

use crate::fleet::LocalCarrier;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use control::{Carrier, PlaneAnswer};

/// Takes a data plane's answer to a question.
#[utoipa::path(post, path = "/api/v1/link/answer", operation_id = "answer_as_plane", tag = "link",
    request_body = Object, responses((status = 204, description = "Taken")))]
pub async fn handle(
    operation: Operation,
    Json(said): Json<PlaneAnswer>,
) -> Result<axum::http::StatusCode, Problem> {
    let taken = LocalCarrier::elsewhere(operation.app.clone()).answer(&said.plane, said.answer).await;
    taken.map(|()| axum::http::StatusCode::NO_CONTENT).map_err(super::problem)
}
