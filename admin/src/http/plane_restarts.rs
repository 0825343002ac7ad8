//! How are data planes restarted one after the other?

pub mod begin;
pub mod cancel;
pub mod list;
pub mod show;
pub mod view;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, begin::handle))
        .routes(routes!(show::handle))
        .routes(routes!(cancel::handle))
}
