//! `GET /api/v1/sessions`: where who asks is signed in.

use crate::app::sessions;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::timestamp::Timestamp;
use crate::operation::{Operation, Via};
use crate::problem::Problem;
use admin_store::Id;
use admin_store::sessions::Session;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// One place somebody is signed in at.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInView {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Whether it is the session that asks.
    pub is_current: bool,
    /// What the browser says it is.
    pub user_agent: String,
    /// Where it came from when it began.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last did something, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends, if it does nothing more.
    pub expires_at: Timestamp,
}

impl SignedInView {
    fn of(session: Session, current: Option<Id>) -> SignedInView {
        SignedInView {
            id: session.id,
            is_current: current == Some(session.id),
            user_agent: session.user_agent,
            address: session.address,
            created_at: Timestamp(session.created_at),
            last_used_at: Timestamp(session.last_used_at),
            expires_at: Timestamp(session.expires_at),
        }
    }
}

/// Lists the sessions of who asks, oldest first.
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "list_sessions", tag = "session", params(PageQuery),
    responses((status = 200, description = "Sessions", body = Page<SignedInView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SignedInView>>, Problem> {
    let current = match operation.person()?.via {
        Via::Session { id } => Some(id),
        Via::Token { .. } => None,
    };
    let page = sessions::list(&operation, query.after()?, query.limit()?).await?;
    let items = page.items.into_iter().map(|session| SignedInView::of(session, current)).collect();
    Ok(Json(Page::by_id(items, page.next)))
}
