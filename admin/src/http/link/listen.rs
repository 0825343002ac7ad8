//! `POST /api/v1/link/listen`: for data planes that run elsewhere.

use crate::fleet::LocalCarrier;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use control::{Carrier, Listening};

/// Waits up to 20 seconds until there is a snapshot or a question for the data plane.
#[utoipa::path(post, path = "/api/v1/link/listen", operation_id = "listen_as_plane", tag = "link",
    request_body = Object, responses((status = 200, description = "What is new", body = Object)))]
pub async fn handle(
    operation: Operation,
    Json(listening): Json<Listening>,
) -> Result<axum::Json<control::Directions>, Problem> {
    let directions = LocalCarrier::elsewhere(operation.app.clone()).listen(listening).await;
    directions.map(axum::Json).map_err(super::problem)
}
