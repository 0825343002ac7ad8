//! Which workspaces are there?

pub mod change;
pub mod create;
pub mod delete;
pub mod leave;
pub mod list;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::handle, list::handle))
        .routes(routes!(show::handle, change::handle, delete::handle))
        .routes(routes!(leave::handle))
}
