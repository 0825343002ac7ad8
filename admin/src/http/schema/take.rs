//! `POST …/schema/snapshots`: reads the schema now.

use super::view::SnapshotView;
use crate::app::schema::take;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenView {
    /// Whether the schema is another than before.
    pub is_new: bool,
    /// The latest snapshot now; the one there was where nothing changed.
    pub snapshot: SnapshotView,
}

/// An answer that says where the snapshot is.
pub(super) fn answer(
    operation: &Operation,
    connection: Id,
    taken: &take::Taken,
) -> Result<Response, Problem> {
    let slug = &operation.entered()?.workspace.slug;
    let snapshot = taken.snapshot.id;
    let location = format!("/api/v1/workspaces/{slug}/connections/{connection}/schema/snapshots/{snapshot}");
    let view = TakenView { is_new: taken.is_new, snapshot: SnapshotView::of(&taken.snapshot) };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(view)).into_response())
}

/// Reads the schema of a live database, for at most 60 seconds. A schema that did not change makes no new snapshot.
/// One of a production database needs the capability `use_production` too.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/snapshots",
    operation_id = "take_schema_snapshot", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid)),
    responses((status = 201, description = "The snapshot", body = TakenView, headers(("Location" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let taken = take::take(&operation, id).await?;
    answer(&operation, id, &taken)
}
