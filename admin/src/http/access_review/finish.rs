//! `POST /api/v1/workspaces/{workspace}/access-review/done`: says that all of it was looked at.

use super::list::DoneReview;
use crate::app::access_review;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody has looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDraft {
    /// `digest` of the review that was looked at.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// What there is to say about it.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// Says that somebody has looked at who can do what, and keeps when, who and what it was. Refused when somebody may
/// something else meanwhile. No token may do it.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/access-review/done", operation_id = "finish_access_review",
    tag = "members", params(InWorkspace), request_body = ReviewDraft,
    responses((status = 201, description = "It is kept", body = DoneReview)))]
pub async fn handle(
    operation: Operation,
    Json(draft): Json<ReviewDraft>,
) -> Result<(StatusCode, axum::Json<DoneReview>), Problem> {
    let note = draft.note.unwrap_or_default();
    let done = access_review::finish(&operation, &draft.digest, &note).await?;
    Ok((StatusCode::CREATED, axum::Json(DoneReview::of(done))))
}
