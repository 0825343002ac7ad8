//! How are the listeners of a workspace?

pub mod list;
pub mod show;
pub mod view;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::handle)).routes(routes!(show::handle))
}
