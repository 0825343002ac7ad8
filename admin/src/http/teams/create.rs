//! `POST /api/v1/workspaces/{workspace}/teams`: makes a team.

use super::show::TeamView;
use crate::app::teams::{self, Draft};
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A team to be, or as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamDraft {
    /// What people call it; unique in the workspace, in whatever case of letters.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Payments"
    )]
    pub name: String,
    /// What it is about.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
}

impl TeamDraft {
    /// As the product takes it.
    pub(crate) fn draft(self) -> Draft {
        Draft { name: self.name, description: self.description.unwrap_or_default() }
    }
}

/// Makes a team without members.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/teams", operation_id = "create_team", tag = "teams",
    params(InWorkspace), request_body = TeamDraft,
    responses((status = 201, description = "The team", body = TeamView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<TeamDraft>) -> Result<Response, Problem> {
    let team = teams::create(&operation, draft.draft()).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/teams/{}", team.id);
    Ok(etag::made(&location, team.version, TeamView::of(team)))
}
