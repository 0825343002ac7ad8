//! `POST /api/v1/link/report`: for data planes that run elsewhere.

use crate::fleet::LocalCarrier;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use control::{Carrier, Report};

/// Takes a report of a data plane; the same one again is not counted again.
#[utoipa::path(post, path = "/api/v1/link/report", operation_id = "report_as_plane", tag = "link",
    request_body = Object, responses((status = 204, description = "Taken")))]
pub async fn handle(
    operation: Operation,
    Json(report): Json<Report>,
) -> Result<axum::http::StatusCode, Problem> {
    let taken = LocalCarrier::elsewhere(operation.app.clone()).report(report).await;
    taken.map(|()| axum::http::StatusCode::NO_CONTENT).map_err(super::problem)
}
