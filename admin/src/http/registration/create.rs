//! `POST /api/v1/registration`: makes an account, where anybody may.

use crate::app::people::{self, Newcomer};
use crate::http::extract::Json;
use crate::http::session::show::SessionView;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// Somebody who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewcomerDraft {
    /// Where mail reaches them.
    #[schema(min_length = 3, max_length = 254, format = Email, example = "ada@example.com")]
    pub email: String,
    /// What others see.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Ada"
    )]
    pub name: String,
    /// At least 10 characters, and none of those that are tried first.
    #[schema(min_length = 10, max_length = 1024, format = Password)]
    pub password: String,
}

impl NewcomerDraft {
    /// As the product takes it.
    pub(crate) fn newcomer(self) -> Newcomer {
        Newcomer { email: self.email, name: self.name, password: self.password }
    }
}

/// Somebody who wants an account, and what asked them here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationDraft {
    /// Where mail reaches them.
    #[schema(min_length = 3, max_length = 254, format = Email, example = "ada@example.com")]
    pub email: String,
    /// What others see.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "Ada"
    )]
    pub name: String,
    /// At least 10 characters, and none of those that are tried first.
    #[schema(min_length = 10, max_length = 1024, format = Password)]
    pub password: String,
    /// What stands behind `#` in the link of an invitation to this e-mail: the account joins that workspace.
    #[schema(min_length = 1, max_length = 200)]
    pub invitation: Option<String>,
}

/// Makes an account and its personal workspace: for anybody where registration is open, else for who was invited.
/// Sign in next.
#[utoipa::path(post, path = "/api/v1/registration", operation_id = "register", tag = "registration",
    request_body = RegistrationDraft, responses((status = 201, description = "The account is made", body = SessionView)))]
pub async fn handle(
    operation: Operation,
    Json(draft): Json<RegistrationDraft>,
) -> Result<(StatusCode, axum::Json<SessionView>), Problem> {
    let newcomer = Newcomer { email: draft.email, name: draft.name, password: draft.password };
    let invitation = draft.invitation.as_deref();
    if invitation.is_some_and(|token| token.is_empty() || token.len() > 200) {
        return Err(Problem::invalid("invitation", "must have from 1 to 200 characters"));
    }
    let user = people::register(&operation, newcomer, invitation).await?;
    Ok((StatusCode::CREATED, axum::Json(SessionView::of(&user, None, None))))
}
