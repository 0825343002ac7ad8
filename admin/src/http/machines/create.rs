//! `POST /api/v1/workspaces/{workspace}/machines`: makes a service or agent.

use super::show::{MachineKind, MachineView};
use crate::app::machines::{self, Wanted};
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// A service or an agent to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineDraft {
    /// What it is, for good.
    pub kind: MachineKind,
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
    /// Which member answers for it; absent for who makes it.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub responsible: Option<Id>,
    /// In which role: `viewer`, `editor`, `admin`, or the name of a role of the workspace's own; never `owner`.
    #[schema(max_length = 40, example = "viewer")]
    pub role: String,
    /// When it ends; absent for never.
    pub expires_at: Option<Timestamp>,
}

/// Makes a service or an agent: a member that is no person. It has tokens of its own, cannot sign in, gets no mail and
/// approves of nothing. Nobody makes one that may what they may not.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/machines", operation_id = "create_machine",
    tag = "machines", params(InWorkspace), request_body = MachineDraft,
    responses((status = 201, description = "The machine", body = MachineView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<MachineDraft>) -> Result<Response, Problem> {
    let by = operation.person()?.user.id;
    let wanted = Wanted {
        name: draft.name,
        description: draft.description.unwrap_or_default(),
        responsible: draft.responsible.or(Some(by)),
        role: draft.role,
        expires_at: draft.expires_at.map(|at| at.0),
        is_disabled: false,
    };
    let machine = machines::create(&operation, draft.kind.stored(), wanted).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/machines/{}", machine.id);
    Ok(etag::made(&location, machine.version, MachineView::of(machine)))
}
