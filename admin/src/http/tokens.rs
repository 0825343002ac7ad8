//! By which tokens do programs act for who asks?

pub mod create;
pub mod list;
pub mod revoke;
pub mod scope;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::handle, create::handle)).routes(routes!(revoke::handle))
}
