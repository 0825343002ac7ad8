//! `GET /api/v1/health`: is the control plane alive, and can it use its state?

use crate::http::extract::Query;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the control plane is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: String,
    /// `away` while a secret store that keeps the master key does not answer: what needs no stored secret goes on.
    /// Absent where no store keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ok")]
    pub secret_store: Option<String>,
}

/// No query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// Says that the control plane is alive and can use its state.
#[utoipa::path(get, path = "/api/v1/health", operation_id = "show_health", tag = "instance",
    responses((status = 200, description = "It is", body = Health)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<Health>, Problem> {
    operation.app.store.read().await?.commit().await?;
    let store = operation.app.vault.key_store();
    let secret_store = store.map(|store| if store.is_away() { "away" } else { "ok" }.to_owned());
    Ok(Json(Health { status: "ok".to_owned(), secret_store }))
}
