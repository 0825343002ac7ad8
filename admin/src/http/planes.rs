//! Which data planes does this instance have?

pub mod fleet;
pub mod forget;
pub mod list;
pub mod view;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle))
        .routes(routes!(forget::handle))
        .routes(routes!(fleet::handle))
}
