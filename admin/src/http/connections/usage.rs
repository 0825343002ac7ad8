//! `GET /api/v1/workspaces/{workspace}/connections/{connection}/usage`: how much was done through it?

use crate::app::connections::{self, USAGE_DAYS_MAX};
use crate::http::extract::{Path, Query};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DAY_US: i64 = 86_400_000_000;
/// Days where nothing is said.
const DAYS: i64 = 30;

/// Which days are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// So many days, today included.
    #[param(minimum = 1, maximum = 400, default = 30)]
    pub days: Option<i64>,
}

/// What was done on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageDayView {
    /// The day, UTC.
    #[schema(format = Date, example = "2026-11-21")]
    pub day: String,
    /// Statements.
    pub queries: i64,
    /// Rows they gave or changed.
    pub rows: i64,
    /// Bytes of the answers.
    pub bytes: i64,
}

/// What was done through a connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageView {
    /// The days with use, in their order; others are left out.
    pub days: Vec<UsageDayView>,
    /// Statements in all.
    pub queries: i64,
    /// Rows in all.
    pub rows: i64,
    /// Bytes in all.
    pub bytes: i64,
}

/// Says how much people did through a connection, day by day. What passes a listener is told by traffic.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/usage",
    operation_id = "show_connection_usage", tag = "connections", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), UsageQuery),
    responses((status = 200, description = "What was done", body = UsageView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<UsageView>, Problem> {
    let Path((_, id)) = place;
    let days = query.days.unwrap_or(DAYS);
    if !(1..=USAGE_DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("days", format!("must be from 1 to {USAGE_DAYS_MAX}")));
    }
    let usage = connections::usage(&operation, id, days).await?;
    let mut view = UsageView { days: Vec::with_capacity(usage.len()), queries: 0, rows: 0, bytes: 0 };
    for one in usage {
        let day: String = Timestamp(one.day.saturating_mul(DAY_US)).to_string().chars().take(10).collect();
        let used = one.used;
        view.queries = view.queries.saturating_add(used.queries);
        view.rows = view.rows.saturating_add(used.rows);
        view.bytes = view.bytes.saturating_add(used.bytes);
        view.days.push(UsageDayView { day, queries: used.queries, rows: used.rows, bytes: used.bytes });
    }
    Ok(Json(view))
}
