//! How does somebody sign in with another service?

pub mod begin;
pub mod finish;
pub mod link;
pub mod list;
pub mod unlink;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin::handle))
        .routes(routes!(finish::handle))
        .routes(routes!(list::handle, link::handle))
        .routes(routes!(unlink::handle))
}
