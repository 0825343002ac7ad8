//! What does the ledger say?

mod conditions;
pub mod export;
pub mod facets;
pub mod marks;
pub mod report;
mod report_view;
pub mod search;
pub(crate) mod sheet;
pub mod show;
pub mod status;
pub mod verify;
pub mod wholeness;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search::handle))
        .routes(routes!(export::handle))
        .routes(routes!(facets::handle))
        .routes(routes!(status::handle))
        .routes(routes!(marks::handle))
        .routes(routes!(report::handle))
        .routes(routes!(verify::handle, verify::stop))
        .routes(routes!(show::handle))
}
