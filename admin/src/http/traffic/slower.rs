//! `GET …/traffic/slower`: which statements have become slow.

use crate::app::traffic::{Asked, scope};
use crate::http::extract::Query;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::now_us;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which statements are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SlowerQuery {
    /// Only behind the listener with this name.
    #[param(max_length = 200)]
    pub listener: Option<String>,
    /// Only those that were called so often in the last hour, and before; 10 where nothing is said.
    #[param(minimum = 1, maximum = 1000000)]
    pub calls_min: Option<u32>,
}

/// A statement that has become slow.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlowerItem {
    /// Which.
    pub fingerprint: String,
    /// Its text, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What 95 of a hundred did not exceed in the last hour, in microseconds.
    pub p95_us: u64,
    /// The same, in the same hour of the seven days before.
    pub before_p95_us: u64,
    /// The one divided by the other.
    pub ratio: f64,
    /// How often in the last hour.
    pub calls: u64,
    /// How often in those hours before.
    pub before_calls: u64,
}

/// Statements that have become slow.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlowerView {
    /// The most so first; at most 50.
    pub items: Vec<SlowerItem>,
}

/// Lists statements that are slower in the last hour than in the same hour of the seven days before.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/traffic/slower", operation_id = "list_slower_statements", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), SlowerQuery),
    responses((status = 200, description = "Statements, the most slowed down first", body = SlowerView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<SlowerQuery>,
) -> Result<Json<SlowerView>, Problem> {
    let calls_min = query.calls_min.unwrap_or(10);
    if !(1..=1_000_000).contains(&calls_min) {
        return Err(Problem::invalid("calls_min", "must be from 1 to 1000000"));
    }
    let asked = Asked { listener: query.listener, ..Asked::default() };
    let mut scope = scope(&operation, asked).await?;
    let listeners = scope.numbers();
    let reader = &operation.app.traffic;
    let rows = reader.slower(&mut scope.tx, &listeners, now_us(), calls_min.into(), 50).await?;
    let mut statements = scope.statements(rows.iter().map(|row| row.fingerprint)).await?;
    let items = rows.into_iter().filter_map(|row| {
        let found = statements.remove(&row.fingerprint)?;
        Some(SlowerItem {
            fingerprint: found.fingerprint,
            text: found.text,
            p95_us: row.p95_us,
            before_p95_us: row.before_p95_us,
            ratio: row.ratio,
            calls: row.calls,
            before_calls: row.before_calls,
        })
    });
    Ok(Json(SlowerView { items: items.collect() }))
}
