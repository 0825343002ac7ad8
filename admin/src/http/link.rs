//! How do data planes that run elsewhere reach this control plane?

pub mod answer;
pub mod cancel;
pub mod listen;
pub mod report;

use crate::plane::App;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listen::handle))
        .routes(routes!(report::handle))
        .routes(routes!(answer::handle))
        .routes(routes!(cancel::handle))
        .layer(DefaultBodyLimit::max(control::BODY_BYTES_MAX))
}

/// What a carrier's failure is over HTTP.
fn problem(error: control::CarrierError) -> crate::problem::Problem {
    use crate::problem::{Code, Problem};
    match error {
        control::CarrierError::Away(why) => {
            Problem::new(Code::Unavailable, "the control plane cannot take this now")
                .with_cause(why)
                .with_retry_after(1)
        }
        control::CarrierError::Refused(why) => Problem::new(Code::Conflict, why),
    }
}
