//! `GET /api/v1/tokens`: the tokens of who asks.

use super::scope::Scope;
use crate::app::tokens;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::tokens::Token;
use admin_store::{Id, now_us};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A personal access token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// What its person calls it.
    pub name: String,
    /// Its first characters, to tell one from another.
    #[schema(example = "dgm_3ZkA91bQ")]
    pub prefix: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// The only workspace it is good in; absent for all of its person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub workspace: Option<Id>,
    /// Whether it can be used: neither revoked nor too old.
    pub is_good: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked; absent when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl TokenView {
    /// As it is shown.
    pub(crate) fn of(token: Token) -> TokenView {
        TokenView {
            is_good: tokens::is_good(&token, now_us()),
            id: token.id,
            name: token.name,
            prefix: token.prefix,
            scopes: token.scopes.into_iter().map(Scope).collect(),
            workspace: token.workspace,
            created_at: Timestamp(token.created_at),
            expires_at: token.expires_at.map(Timestamp),
            last_used_at: token.last_used_at.map(Timestamp),
            revoked_at: token.revoked_at.map(Timestamp),
        }
    }
}

/// Lists the tokens of who asks, oldest first, with those that are good no longer.
#[utoipa::path(get, path = "/api/v1/tokens", operation_id = "list_tokens", tag = "tokens", params(PageQuery),
    responses((status = 200, description = "Tokens", body = Page<TokenView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TokenView>>, Problem> {
    let page = tokens::list(&operation, query.after()?, query.limit()?).await?;
    let items = page.items.into_iter().map(TokenView::of).collect();
    Ok(Json(Page::by_id(items, page.next)))
}
