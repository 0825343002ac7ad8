//! Which queries do people keep and share?

pub mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod restore;
pub mod run;
pub mod show;
pub mod tags;
pub mod version;
pub mod versions;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, create::handle))
        .routes(routes!(tags::handle))
        .routes(routes!(show::handle, change::handle, delete::handle))
        .routes(routes!(versions::handle))
        .routes(routes!(version::handle))
        .routes(routes!(restore::handle))
        .routes(routes!(run::handle))
}
