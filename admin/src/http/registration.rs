//! How does somebody become a person here?

pub mod create;
pub mod set_up;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create::handle)).routes(routes!(set_up::handle))
}
