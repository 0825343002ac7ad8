//! Which data planes does this instance have?

pub mod drain;
pub mod fleet;
pub mod forget;
pub mod list;
pub mod undrain;
pub mod view;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle))
        .routes(routes!(forget::handle))
        .routes(routes!(drain::handle))
        .routes(routes!(undrain::handle))
        .routes(routes!(fleet::handle))
}
