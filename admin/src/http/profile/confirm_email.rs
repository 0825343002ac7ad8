//! `POST /api/v1/profile/email/confirmation`: confirms an address.

use crate::app::resets;
use crate::http::extract::Json;
use crate::http::session::show::{PersonView, SessionView};
use crate::operation::Operation;
use crate::problem::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

/// What stands behind `#` in the link that was sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// It.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
}

impl LinkToken {
    /// The secret, if it can be one.
    pub(crate) fn checked(self) -> Result<String, Problem> {
        if self.token.is_empty() || self.token.len() > 200 {
            return Err(Problem::invalid("token", "must have from 1 to 200 characters"));
        }
        Ok(self.token)
    }
}

/// Confirms an address by the link that was sent there. Works once, and only for who asked. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/email/confirmation", operation_id = "confirm_email", tag = "profile",
    request_body = LinkToken, responses((status = 200, description = "Who asks", body = PersonView)))]
pub async fn handle(
    operation: Operation,
    Json(link): Json<LinkToken>,
) -> Result<axum::Json<PersonView>, Problem> {
    let user = resets::confirm_email(&operation, &link.checked()?).await?;
    Ok(axum::Json(SessionView::of(&user, None, None).person))
}
