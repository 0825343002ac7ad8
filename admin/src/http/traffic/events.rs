//! `GET …/events`: what the gateway did itself.

use crate::app::traffic::{Asked, scope};
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Something the gateway did.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// When.
    pub at: Timestamp,
    /// The ledger's word for it: `policy.changed`, `mode.changed`, `limit.hit`, `ddl`, …
    pub event: String,
    /// The listener it is about.
    pub listener: String,
    /// The gateway's own words.
    pub note: String,
}

/// Lists what the gateway did itself to the listeners of the workspace, the latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/events", operation_id = "list_events", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), PageQuery),
    responses((status = 200, description = "Events", body = Page<EventView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<EventView>>, Problem> {
    let (limit, after) = (query.limit()?, query.after()?);
    let mut scope = scope(&operation, Asked::default()).await?;
    let listeners = scope.numbers();
    let found = traffic::events(&mut scope.tx, &listeners, false, after, limit.into()).await?;
    let items = found.items.into_iter().map(|row| EventView {
        at: Timestamp(row.at),
        listener: row.listener.map(|number| scope.name(number)).unwrap_or_default(),
        event: row.event,
        note: row.note,
    });
    let next = found.next.map(|id| id.array());
    Ok(Json(Page::new(items.collect(), next.as_ref().map(<[u8; 16]>::as_slice))))
}
