//! `POST /api/v1/tokens`: makes a token.

use super::list::TokenView;
use super::scope::Scope;
use crate::app::tokens::{self, Draft};
use crate::http::extract::Json;
use crate::http::idempotency::HoldsSecret;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenDraft {
    /// What its person calls it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "nightly report"
    )]
    pub name: String,
    /// What it shall be good for. It never has more than its person has at the time it is used.
    #[schema(min_items = 1, max_items = 16)]
    pub scopes: Vec<Scope>,
    /// The only workspace it shall be good in, by slug or id; without it, all of its person.
    #[schema(min_length = 1, max_length = 64)]
    pub workspace: Option<String>,
    /// How many days it is good.
    #[schema(minimum = 1, maximum = 366, default = 90)]
    pub expires_in_days: Option<u16>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    /// What it is.
    pub token: TokenView,
    /// What goes behind `Authorization: Bearer`. Shown this once.
    pub secret: String,
}

/// Makes a token. Its secret is in this answer and nowhere else; an `Idempotency-Key` does not repeat it.
/// No token may do this.
#[utoipa::path(post, path = "/api/v1/tokens", operation_id = "create_token", tag = "tokens", request_body = TokenDraft,
    responses((status = 201, description = "The token and its secret", body = MadeToken)))]
pub async fn handle(operation: Operation, Json(draft): Json<TokenDraft>) -> Result<Response, Problem> {
    let draft = Draft {
        name: draft.name,
        scopes: draft.scopes.into_iter().map(|Scope(word)| word).collect(),
        workspace: draft.workspace,
        days: draft.expires_in_days,
    };
    let (token, secret) = tokens::create(&operation, draft).await?;
    let made = MadeToken { token: TokenView::of(token), secret };
    let mut response = (StatusCode::CREATED, axum::Json(made)).into_response();
    response.extensions_mut().insert(HoldsSecret);
    Ok(response)
}
