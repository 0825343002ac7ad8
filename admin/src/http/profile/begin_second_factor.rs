//! `POST /api/v1/profile/second-factor`: begins a second factor.

use crate::app::second_factors;
use crate::http::extract::Json;
use crate::http::idempotency::HoldsSecret;
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use utoipa::ToSchema;

/// Longest password that is looked at, in bytes.
const PASSWORD_BYTES_MAX: usize = 1024;

/// That it is them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPassword {
    /// The password of who asks.
    #[schema(min_length = 1, max_length = 1024, format = Password)]
    pub password: String,
}

/// What an authenticator app needs to know.
#[derive(Serialize, ToSchema)]
pub struct BegunSecondFactor {
    /// What its codes are made from, in base32. Shown this once.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The same with issuer and account.
    #[schema(
        example = "otpauth://totp/Dragoman:ada@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Dragoman"
    )]
    pub uri: String,
    /// The URI as a QR code.
    pub qr: QrView,
}

/// A QR code: dark squares on a light ground.
#[derive(Serialize, ToSchema)]
pub struct QrView {
    /// Squares on each side, with the light frame of four that readers need.
    pub size: i32,
    /// The dark ones, as the path of an SVG picture whose `viewBox` is `0 0 size size`.
    pub path: String,
}

/// Begins a second factor of who asks: codes by time (RFC 6238). It is asked for once a code was given to
/// `confirm_second_factor`; to begin again forgets the former secret. No token may do this.
#[utoipa::path(post, path = "/api/v1/profile/second-factor", operation_id = "begin_second_factor", tag = "profile",
    request_body = OwnPassword, responses((status = 201, description = "What the app needs to know", body = BegunSecondFactor)))]
pub async fn handle(operation: Operation, Json(own): Json<OwnPassword>) -> Result<Response, Problem> {
    let begun = second_factors::begin(&operation, checked(own.password)?).await?;
    let view = BegunSecondFactor {
        secret: begun.secret.to_string(),
        uri: begun.uri.to_string(),
        qr: drawn(&begun.uri)?,
    };
    let mut response = (StatusCode::CREATED, axum::Json(view)).into_response();
    response.extensions_mut().insert(HoldsSecret);
    Ok(response)
}

/// A password of a length that can be one.
pub(crate) fn checked(password: String) -> Result<String, Problem> {
    if password.is_empty() || password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::invalid("password", "must have from 1 to 1024 bytes"));
    }
    Ok(password)
}

fn drawn(text: &str) -> Result<QrView, Problem> {
    /// The light frame around it (ISO/IEC 18004, section 6.3.8).
    const FRAME: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| Problem::new(Code::Internal, "the QR code cannot be drawn").with_cause(error))?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                let _ = write!(path, "M{} {}h{}v1H{}z", start + FRAME, y + FRAME, x - start, start + FRAME);
            }
            x += 1;
        }
    }
    Ok(QrView { size: code.size() + 2 * FRAME, path })
}
