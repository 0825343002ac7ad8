//! How does somebody come back who forgot the password?

pub mod confirm;
pub mod request;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(request::handle)).routes(routes!(confirm::handle))
}
