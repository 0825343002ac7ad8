//! `GET /api/v1/profile/kept`: how much is kept of who asks?

use crate::app::privacy;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// One kind of thing that is kept of somebody.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct KeptView {
    /// `sessions`, `tokens`, `identities`, `memberships`, `invitations`, `principals`, `queries`, `runs`, `viewpoints`,
    /// `notices`, `favourites`, `recent`, `activity`.
    #[schema(example = "runs")]
    pub kind: &'static str,
    /// How many.
    pub count: i64,
    /// The moment of the oldest; absent where there is none, or they have no moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What is kept of somebody, beside the account itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptOfOneselfView {
    /// Each kind.
    pub kinds: Vec<KeptView>,
}

/// Tells how much is kept of who asks, of each kind. All of it is in the copy that `export_profile` makes.
#[utoipa::path(get, path = "/api/v1/profile/kept", operation_id = "show_kept", tag = "profile",
    responses((status = 200, description = "What is kept", body = KeptOfOneselfView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<KeptOfOneselfView>, Problem> {
    let kept = privacy::of_oneself(&operation).await?;
    let view = |one: admin_store::kept::Kept| KeptView {
        kind: one.kind,
        count: one.count,
        since: one.since.map(Timestamp),
    };
    Ok(Json(KeptOfOneselfView { kinds: kept.into_iter().map(view).collect() }))
}
