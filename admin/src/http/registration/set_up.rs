//! `POST /api/v1/setup`: makes the first admin with the one-time link.

use super::create::NewcomerDraft;
use crate::app::setup;
use crate::http::extract::Json;
use crate::http::session::create::signed_in;
use crate::http::session::show::SessionView;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// The link's secret and who takes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpDraft {
    /// What stands behind `#` in the link that the control plane printed at its start.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
    /// Who becomes the first admin.
    pub person: NewcomerDraft,
}

/// Makes the first admin of the instance and signs them in. Works once, and only while nobody is there.
#[utoipa::path(post, path = "/api/v1/setup", operation_id = "set_up", tag = "registration",
    request_body = SetUpDraft, responses((status = 201, description = "Signed in", body = SessionView)))]
pub async fn handle(operation: Operation, Json(draft): Json<SetUpDraft>) -> Result<Response, Problem> {
    if draft.token.is_empty() || draft.token.len() > 200 {
        return Err(Problem::invalid("token", "must have from 1 to 200 characters"));
    }
    let begun = setup::take(&operation, &draft.token, draft.person.newcomer()).await?;
    Ok(signed_in(&operation, &begun))
}
