//! `GET /api/v1/workspaces/{workspace}/principals/{principal}`: one name on the wire.

use crate::app::principals;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::principals::{Kind, Principal};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What stands behind a name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// Somebody.
    Person,
    /// A program that does what it was written for.
    Service,
    /// A program that decides by itself what to do.
    Agent,
}

impl PrincipalKind {
    /// As the state has it.
    pub(crate) fn stored(self) -> Kind {
        match self {
            PrincipalKind::Person => Kind::Person,
            PrincipalKind::Service => Kind::Service,
            PrincipalKind::Agent => Kind::Agent,
        }
    }

    /// As it is shown.
    pub(crate) fn of(kind: Kind) -> PrincipalKind {
        match kind {
            Kind::Person => PrincipalKind::Person,
            Kind::Service => PrincipalKind::Service,
            Kind::Agent => PrincipalKind::Agent,
        }
    }
}

/// A name on the wire and who it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrincipalView {
    /// Which link.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// At this listener; absent for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listener: Option<String>,
    /// With this database user.
    pub database_user: String,
    /// Of this application; absent for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// What stands behind it.
    pub kind: PrincipalKind,
    /// Which person it is, or whose program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub user: Option<Id>,
    /// What people call it.
    pub label: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub changed_at: Timestamp,
}

impl PrincipalView {
    /// As it is shown.
    pub(crate) fn of(principal: Principal) -> PrincipalView {
        PrincipalView {
            id: principal.id,
            listener: principal.wire.listener,
            database_user: principal.wire.database_user,
            application: principal.wire.application,
            kind: PrincipalKind::of(principal.meaning.kind),
            user: principal.meaning.user,
            label: principal.meaning.label,
            created_at: Timestamp(principal.created_at),
            changed_at: Timestamp(principal.changed_at),
        }
    }
}

/// Shows one name on the wire and who it is.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/principals/{principal}", operation_id = "show_principal",
    tag = "principals", params(InWorkspace, ("principal" = String, Path, description = "Which link", format = Uuid)),
    responses((status = 200, description = "The link", body = PrincipalView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let principal = principals::show(&operation, id).await?;
    Ok(etag::answer(StatusCode::OK, principal.version, PrincipalView::of(principal)))
}
