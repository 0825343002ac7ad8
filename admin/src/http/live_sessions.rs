//! Which sessions are open now, and who ends one?

pub mod cancel;
pub mod list;
pub mod terminate;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle))
        .routes(routes!(cancel::handle))
        .routes(routes!(terminate::handle))
}
