//! `GET …/schema/snapshots/{snapshot}`: one snapshot.

use super::view::SnapshotView;
use crate::app::schema;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// How many objects of a kind there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindCount {
    /// The kind.
    #[schema(example = "table")]
    pub kind: String,
    /// How many.
    pub count: i64,
}

/// A snapshot and how much is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SnapshotDetails {
    /// The snapshot.
    pub snapshot: SnapshotView,
    /// How many objects of each kind it has.
    pub kinds: Vec<KindCount>,
}

/// Shows a snapshot and how many objects of each kind it has.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/snapshots/{snapshot}",
    operation_id = "show_schema_snapshot", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("snapshot" = String, Path, description = "Which snapshot", format = Uuid)),
    responses((status = 200, description = "The snapshot", body = SnapshotDetails)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, Id)>,
) -> Result<Json<SnapshotDetails>, Problem> {
    let Path((_, connection, snapshot)) = place;
    let mut looked = schema::look(&operation, connection, Some(snapshot)).await?;
    let counts = schema::counts(&mut looked).await?;
    let kinds = counts.into_iter().map(|(kind, count)| KindCount { kind, count }).collect();
    Ok(Json(SnapshotDetails { snapshot: SnapshotView::of(&looked.snapshot), kinds }))
}
