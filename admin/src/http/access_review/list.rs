//! `GET /api/v1/workspaces/{workspace}/access-review/done`: the reviews that somebody has done.

use crate::app::access_review;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::access_review::Done;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A review that somebody has done.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneReview {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// By whom; absent for who is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub by: Option<Id>,
    /// What they are called now; absent for who was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What they said about it.
    pub note: String,
    /// How many members they saw.
    pub members: i64,
    /// How many tokens.
    pub tokens: i64,
    /// SHA-256 of who could do what by what.
    pub digest: String,
}

impl DoneReview {
    /// As it is shown.
    pub(crate) fn of(one: Done) -> DoneReview {
        DoneReview {
            id: one.id,
            by: one.by,
            by_name: one.by_name,
            at: Timestamp(one.at),
            note: one.note,
            members: one.members,
            tokens: one.tokens,
            digest: one.digest,
        }
    }
}

/// Lists the reviews of who can do what that somebody has done, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/access-review/done", operation_id = "list_access_reviews",
    tag = "members", params(InWorkspace, PageQuery),
    responses((status = 200, description = "Reviews", body = Page<DoneReview>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<DoneReview>>, Problem> {
    let page = access_review::done(&operation, query.after()?, query.limit()?).await?;
    Ok(Json(Page::by_id(page.items.into_iter().map(DoneReview::of).collect(), page.next)))
}
