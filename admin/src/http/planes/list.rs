//! `GET /api/v1/planes`: the data planes of the instance.

use crate::app::fleet::{self, Member};
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A data plane as it was last heard of.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneView {
    /// Its own id, kept over restarts.
    pub id: String,
    /// As people know it: its machine's name.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// When it started; absent while it has not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was first heard of.
    pub first_seen_at: Timestamp,
    /// When it was last heard of.
    pub last_seen_at: Timestamp,
    /// Whether it is connected.
    pub is_listening: bool,
    /// The snapshot of published rule sets that it acknowledged last; 0 for none.
    pub snapshot: u64,
    /// Why it did not take that; empty when it is in force.
    pub problems: Vec<String>,
    /// Sessions, refusals and events it could only count.
    pub untold: u64,
}

impl PlaneView {
    /// As it is shown.
    pub(crate) fn of(member: Member) -> PlaneView {
        let Member { plane, is_connected } = member;
        PlaneView {
            id: plane.id,
            name: plane.name,
            version: plane.version,
            started_at: Some(plane.started_at).filter(|at| *at > 0).map(Timestamp),
            first_seen_at: Timestamp(plane.first_seen_at),
            last_seen_at: Timestamp(plane.last_seen_at),
            is_listening: is_connected,
            snapshot: plane.snapshot,
            problems: plane.problems,
            untold: plane.untold,
        }
    }
}

/// The data planes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanesView {
    /// Those first heard of first.
    pub items: Vec<PlaneView>,
}

/// Lists the data planes, those first heard of first.
#[utoipa::path(get, path = "/api/v1/planes", operation_id = "list_planes", tag = "planes",
    responses((status = 200, description = "Data planes", body = PlanesView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<PlanesView>, Problem> {
    let members = fleet::list(&operation).await?;
    Ok(Json(PlanesView { items: members.into_iter().map(PlaneView::of).collect() }))
}
