//! `GET /api/v1/profile/identities`: by which accounts elsewhere who asks signs in.

use crate::app::identities;
use crate::http::page::Page;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::identities::Identity;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// An account elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityView {
    /// Which link.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// At which service.
    pub service: String,
    /// The e-mail it told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When somebody last signed in by it.
    pub last_used_at: Timestamp,
}

impl IdentityView {
    fn of(identity: Identity) -> IdentityView {
        IdentityView {
            id: identity.id,
            service: identity.provider,
            email: identity.email,
            linked_at: Timestamp(identity.linked_at),
            last_used_at: Timestamp(identity.last_used_at),
        }
    }
}

/// Lists the accounts elsewhere by which who asks signs in, all in one part.
#[utoipa::path(get, path = "/api/v1/profile/identities", operation_id = "list_identities", tag = "sign_in",
    responses((status = 200, description = "Accounts elsewhere", body = Page<IdentityView>)))]
pub async fn handle(operation: Operation) -> Result<Json<Page<IdentityView>>, Problem> {
    let found = identities::list(&operation).await?;
    Ok(Json(Page::new(found.into_iter().map(IdentityView::of).collect(), None)))
}
