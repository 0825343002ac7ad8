//! Which roles has a workspace?

pub mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::handle, create::handle)).routes(routes!(
        show::handle,
        change::handle,
        delete::handle
    ))
}
