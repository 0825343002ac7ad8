//! `GET /api/v1/packs/{pack}`: the text of a shipped rule set.

use crate::http::extract::Path;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A shipped rule set.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackView {
    /// Its name.
    #[schema(example = "production")]
    pub name: String,
    /// The document, TOML.
    pub text: String,
}

/// Shows a shipped rule set, which explains itself.
#[utoipa::path(get, path = "/api/v1/packs/{pack}", operation_id = "show_pack", tag = "packs",
    params(("pack" = String, Path, description = "The pack's name", min_length = 1, max_length = 64)),
    responses((status = 200, description = "The pack", body = PackView)))]
pub async fn handle(_: Operation, Path(pack): Path<String>) -> Result<Json<PackView>, Problem> {
    let text = policies::pack(&pack).ok_or_else(|| Problem::not_found("pack"))?;
    Ok(Json(PackView { name: pack, text: text.to_owned() }))
}
