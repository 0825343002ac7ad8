//! `PUT /api/v1/workspaces/{workspace}/principals/{principal}`: changes a link.

use super::create::PrincipalDraft;
use super::show::PrincipalView;
use crate::app::principals;
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// Changes which name on the wire is meant and who it is.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/principals/{principal}", operation_id = "change_principal",
    tag = "principals", params(InWorkspace, ("principal" = String, Path, description = "Which link", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")), request_body = PrincipalDraft,
    responses((status = 200, description = "The link", body = PrincipalView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(draft): Json<PrincipalDraft>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let version = etag::expected(&headers)?;
    let (wire, meaning) = draft.parts();
    let edited = principals::change(&operation, id, version, &wire, &meaning).await?;
    Ok(etag::answer(StatusCode::OK, edited.version, PrincipalView::of(edited)))
}
