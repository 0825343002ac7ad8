//! Which rule sets are shipped with the program?

pub mod list;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::handle)).routes(routes!(show::handle))
}
