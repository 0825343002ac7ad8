//! `GET /api/v1/users/{user}`: one person of the instance.

use crate::app::users;
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::users::User;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody with an account, as admins of the instance see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Where mail reaches them; empty for who was erased.
    pub email: String,
    /// Whether they showed that it does.
    pub email_verified: bool,
    /// What others see; empty for who was erased.
    pub name: String,
    /// Whether they are an admin of the instance.
    pub is_instance_admin: bool,
    /// Whether they may not come in.
    pub is_disabled: bool,
    /// Whether a sign-in by password asks them for a code as well.
    pub has_second_factor: bool,
    /// When they were forgotten; absent for who was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
    /// When they last did something, to the minute; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl AccountView {
    /// As it is shown.
    pub(crate) fn of(user: User) -> AccountView {
        AccountView {
            id: user.id,
            email: user.email,
            email_verified: user.is_email_verified,
            name: user.name,
            is_instance_admin: user.is_instance_admin,
            is_disabled: user.is_disabled,
            has_second_factor: user.has_second_factor,
            erased_at: user.erased_at.map(Timestamp),
            last_seen_at: user.last_seen_at.map(Timestamp),
            created_at: Timestamp(user.created_at),
        }
    }
}

/// Shows one person of the instance.
#[utoipa::path(get, path = "/api/v1/users/{user}", operation_id = "show_user", tag = "users", params(("user" = String, Path, description = "Which person", format = Uuid)),
    responses((status = 200, description = "The person", body = AccountView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, Path(user): Path<Id>) -> Result<Response, Problem> {
    let user = users::show(&operation, user).await?;
    Ok(etag::answer(StatusCode::OK, user.version, AccountView::of(user)))
}
