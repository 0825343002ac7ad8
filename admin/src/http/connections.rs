//! Which databases does a workspace know?

pub mod change;
pub mod check;
pub mod create;
pub mod delete;
pub mod health;
pub mod list;
pub mod show;
pub mod test;
pub mod test_draft;
pub mod usage;
pub mod view;
pub mod words;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::handle, list::handle))
        .routes(routes!(show::handle, change::handle, delete::handle))
        .routes(routes!(test_draft::handle))
        .routes(routes!(test::handle))
        .routes(routes!(health::handle))
        .routes(routes!(check::handle))
        .routes(routes!(usage::handle))
}
