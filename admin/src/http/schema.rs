//! How does the schema of a known database look, and what is it used for?

pub mod diff;
pub mod list;
pub mod names;
pub mod object;
pub mod objects;
pub mod search;
pub mod show;
pub mod take;
pub mod tree;
pub mod upload;
pub mod usage;
pub mod view;

use crate::plane::App;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    let upload = OpenApiRouter::new()
        .routes(routes!(upload::handle))
        .layer(DefaultBodyLimit::max(upload::BODY_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(take::handle, list::handle))
        .routes(routes!(show::handle))
        .routes(routes!(tree::handle))
        .routes(routes!(objects::handle))
        .routes(routes!(object::handle))
        .routes(routes!(usage::handle))
        .routes(routes!(search::handle))
        .routes(routes!(names::handle))
        .routes(routes!(diff::handle))
        .merge(upload)
}
