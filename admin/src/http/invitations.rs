//! Who is asked to join a workspace?

pub mod accept;
pub mod create;
pub mod list;
pub mod look;
pub mod revoke;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, create::handle))
        .routes(routes!(revoke::handle))
        .routes(routes!(look::handle))
        .routes(routes!(accept::handle))
}
