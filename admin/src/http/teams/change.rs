//! `PUT /api/v1/workspaces/{workspace}/teams/{team}`: changes a team.

use super::create::TeamDraft;
use super::show::TeamView;
use crate::app::teams;
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// Changes a team's name and description.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/teams/{team}", operation_id = "change_team", tag = "teams",
    params(InWorkspace, ("team" = String, Path, description = "Which team", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = TeamDraft,
    responses((status = 200, description = "The team", body = TeamView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(draft): Json<TeamDraft>,
) -> Result<Response, Problem> {
    let Path((_, team)) = place;
    let version = etag::expected(&headers)?;
    let team = teams::change(&operation, team, version, draft.draft()).await?;
    Ok(etag::answer(StatusCode::OK, team.version, TeamView::of(team)))
}
