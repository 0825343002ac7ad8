//! What do people run, how do they stop it, and what did they run before?

pub mod cancel;
pub mod check;
pub mod create;
pub mod draft;
pub mod explain;
pub mod export;
pub mod list;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, create::handle))
        .routes(routes!(show::handle, cancel::handle))
        .routes(routes!(explain::handle))
        .routes(routes!(check::handle))
        .routes(routes!(export::handle))
}
