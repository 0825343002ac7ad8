//! What does somebody know and change about themselves?

pub mod begin_second_factor;
pub mod change;
pub mod change_email;
pub mod change_password;
pub mod confirm_email;
pub mod confirm_second_factor;
pub mod erase;
pub mod export;
pub mod kept;
pub mod remove_second_factor;
pub mod renew_recovery_codes;
pub mod show;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::handle, change::handle, erase::handle))
        .routes(routes!(change_password::handle))
        .routes(routes!(change_email::handle))
        .routes(routes!(confirm_email::handle))
        .routes(routes!(begin_second_factor::handle))
        .routes(routes!(confirm_second_factor::handle))
        .routes(routes!(remove_second_factor::handle))
        .routes(routes!(renew_recovery_codes::handle))
        .routes(routes!(export::handle))
        .routes(routes!(kept::handle))
}
