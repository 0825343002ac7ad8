//! `GET /api/v1/instance/activity`: what people did anywhere.

use super::list::{ActivityEntry, ActivityQuery, part};
use crate::http::extract::Query;
use crate::http::page::Page;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;

/// Lists what people did on the whole instance, latest first.
#[utoipa::path(get, path = "/api/v1/instance/activity", operation_id = "list_instance_activity", tag = "activity",
    params(ActivityQuery), responses((status = 200, description = "Entries", body = Page<ActivityEntry>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<Page<ActivityEntry>>, Problem> {
    part(&operation, &query).await
}
