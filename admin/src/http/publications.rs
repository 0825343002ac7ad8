//! Which rule sets are in force above a listener's file?

pub mod put;
pub mod show;
pub mod view;
pub mod withdraw;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show::handle, put::handle, withdraw::handle))
}
