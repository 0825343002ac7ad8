//! `PATCH /api/v1/profile`: changes name and preferences of who asks.

use super::show::ProfileView;
use crate::app::profile;
use crate::http::etag;
use crate::http::extract::Json;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What shall be another; what is absent stays. One of them must be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct ProfileChange {
    /// What others see.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x20\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$",
        nullable = false
    )]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub name: Option<String>,
    /// What the console remembers of them, all of it; at most 16 KiB.
    #[schema(value_type = Option<Object>, nullable = false)]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub preferences: Option<Map<String, Value>>,
}

/// Changes the name and the preferences of who asks.
#[utoipa::path(patch, path = "/api/v1/profile", operation_id = "change_profile", tag = "profile", params(("If-Match" = String, Header, description = "The version that is changed")),
    request_body = ProfileChange,
    responses((status = 200, description = "Who asks", body = ProfileView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    headers: HeaderMap,
    Json(wanted): Json<ProfileChange>,
) -> Result<Response, Problem> {
    let version = etag::expected(&headers)?;
    let preferences = wanted.preferences.map(Value::Object);
    let (user, second_factor) = profile::change(&operation, version, wanted.name, preferences).await?;
    Ok(etag::answer(StatusCode::OK, user.version, ProfileView::of(user, second_factor)))
}
