//! `PUT /api/v1/workspaces/{workspace}/listeners/{listener}/publication`: publishes rule sets for a listener.

use super::show::{PublicationView, answer};
use crate::app::publications::{self, Wanted};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be published for a listener.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationDraft {
    /// Packs and rule sets of the workspace by name, in order. They come behind those of the listener's
    /// file.
    #[schema(value_type = std::collections::BTreeSet<String>, max_items = 32, example = json!(["production", "shop"]))]
    pub policies: Vec<String>,
    /// Whether what is refused does not pass; left out, that is left to the listener's file. A file that
    /// enforces goes on enforcing.
    pub enforces: Option<bool>,
    /// What is said about it in the activity.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// Publishes rule sets for a listener whose file says `managed = true`. All connected data planes take them
/// within seconds.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/publication", operation_id = "publish_to_listener",
    tag = "publications", request_body = PublicationDraft,
    params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200),
        ("If-Match" = String, Header, description = "The version that is changed")),
    responses((status = 200, description = "What is published", body = PublicationView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, String)>,
    headers: HeaderMap,
    Json(draft): Json<PublicationDraft>,
) -> Result<Response, Problem> {
    let Path((_, listener)) = place;
    let version = etag::expected(&headers)?;
    let note = draft.note.unwrap_or_default();
    let wanted = Wanted { enforces: draft.enforces, policies: draft.policies, note };
    publications::put(&operation, &listener, version, wanted).await?;
    answer(&operation, &listener, StatusCode::OK).await
}
