//! `GET …/schema/snapshots`: how did the schema look before?

use super::view::SnapshotView;
use crate::app::schema;
use crate::http::extract::{Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;

/// Lists the snapshots of a connection's schema, the latest first. The last 50 are kept.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/snapshots",
    operation_id = "list_schema_snapshots", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), PageQuery),
    responses((status = 200, description = "Snapshots", body = Page<SnapshotView>)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SnapshotView>>, Problem> {
    let Path((_, id)) = place;
    let page = schema::snapshots(&operation, id, query.after()?, query.limit()?).await?;
    Ok(Json(Page::by_id(page.items.iter().map(SnapshotView::of).collect(), page.next)))
}
