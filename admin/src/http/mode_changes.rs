//! How does a listener get another mode for a stated time?

pub mod approve;
pub mod ask;
pub mod deny;
pub mod end;
pub mod list;
pub mod view;
pub mod withdraw;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, ask::handle))
        .routes(routes!(approve::handle))
        .routes(routes!(deny::handle))
        .routes(routes!(withdraw::handle))
        .routes(routes!(end::handle))
}
