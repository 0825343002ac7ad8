//! Who has an account on this instance?

pub mod change;
pub mod list;
pub mod list_workspaces;
pub mod reset_second_factor;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle))
        .routes(routes!(show::handle, change::handle))
        .routes(routes!(reset_second_factor::handle))
        .routes(routes!(list_workspaces::handle))
}
