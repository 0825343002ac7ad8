//! `GET /api/v1/packs`: the shipped rule sets.

use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use policies::PACKS;
use serde::Serialize;
use utoipa::ToSchema;

/// The packs by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PacksView {
    /// Their names.
    #[schema(example = json!(["read-only", "production"]))]
    pub items: Vec<String>,
}

/// Lists the names of the shipped rule sets. No other rule set can have one of them.
#[utoipa::path(get, path = "/api/v1/packs", operation_id = "list_packs", tag = "packs",
    responses((status = 200, description = "Packs", body = PacksView)))]
pub async fn handle(_: Operation, Query(NoQuery {}): Query<NoQuery>) -> Result<Json<PacksView>, Problem> {
    Ok(Json(PacksView { items: PACKS.iter().map(ToString::to_string).collect() }))
}
