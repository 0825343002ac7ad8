//! Who belongs to a workspace?

pub mod change;
pub mod list;
pub mod remove;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::handle)).routes(routes!(
        show::handle,
        change::handle,
        remove::handle
    ))
}
