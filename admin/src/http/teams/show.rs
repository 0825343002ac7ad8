//! `GET /api/v1/workspaces/{workspace}/teams/{team}`: one team.

use crate::app::teams;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::teams::Team;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A group of members.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamView {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// What people call it.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub changed_at: Timestamp,
}

impl TeamView {
    /// As it is shown.
    pub(crate) fn of(team: Team) -> TeamView {
        TeamView {
            id: team.id,
            name: team.name,
            description: team.description,
            created_at: Timestamp(team.created_at),
            changed_at: Timestamp(team.changed_at),
        }
    }
}

/// Shows one team.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/teams/{team}", operation_id = "show_team", tag = "teams",
    params(InWorkspace, ("team" = String, Path, description = "Which team", format = Uuid)),
    responses((status = 200, description = "The team", body = TeamView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, team)) = place;
    let team = teams::show(&operation, team).await?;
    Ok(etag::answer(StatusCode::OK, team.version, TeamView::of(team)))
}
