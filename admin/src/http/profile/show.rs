//! `GET /api/v1/profile`: who asks, as the state has them.

use crate::app::profile;
use crate::http::etag;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::second_factors::SecondFactor;
use admin_store::users::User;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// Which person.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Where mail reaches them.
    pub email: String,
    /// Whether they showed that it does.
    pub email_verified: bool,
    /// What others see.
    pub name: String,
    /// What the console remembers of them.
    #[schema(value_type = Object)]
    pub preferences: Value,
    /// Whether they can sign in by password.
    pub has_password: bool,
    /// What a sign-in by password asks for beside it; absent for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactorView>,
    /// Whether they are an admin of the instance.
    pub is_instance_admin: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// A second factor that holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactorView {
    /// Since when it is asked for.
    pub since: Timestamp,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
}

impl ProfileView {
    /// As they see themselves.
    pub(crate) fn of(user: User, second_factor: Option<SecondFactor>) -> ProfileView {
        let preferences = match user.preferences {
            Value::Object(fields) => Value::Object(fields),
            _ => Value::Object(Map::new()),
        };
        ProfileView {
            id: user.id,
            email: user.email,
            email_verified: user.is_email_verified,
            name: user.name,
            preferences,
            has_password: user.has_password,
            second_factor: second_factor.and_then(|found| {
                let since = Timestamp(found.confirmed_at?);
                Some(SecondFactorView { since, recovery_codes_left: found.recovery_codes })
            }),
            is_instance_admin: user.is_instance_admin,
            created_at: Timestamp(user.created_at),
        }
    }
}

/// Shows who asks.
#[utoipa::path(get, path = "/api/v1/profile", operation_id = "show_profile", tag = "profile",
    responses((status = 200, description = "Who asks", body = ProfileView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation) -> Result<Response, Problem> {
    let (user, second_factor) = profile::show(&operation).await?;
    Ok(etag::answer(StatusCode::OK, user.version, ProfileView::of(user, second_factor)))
}
