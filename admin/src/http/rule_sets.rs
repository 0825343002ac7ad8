//! How are rule sets written, tried and published?

pub mod cases;
pub mod change;
pub mod check;
pub mod create;
pub mod delete;
pub mod discard_draft;
pub mod list;
pub mod outline;
pub mod publish;
pub mod replay;
pub mod roll_back;
pub mod save_draft;
pub mod show;
pub mod show_draft;
pub mod version;
pub mod versions;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, create::handle))
        .routes(routes!(show::handle, change::handle, delete::handle))
        .routes(routes!(show_draft::handle, save_draft::handle, discard_draft::handle))
        .routes(routes!(versions::handle))
        .routes(routes!(version::handle))
        .routes(routes!(check::handle))
        .routes(routes!(cases::handle))
        .routes(routes!(replay::handle))
        .routes(routes!(publish::handle))
        .routes(routes!(roll_back::handle))
}
