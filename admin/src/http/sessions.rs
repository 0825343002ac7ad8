//! Where is who asks signed in?

pub mod end;
pub mod end_others;
pub mod list;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::handle, end_others::handle)).routes(routes!(end::handle))
}
