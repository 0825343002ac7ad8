//! `POST /api/v1/workspaces/{workspace}/machines/{machine}/tokens`: makes a token of a service or agent.

use crate::app::machines;
use crate::http::extract::{Json, Path};
use crate::http::idempotency::HoldsSecret;
use crate::http::path::InWorkspace;
use crate::http::tokens::create::MadeToken;
use crate::http::tokens::list::TokenView;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

/// A token to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineTokenDraft {
    /// What people call it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "server 1"
    )]
    pub name: String,
    /// How many days it is good.
    #[schema(minimum = 1, maximum = 366, default = 90)]
    pub expires_in_days: Option<u16>,
}

/// Makes a token of a service or agent: good in this workspace for what its role allows at the time it is used. Its
/// secret is in this answer and nowhere else; an `Idempotency-Key` does not repeat it. No token may do this.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/machines/{machine}/tokens", operation_id = "create_machine_token",
    tag = "machines", params(InWorkspace, ("machine" = String, Path, description = "Which service or agent", format = Uuid)), request_body = MachineTokenDraft,
    responses((status = 201, description = "The token and its secret", body = MadeToken)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(draft): Json<MachineTokenDraft>,
) -> Result<Response, Problem> {
    let Path((_, machine)) = place;
    let days = draft.expires_in_days;
    let (token, secret) = machines::create_token(&operation, machine, &draft.name, days).await?;
    let made = MadeToken { token: TokenView::of(token), secret };
    let mut response = (StatusCode::CREATED, axum::Json(made)).into_response();
    response.extensions_mut().insert(HoldsSecret);
    Ok(response)
}
