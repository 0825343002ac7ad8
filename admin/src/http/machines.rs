//! Which services and agents act in a workspace?

pub mod change;
pub mod create;
pub mod create_token;
pub mod delete;
pub mod list;
pub mod list_tokens;
pub mod revoke_token;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, create::handle))
        .routes(routes!(show::handle, change::handle, delete::handle))
        .routes(routes!(list_tokens::handle, create_token::handle))
        .routes(routes!(revoke_token::handle))
}
