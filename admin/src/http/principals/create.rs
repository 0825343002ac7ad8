//! `POST /api/v1/workspaces/{workspace}/principals`: links a name on the wire.

use super::show::{PrincipalKind, PrincipalView};
use crate::app::principals;
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::principals::{Meaning, Wire};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which sessions on the wire are meant, and who that is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrincipalDraft {
    /// At this listener; absent for any.
    #[schema(min_length = 1, max_length = 256)]
    pub listener: Option<String>,
    /// With this database user.
    #[schema(min_length = 1, max_length = 256, example = "shop_web")]
    pub database_user: String,
    /// Of this application; absent for any.
    #[schema(min_length = 1, max_length = 256)]
    pub application: Option<String>,
    /// What stands behind it.
    pub kind: PrincipalKind,
    /// Which person it is, or whose program: a member of the workspace.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub user: Option<Id>,
    /// What people call it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Shop website"
    )]
    pub label: String,
}

impl PrincipalDraft {
    /// As the product takes it.
    pub(crate) fn parts(self) -> (Wire, Meaning) {
        let wire = Wire {
            listener: self.listener,
            database_user: self.database_user,
            application: self.application,
        };
        (wire, Meaning { kind: self.kind.stored(), user: self.user, label: self.label })
    }
}

/// Links a name on the wire to a person, a service or an agent. The link that says most about a session counts.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/principals", operation_id = "create_principal",
    tag = "principals", params(InWorkspace), request_body = PrincipalDraft,
    responses((status = 201, description = "The link", body = PrincipalView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<PrincipalDraft>) -> Result<Response, Problem> {
    let (wire, meaning) = draft.parts();
    let made = principals::create(&operation, &wire, &meaning).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/principals/{}", made.id);
    Ok(etag::made(&location, made.version, PrincipalView::of(made)))
}
