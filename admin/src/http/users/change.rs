//! `PATCH /api/v1/users/{user}`: says who may come in, and who is an admin of the instance.

use super::show::AccountView;
use crate::app::users::{self, Standing};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

/// What shall be another; what is absent stays. One of them must be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct UserChange {
    /// Whether they are an admin of the instance.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub is_instance_admin: Option<bool>,
    /// Whether they may not come in.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "crate::http::extract::present")]
    pub is_disabled: Option<bool>,
}

/// Says whether a person may come in and is an admin of the instance. Who may not any more is out at once; the
/// last admin stays.
#[utoipa::path(patch, path = "/api/v1/users/{user}", operation_id = "change_user", tag = "users",
    params(("user" = String, Path, description = "Which person", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = UserChange,
    responses((status = 200, description = "The person", body = AccountView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    Path(user): Path<Id>,
    headers: HeaderMap,
    Json(wanted): Json<UserChange>,
) -> Result<Response, Problem> {
    let version = etag::expected(&headers)?;
    let standing = Standing { is_instance_admin: wanted.is_instance_admin, is_disabled: wanted.is_disabled };
    let user = users::set_standing(&operation, user, version, standing).await?;
    Ok(etag::answer(StatusCode::OK, user.version, AccountView::of(user)))
}
