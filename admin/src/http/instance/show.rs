//! `GET /api/v1/instance`: what somebody must know before they sign in.

use crate::operation::Operation;
use crate::problem::Problem;
use crate::settings::Registration;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The instance, as everybody may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Instance {
    /// The program's version.
    pub version: String,
    /// `open`, `invited` or `closed`.
    #[schema(example = "invited")]
    pub registration: String,
    /// Services people can sign in with.
    pub sign_in: Vec<String>,
}

/// Says who may register and by which services people sign in.
#[utoipa::path(get, path = "/api/v1/instance", operation_id = "show_instance", tag = "instance",
    responses((status = 200, description = "The instance", body = Instance)))]
pub async fn handle(operation: Operation) -> Result<Json<Instance>, Problem> {
    let settings = &operation.app.settings;
    let registration = match settings.registration {
        Registration::Open => "open",
        Registration::Invited => "invited",
        Registration::Closed => "closed",
    };
    Ok(Json(Instance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        registration: registration.to_owned(),
        sign_in: settings.sign_in.iter().map(|service| service.name.clone()).collect(),
    }))
}
