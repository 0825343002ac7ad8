//! Who can do what in a workspace, when did they last, and who has looked at that?

pub mod export;
pub mod finish;
pub mod list;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::handle))
        .routes(routes!(export::handle))
        .routes(routes!(list::handle, finish::handle))
}
