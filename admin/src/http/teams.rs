//! Which groups do the members of a workspace form?

pub mod add_member;
pub mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod list_members;
pub mod remove_member;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, create::handle))
        .routes(routes!(show::handle, change::handle, delete::handle))
        .routes(routes!(list_members::handle))
        .routes(routes!(add_member::handle, remove_member::handle))
}
