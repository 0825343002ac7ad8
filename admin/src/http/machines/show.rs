//! `GET /api/v1/workspaces/{workspace}/machines/{machine}`: one service or agent.

use crate::app::machines;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::machines::{Kind, Machine};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MachineKind {
    /// A program that does what it was written to do.
    Service,
    /// A program that decides by itself what it does.
    Agent,
}

impl MachineKind {
    /// As the API says it.
    pub(crate) fn of(kind: Kind) -> MachineKind {
        match kind {
            Kind::Service => MachineKind::Service,
            Kind::Agent => MachineKind::Agent,
        }
    }

    /// As it is kept.
    pub(crate) fn stored(self) -> Kind {
        match self {
            MachineKind::Service => Kind::Service,
            MachineKind::Agent => Kind::Agent,
        }
    }
}

/// A service or an agent: a member that is no person.
#[derive(Debug, Serialize, ToSchema)]
pub struct MachineView {
    /// Which; what `actor` of the activity names.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// What it is.
    pub kind: MachineKind,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Which member answers for it; absent for nobody any more: it is disabled until another is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub responsible: Option<Id>,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible_name: Option<String>,
    /// Whether they may not sign in: until they may, or another is named, its tokens are refused.
    pub is_responsible_disabled: bool,
    /// In which role.
    #[schema(example = "viewer")]
    pub role: String,
    /// When it ends; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether its tokens are refused.
    pub is_disabled: bool,
    /// When a token of its was last used, to the minute; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl MachineView {
    /// As it is shown.
    pub(crate) fn of(machine: Machine) -> MachineView {
        MachineView {
            id: machine.id,
            kind: MachineKind::of(machine.kind),
            name: machine.name,
            description: machine.description,
            responsible: machine.responsible,
            responsible_name: machine.responsible_name,
            is_responsible_disabled: machine.is_responsible_disabled,
            role: machine.role.word().to_owned(),
            expires_at: machine.expires_at.map(Timestamp),
            is_disabled: machine.is_disabled,
            last_used_at: machine.last_used_at.map(Timestamp),
            created_at: Timestamp(machine.created_at),
        }
    }
}

/// Shows one service or agent.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/machines/{machine}", operation_id = "show_machine",
    tag = "machines", params(InWorkspace, ("machine" = String, Path, description = "Which service or agent", format = Uuid)),
    responses((status = 200, description = "The machine", body = MachineView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, machine)) = place;
    let machine = machines::show(&operation, machine).await?;
    Ok(etag::answer(StatusCode::OK, machine.version, MachineView::of(machine)))
}
