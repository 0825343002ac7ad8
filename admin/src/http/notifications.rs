//! What is somebody told of without asking?

pub mod list;
pub mod mark;
pub mod settings;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle))
        .routes(routes!(mark::handle))
        .routes(routes!(settings::show, settings::change))
}
