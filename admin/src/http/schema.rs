//! How does the schema of a known database look, and what is it used for?

pub mod dependents;
pub mod diff;
pub mod graph;
pub mod history;
pub mod joins;
pub mod list;
pub mod names;
pub mod object;
pub mod objects;
pub mod search;
pub mod show;
pub mod tables;
pub mod take;
pub mod tree;
pub mod upload;
pub mod usage;
pub mod view;

use crate::plane::App;
use axum::extract::DefaultBodyLimit;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    let upload = OpenApiRouter::new()
        .routes(routes!(upload::handle))
        .layer(DefaultBodyLimit::max(upload::BODY_BYTES_MAX));
    // A graph of thousands of tables is a megabyte of names that pack to a tenth.
    let graph = OpenApiRouter::new().routes(routes!(graph::handle)).layer(CompressionLayer::new().gzip(true));
    OpenApiRouter::new()
        .routes(routes!(take::handle, list::handle))
        .routes(routes!(show::handle))
        .routes(routes!(tree::handle))
        .routes(routes!(objects::handle))
        .routes(routes!(object::handle))
        .routes(routes!(usage::handle))
        .routes(routes!(history::handle))
        .routes(routes!(dependents::handle))
        .routes(routes!(tables::handle))
        .routes(routes!(search::handle))
        .routes(routes!(names::handle))
        .routes(routes!(diff::handle))
        .routes(routes!(joins::handle))
        .merge(graph)
        .merge(upload)
}
