//! `POST /api/v1/profile/identities`: begins to link an account elsewhere.

use super::begin::with_cookie;
use crate::app::identities;
use crate::http::extract::Json;
use crate::http::idempotency::HoldsSecret;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which service's account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkDraft {
    /// Its name, as `GET /api/v1/instance` says it.
    #[schema(min_length = 1, max_length = 64)]
    pub service: String,
}

/// Where to go.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkStarted {
    /// Where the browser signs in to the service.
    pub url: String,
}

/// Begins to link an account elsewhere to who asks: the browser goes to `url`, signs in there and comes back
/// linked. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/identities", operation_id = "link_identity", tag = "sign_in",
    request_body = LinkDraft, responses((status = 200, description = "Where to go", body = LinkStarted)))]
pub async fn handle(operation: Operation, Json(draft): Json<LinkDraft>) -> Result<Response, Problem> {
    let started = identities::begin_link(&operation, &draft.service).await?;
    let mut response = axum::Json(LinkStarted { url: started.address.clone() }).into_response();
    response.extensions_mut().insert(HoldsSecret);
    Ok(with_cookie(&operation, &started, response))
}
