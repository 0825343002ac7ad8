//! What did people do?

pub mod export;
pub mod list;
pub mod list_instance;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle))
        .routes(routes!(export::handle))
        .routes(routes!(list_instance::handle))
}
