//! `PUT /api/v1/workspaces/{workspace}/machines/{machine}`: changes a service or agent.

use super::show::MachineView;
use crate::app::machines::{self, Wanted};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A service or an agent as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineChange {
    /// What people call it; unique among those of the workspace.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "nightly report"
    )]
    pub name: String,
    /// What it is for.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Which member answers for it; only one that is disabled can be without.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub responsible: Option<Id>,
    /// In which role: `viewer`, `editor`, `admin`, or the name of a role of the workspace's own; never `owner`.
    #[schema(max_length = 40, example = "viewer")]
    pub role: String,
    /// When it ends; absent for never.
    pub expires_at: Option<Timestamp>,
    /// Whether its tokens are refused.
    pub is_disabled: bool,
}

/// Changes a service or agent, from its next request on. Nobody changes one that may what they may not.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/machines/{machine}", operation_id = "change_machine",
    tag = "machines", params(InWorkspace, ("machine" = String, Path, description = "Which service or agent", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = MachineChange,
    responses((status = 200, description = "The machine", body = MachineView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(wanted): Json<MachineChange>,
) -> Result<Response, Problem> {
    let Path((_, machine)) = place;
    let version = etag::expected(&headers)?;
    let wanted = Wanted {
        name: wanted.name,
        description: wanted.description.unwrap_or_default(),
        responsible: wanted.responsible,
        role: wanted.role,
        expires_at: wanted.expires_at.map(|at| at.0),
        is_disabled: wanted.is_disabled,
    };
    let machine = machines::change(&operation, machine, version, wanted).await?;
    Ok(etag::answer(StatusCode::OK, machine.version, MachineView::of(machine)))
}
